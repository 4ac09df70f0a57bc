"""Processes die while uploads run: the house heals by itself and keeps every promise."""

import random
from pathlib import Path

import pytest
from chaos import torment
from running_house import running_house, wait_for

pytestmark = pytest.mark.xdist_group("house")


def test_nothing_is_lost_or_doubled_when_any_process_dies(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    with running_house(tmp_path / "house") as house:
        report = torment(house, seed=seed, uploads=8, kills=8, largest=3_000_000)
        print(f"\n{report}")
        assert report.faults == [], house.log()[-3000:]
        assert house.stop() == 0
        wait_for(lambda: not house.orphans(), 10, "no process is without a parent")
