"""Copying a store into another, object by object: every digest that is known is proved on the way, and nothing is copied twice.

What is done stands in a journal beside, so that a copy that was cut off goes on where it stopped.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive import faults, keys
from archive.errors import Conflict, FixityMismatch
from archive.objects.port import ObjectStore

REPLACED_BELOW_BYTES = (
    1 << 20
)  # root inventories, sidecars and notes: all that an archive ever replaces
INVENTORY, SIDECAR = "inventory.json", "inventory.json.sha512"
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Copied:
    """What a copy did: objects carried over now, those found done before, bytes, and digests proved."""

    objects: int = 0
    done_before: int = 0
    size_bytes: int = 0
    proved: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCopy:
    """One copy of a store. `sha256` gives the digests (hex) that are known from elsewhere, by key; `scratch` takes one object at a time."""

    source: ObjectStore
    target: ObjectStore
    scratch: Path
    journal: Path
    sha256: Mapping[str, str]
    said: Progress = field(default=lambda _done, _all: None)

    def run(self) -> Copied:
        """Copy all but the marker. FixityMismatch when an object is not what its inventory or the catalogue says it is."""
        copied, done = Copied(), dict(_read(self.journal))
        wanted = sorted(key for key in self.source.keys("") if key != keys.MARKER)
        expected = self._expected(wanted)
        self.scratch.mkdir(parents=True, exist_ok=True)
        with self.journal.open("a", encoding="utf-8") as journal:
            journal.write("\n")  # behind a line at which an earlier run was cut off
            for number, key in enumerate(wanted, 1):
                if self._is_done(key, done.get(key)):
                    copied.done_before += 1
                else:
                    size = self._copy(key, expected.get(key), copied)
                    journal.write(json.dumps([key, size]) + "\n")
                    journal.flush()
                    faults.point("move.after_object")
                self.said(number, len(wanted))
        self._remove_surplus(set(wanted), copied)
        return copied

    def _is_done(self, key: str, size: int | None) -> bool:
        if size is None:
            return False
        held = self.target.stat(key)
        if held is None or held.size_bytes != size:
            return False
        # All sidecars are of one size: what an archive replaces is compared.
        if key.rpartition("/")[2] in {INVENTORY, SIDECAR}:
            return self.target.read(key) == self.source.read(key)
        return True

    def _copy(self, key: str, sha512: str | None, copied: Copied) -> int:
        path = self.scratch / "object"
        path.unlink(missing_ok=True)
        found = {"sha512": hashlib.sha512(), "sha256": hashlib.sha256()}
        with path.open("xb") as file:
            for piece in self.source.stream(key):
                file.write(piece)
                for digest in found.values():
                    digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
        size = path.stat().st_size
        for name, wanted in (("sha512", sha512), ("sha256", self.sha256.get(key))):
            if wanted is None:
                continue
            if found[name].hexdigest() != wanted:
                raise FixityMismatch(f"{key} is not what it was: {name} {found[name].hexdigest()}")
            copied.proved += 1
        self._place(path, key, size)
        copied.objects += 1
        copied.size_bytes += size
        return size

    def _place(self, path: Path, key: str, size: int) -> None:
        """Into the target, which reads back what it took; what an archive may replace replaces an older state."""
        try:
            self.target.adopt(path, key)
        except Conflict:
            if size > REPLACED_BELOW_BYTES:
                raise
            self.target.put(key, path.read_bytes(), replace=True)

    def _expected(self, wanted: list[str]) -> dict[str, str]:
        """SHA-512 (hex) by key, as the inventories and their sidecars say."""
        expected: dict[str, str] = {}
        for key in wanted:
            root, _, name = key.rpartition("/")
            if name == SIDECAR:
                expected[f"{root}/{INVENTORY}"] = self.source.read(key).decode().partition(" ")[0]
            elif name == INVENTORY:
                top = root.rpartition("/")[0] if root.rpartition("/")[2].startswith("v") else root
                manifest = json.loads(self.source.read(key))["manifest"]
                for digest, paths in manifest.items():
                    expected.update((f"{top}/{path}", digest) for path in paths)
        return expected

    def _remove_surplus(self, wanted: set[str], copied: Copied) -> None:
        """Renditions that a target taken up again holds from before."""
        for key in [key for key in self.target.keys("renditions/") if key not in wanted]:
            self.target.remove(key)
            copied.removed += 1


def _read(journal: Path) -> Iterator[tuple[str, int]]:
    if not journal.exists():
        return
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            key, size = json.loads(line)
        except ValueError:
            continue  # empty, or the line at which it was cut off
        yield key, size
