"""Named fault points: where a test may stop a process dead or let a disk fail, to prove that nothing acknowledged is lost.

A point is armed by a file of its name in the folder given to `arm`; reaching it removes the file and ends the process as
`kill -9` would. A second file, `<name>.again`, lets the process that comes after it die there too. `<name>.eio` at a place
where a disk is used makes that one use fail as a broken disk does. Without a folder (the normal case) a point is one
comparison.
"""

import errno
import os
from pathlib import Path

EXIT_STATUS = 70
AGAIN, BROKEN = ".again", ".eio"

_folder: Path | None = None


def arm(folder: Path | None) -> None:
    """Watch this folder for armed points in this process; None disarms."""
    global _folder  # noqa: PLW0603 - one switch per process, read by every writer
    _folder = folder


def point(name: str) -> None:
    """Die here if a test armed this point; each arming counts once."""
    if _folder is not None and (_disarmed(name + AGAIN) or _disarmed(name)):
        os._exit(EXIT_STATUS)


def disk(name: str) -> None:
    """Raise OSError (EIO) if a test broke this use of a disk; each breaking counts once."""
    if _folder is not None and _disarmed(name + BROKEN):
        raise OSError(errno.EIO, os.strerror(errno.EIO), name)


def _disarmed(name: str) -> bool:
    assert _folder is not None
    try:
        (_folder / name).unlink()
    except FileNotFoundError:
        return False
    return True
