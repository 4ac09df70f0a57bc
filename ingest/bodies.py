"""Bodies of requests as streams, and those whose digest was promised."""

import hmac
from dataclasses import dataclass
from typing import Protocol

from archive.errors import ChecksumMismatch


class Body(Protocol):
    """A stream of bytes; an empty answer is its end, also when the line was cut."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""
        ...


class Running(Protocol):
    """A digest that takes bytes as they pass."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""
        ...

    def digest(self) -> bytes:
        """The digest of all bytes so far."""
        ...


@dataclass(slots=True)
class Checked:
    """A body whose digest was promised: all of it is taken, or nothing."""

    body: Body
    running: Running
    promised: bytes

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, taken into the digest."""
        piece = self.body.read(size)
        self.running.update(piece)
        return piece

    def require(self) -> None:
        """Raise ChecksumMismatch when what came, also by a cut line, is not what was promised."""
        if not hmac.compare_digest(self.running.digest(), self.promised):
            raise ChecksumMismatch("the bytes are not those of the checksum; none was kept")
