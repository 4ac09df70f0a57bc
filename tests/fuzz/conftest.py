"""A seed that is printed, and a workshop, for files that nobody made on purpose."""

import os
import random
from pathlib import Path

import pytest
from workshop import workshop

from workers.handlers import Workshop


@pytest.fixture
def seed() -> int:
    """A seed that is printed, so that a run can be had again."""
    return int(os.environ.get("FUZZ_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture
def shop(catalogue, objects, clock, sandbox, tmp_path: Path) -> Workshop:
    return workshop(catalogue, objects, clock, sandbox, tmp_path)
