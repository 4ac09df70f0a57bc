"""What the workers' handlers work with, over real parts and the real sandbox."""

from pathlib import Path
from zoneinfo import ZoneInfo

from workers.handlers import Workshop


def workshop(catalogue, objects, clock, sandbox, tmp_path: Path) -> Workshop:
    """A workshop of its own below this folder."""
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return Workshop(
        catalogue=catalogue,
        objects=objects,
        clock=clock,
        zone=ZoneInfo("Asia/Baku"),
        sandbox=sandbox,
        scratch=scratch,
        rebuild=lambda: 0,
    )
