"""The ObjectStore port: where bytes are kept. Keys are ASCII paths made by `archive.keys`, never by users."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store knows of an object without reading it."""

    key: str
    size_bytes: int


class ObjectStore(Protocol):
    """Keeps bytes under keys.

    Every call raises ObjectsUnavailable while the store or its marker is away (an unmounted disk is an outage, never a deletion),
    and Invalid for a key that could leave the root or is not one of ours.
    """

    def prepare(self, archive_id: str | None = None) -> str:
        """Write the marker of a new, empty store (with this id, or a new one), or read the one that is there; returns the archive's id.

        From then on the store must bear that id. ObjectsUnavailable for one that holds objects but no marker. So is one without a
        marker that was opened as a known archive's: it is away, and no new one takes its place unless this id is given here.
        """
        ...

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        """Store small bytes whole or not at all, durable on return.

        The same bytes again change nothing. Other bytes under an existing key raise Conflict unless `replace`.
        """
        ...

    def adopt(self, path: Path, key: str) -> None:
        """Take a finished local file under a key, whole or not at all, durable on return; the file may be gone afterwards.

        Never replaces: an object of the same size and SHA-512 counts as done (a second attempt), any other raises Conflict.
        ObjectMissing when there is no such file: whoever adopted it before took it along.
        """
        ...

    def read(self, key: str) -> bytes:
        """All bytes of a small object; ObjectMissing when there is none."""
        ...

    def stream(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes [start, stop) in pieces of at most 1 MiB, without reading the rest; ObjectMissing at once when there is none."""
        ...

    def as_path(self, key: str) -> AbstractContextManager[Path]:
        """Lend the object as a local file to read; the path is valid inside the `with` block only. ObjectMissing when there is none."""
        ...

    def stat(self, key: str) -> StoredObject | None:
        """Size of an object, or None when there is none."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that starts with `prefix` (which ends with `/` or is empty), in no order."""
        ...

    def remove(self, key: str) -> None:
        """Remove an object; one that is not there is already removed. For renditions and leftovers, never for originals."""
        ...

    def ping(self) -> None:
        """Return when the store answers and carries the marker of this archive; raise ObjectsUnavailable otherwise."""
        ...

    def tidy(self, older_than: datetime) -> int:
        """Remove what writers that died before this instant left aside; returns how many. Objects are never touched."""
        ...

    def free_bytes(self) -> int | None:
        """Room left, or None where it cannot be known."""
        ...
