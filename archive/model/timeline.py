"""Timelines: what a stream's list of packets tells about it without decoding: its true length, rate, gaps and entry points."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Self

# Seconds; the largest packets of sound last 1.5 (FLAC, 65535 samples at 44.1 kHz).
LONGEST_PACKET = 2.0


class Packet(NamedTuple):
    """One packet in stored order; instants in seconds, None where the container gives none."""

    pts: float | None
    dts: float | None
    duration: float
    size: int
    is_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A stream's packets in sum: seconds from `first` to `end`, the longest gaps between frames and between key frames.

    `leading` counts frames shown before the key frame that they follow: not one may be there if every key frame is a
    true entry point. `lasting` sums up how long the packets last: gaps do not count, nor what one packet claims beyond
    LONGEST_PACKET.
    """

    count: int = 0
    size_bytes: int = 0
    first: float = 0.0
    end: float = 0.0
    longest_gap: float = 0.0
    longest_key_gap: float = 0.0
    leading: int = 0
    rises: bool = True
    lasting: float = 0.0

    @property
    def seconds(self) -> float:
        """From the first instant to the end of the last packet."""
        return max(0.0, self.end - self.first)

    @property
    def rate(self) -> float:
        """Packets a second, 0 where there is no length."""
        return self.count / self.seconds if self.seconds else 0.0

    @property
    def bits_a_second(self) -> float:
        """The mean bit rate, 0 where there is no length."""
        return self.size_bytes * 8 / self.seconds if self.seconds else 0.0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, for the catalogue."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Back from the catalogue; what was kept before packets were summed up counts as whole."""
        whole = {"lasting": max(0.0, document["end"] - document["first"])}
        return cls(**(whole | document))


def timeline(packets: Sequence[Packet]) -> Timeline:
    """Sum up one stream's packets."""
    shown = [packet for packet in packets if packet.pts is not None]
    instants = sorted(packet.pts for packet in shown if packet.pts is not None)
    size = sum(packet.size for packet in packets)
    if not instants:
        return Timeline(count=len(packets), size_bytes=size, lasting=_lasting(packets, 0.0))
    gaps = [later - earlier for earlier, later in pairwise(instants)]
    last = max(shown, key=lambda packet: packet.pts or 0.0)
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0.0
    keys = [packet.pts for packet in shown if packet.is_key and packet.pts is not None]
    end = instants[-1] + (last.duration if 0 < last.duration <= 10 else usual)
    decoded = [packet.dts for packet in packets if packet.dts is not None]
    return Timeline(
        count=len(packets),
        size_bytes=size,
        first=instants[0],
        end=end,
        longest_gap=max(gaps, default=0.0),
        longest_key_gap=max((b - a for a, b in pairwise([*keys, end])), default=0.0),
        leading=_leading(packets),
        rises=all(later > earlier for earlier, later in pairwise(decoded)),
        lasting=_lasting(packets, usual),
    )


def _lasting(packets: Sequence[Packet], usual: float) -> float:
    return sum(min(max(packet.duration, 0.0) or usual, LONGEST_PACKET) for packet in packets)


def _leading(packets: Sequence[Packet]) -> int:
    key, found = None, 0
    for packet in packets:
        if packet.is_key:
            key = packet.pts
        elif key is not None and packet.pts is not None and packet.pts < key:
            found += 1
    return found
