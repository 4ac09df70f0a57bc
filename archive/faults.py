"""Named fault points: where a test may stop a process dead, to prove that nothing acknowledged is lost.

A point is armed by a file of its name in the folder given to `arm`; reaching it removes the file and ends the process as
`kill -9` would. Without a folder (the normal case) a point is one comparison.
"""

import os
from pathlib import Path

EXIT_STATUS = 70

_folder: Path | None = None


def arm(folder: Path | None) -> None:
    """Watch this folder for armed points in this process; None disarms."""
    global _folder  # noqa: PLW0603 - one switch per process, read by every writer
    _folder = folder


def point(name: str) -> None:
    """Die here if a test armed this point; each arming counts once."""
    if _folder is None:
        return
    try:
        (_folder / name).unlink()
    except FileNotFoundError:
        return
    os._exit(EXIT_STATUS)
