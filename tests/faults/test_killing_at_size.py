"""F1 at the size of a pull request: 40 uploads while processes of every role are killed; `make faults` asks for it."""

import os
import random
from pathlib import Path

import pytest
from chaos import torment
from running_house import running_house, wait_for

pytestmark = pytest.mark.xdist_group("house")
UPLOADS = int(os.environ.get("FAULT_UPLOADS", "0"))
KILLS = int(os.environ.get("FAULT_KILLS", "20"))


@pytest.mark.skipif(not UPLOADS, reason="minutes long: `make faults` sets FAULT_UPLOADS")
@pytest.mark.parametrize("run", [1, 2])
def test_many_uploads_survive_many_kills(tmp_path: Path, run: int) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"\nrun {run}, seed {seed}")
    with running_house(tmp_path / "house") as house:
        report = torment(house, seed=seed, uploads=UPLOADS, kills=KILLS, largest=10_000_000)
        print(report)
        assert report.faults == [], house.log()[-3000:]
        assert house.stop() == 0
        wait_for(lambda: not house.orphans(), 10, "no process is without a parent")
