"""A bounded folder of copies to lend as local files: the least recently used goes first, never one that is lent.

Several processes may share the folder. A copy is whole or absent: written aside, then linked to its name. Whoever lends one holds a shared
lock on it, whoever writes or removes one an exclusive lock, so that a process that dies lets go of all it held.
"""

import errno
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archive.errors import NoRoom, ObjectsUnavailable

_PART = ".part"
_FULL = {errno.ENOSPC, errno.EDQUOT}

Pieces = Callable[[], Iterator[bytes]]


class Cache:
    """Copies by name. More than `budget_bytes` lie there only while more than that is lent or fetched at once."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes

    @contextmanager
    def lend(self, name: str, size_bytes: int, pieces: Pieces) -> Iterator[Path]:
        """Lend the copy of this name, fetched from `pieces` where it is not there whole.

        Valid inside the `with` block. NoRoom when the disk is full, ObjectsUnavailable when another number of bytes came.
        """
        path = self._folder / name
        with _translated():
            while (held := self._held(path, size_bytes)) is None:
                self._fetch(path, size_bytes, pieces)
        try:
            yield path
        finally:
            os.close(held)
            with _translated():
                self._make_room(0)

    def tidy(self, older_than: datetime) -> int:
        """Remove what fetchers that died before this instant left behind; returns how many."""
        found = [path for path, stat in self._entries() if _is_older(path, stat, older_than)]
        return sum(_remove_unless_held(path) for path in found)

    def _held(self, path: Path, size_bytes: int) -> int | None:
        """A descriptor that keeps the copy from going; None when it is not there, or not whole."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if not _is_at(descriptor, path):
            os.close(descriptor)
            return None
        if os.fstat(descriptor).st_size != size_bytes:
            path.unlink(missing_ok=True)
            os.close(descriptor)
            return None
        os.utime(descriptor)  # used at this moment
        return descriptor

    def _fetch(self, path: Path, size_bytes: int, pieces: Pieces) -> None:
        """Put a copy in place, unless another process just did: theirs may be lent already and is not replaced."""
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._make_room(size_bytes)
        aside = self._folder / f"{secrets.token_hex(16)}{_PART}"
        try:
            with aside.open("xb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                _fill(file, size_bytes, pieces)
                aside.chmod(0o440)
                with suppress(FileExistsError):
                    os.link(aside, path)
        finally:
            aside.unlink(missing_ok=True)

    def _make_room(self, coming_bytes: int) -> None:
        """Remove the least recently used copies that nobody holds until so many bytes fit into the budget."""
        for path, stat in self._entries():
            if path.suffix == _PART and stat.st_size:  # a fetcher that lives holds its part
                _remove_unless_held(path)
        entries = self._entries()
        total = coming_bytes + sum(stat.st_size for _, stat in entries)
        for path, stat in sorted(entries, key=lambda entry: entry[1].st_mtime_ns):
            if total <= self._budget_bytes:
                return
            if path.suffix != _PART and _remove_unless_held(path):
                total -= stat.st_size

    def _entries(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    try:
                        found.append((Path(entry.path), entry.stat(follow_symlinks=False)))
                    except FileNotFoundError:
                        continue  # another process made room of it
        except FileNotFoundError:
            return []
        return found


def _fill(file: BinaryIO, size_bytes: int, pieces: Pieces) -> None:
    file.writelines(pieces())
    if file.tell() != size_bytes:
        raise ObjectsUnavailable(f"{file.tell()} bytes came of {size_bytes}")
    file.flush()
    os.fsync(file.fileno())  # a name must not survive a power cut that its bytes did not


def _is_older(path: Path, stat: os.stat_result, instant: datetime) -> bool:
    return path.suffix == _PART and stat.st_mtime < instant.timestamp()


def _remove_unless_held(path: Path) -> bool:
    """Whether it is gone; what another lends or still fetches stays."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(descriptor, path):  # otherwise another copy bears the name now
            path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file still bears this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        if trouble.errno in _FULL:
            raise NoRoom("the disk of the object store's cache is full") from trouble
        raise ObjectsUnavailable(f"the object store's cache: {trouble}") from trouble
