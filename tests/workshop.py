"""What the workers' handlers work with, over real parts and the real sandbox."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive.sandbox.check import choose
from workers.handlers import Workshop


def workshop(catalogue, objects, clock, tmp_path: Path) -> Workshop:
    """A workshop of its own below this folder; without a rung of the sandbox the test is skipped."""
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
