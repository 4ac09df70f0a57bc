"""Processes of the house: each dies with its parent, one house runs once on a machine."""

import ctypes
import fcntl
import os
import signal
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.errors import Misconfigured

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def die_with_parent(parent: int | None = None) -> None:
    """Be killed when the process (thread) that started this one ends; at once when `parent` (a pid) is gone already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of whatever below this process loses its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def end_orphans(known: AbstractSet[int]) -> bool:
    """Kill and bury the children that are not among the known; whether there were any."""
    lists = Path("/proc/self/task").glob("*/children")
    found = {int(pid) for one in lists for pid in one.read_text().split()} - known
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return bool(found)


@contextmanager
def only_one(home: Path, name: str, *, setting: str = "MEDIATEKA_HOME") -> Iterator[None]:
    """Hold a lock on a folder while a role is filled; Misconfigured, naming its setting, when another process fills it."""
    home.mkdir(mode=0o750, parents=True, exist_ok=True)
    descriptor = os.open(home / f".{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(
                f"{setting}: another {name} process works in {home} already"
            ) from None
        yield
    finally:
        os.close(descriptor)
