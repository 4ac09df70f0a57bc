"""A workshop for jobs that are run in the test's own process."""

from pathlib import Path

import pytest
from workshop import workshop

from workers.handlers import Workshop


@pytest.fixture
def shop(catalogue, objects, clock, sandbox, tmp_path: Path) -> Workshop:
    return workshop(catalogue, objects, clock, sandbox, tmp_path)
