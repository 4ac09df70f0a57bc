"""The boxes of an ISO base-media file: whether the last runs past the end, and whether a track is encrypted.

Only headers are read, at most some thousands of them; nothing is decoded.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MOST_BOXES = 20_000
CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
ENCRYPTED_ENTRIES = frozenset({b"encv", b"enca", b"enct", b"encs"})
PAYLOADS = frozenset({b"mdat", b"moov", b"moof"})
SAMPLE_DESCRIPTIONS = b"stsd"
BEFORE_ENTRIES = 8
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Boxes:
    """What the boxes say: `cut` when one that holds media or the index runs past the end of the file."""

    cut: bool
    encrypted: bool


@dataclass(slots=True)
class _Walk:
    stream: BinaryIO
    left: int = MOST_BOXES
    cut: bool = False
    encrypted: bool = False

    def level(self, at: int, stop: int, depth: int) -> None:
        """Go through the boxes between two offsets."""
        while at + 8 <= stop and self.left > 0:
            self.left -= 1
            self.stream.seek(at)
            header = self.stream.read(16)
            size, kind, body = int.from_bytes(header[:4], "big"), header[4:8], 8
            if size == 1:
                size, body = int.from_bytes(header[8:16], "big"), 16
            elif size == 0:
                size = stop - at
            if size < body:
                return
            if depth == 0 and kind in PAYLOADS and at + size > stop:
                self.cut = True
            self.inside(kind, at + body, min(at + size, stop), depth)
            at += size

    def inside(self, kind: bytes, start: int, stop: int, depth: int) -> None:
        """Go down where sample descriptions lie."""
        if depth > DEEPEST:
            return
        if kind in ENCRYPTED_ENTRIES and depth > 0:
            self.encrypted = True
        elif kind in CONTAINERS:
            self.level(start, stop, depth + 1)
        elif kind == SAMPLE_DESCRIPTIONS:
            self.level(start + BEFORE_ENTRIES, stop, depth + 1)


def walk(path: Path) -> Boxes:
    """Look through the boxes of a local file."""
    with path.open("rb") as stream:
        found = _Walk(stream)
        found.level(0, path.stat().st_size, 0)
    return Boxes(found.cut, found.encrypted)
