"""A workshop over real parts and the real sandbox, for files that nobody made on purpose."""

import random
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive.sandbox.check import choose
from workers.handlers import Workshop


@pytest.fixture
def seed() -> int:
    """A seed that is printed, so that a run can be had again."""
    import os

    return int(os.environ.get("FUZZ_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture
def shop(catalogue, objects, clock, tmp_path: Path) -> Workshop:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    sandbox, reports = choose(tmp_path / "choosing")
    if sandbox.rung is None:
        pytest.skip(f"no rung of the sandbox works here: {reports}")
    return Workshop(
        catalogue=catalogue,
        objects=objects,
        clock=clock,
        zone=ZoneInfo("Asia/Baku"),
        sandbox=sandbox,
        scratch=scratch,
        rebuild=lambda: 0,
    )
