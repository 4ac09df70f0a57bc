"""The part of a file that identification may look at: its beginning, its end if given, and its size."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Bytes at absolute offsets; what was not given reads as nothing."""

    head: bytes
    size: int
    tail: bytes = b""

    def at(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes at `offset`, or nothing when they are not wholly in sight."""
        if offset < 0 or length <= 0:
            return b""
        if offset + length <= len(self.head):
            return self.head[offset : offset + length]
        start = offset - (self.size - len(self.tail))
        piece = self.tail[start : start + length] if start >= 0 else b""
        return piece if len(piece) == length else b""


@dataclass(frozen=True, slots=True)
class Match:
    """A recognised format: its row in the table, a finer PUID where the bytes tell one, and facts about the file."""

    name: str
    puid: str | None = None
    facts: tuple[str, ...] = ()
