"""Packaging: one fragmented MP4 a rung, and the playlists that name its byte ranges, written from the file itself.

Boxes by ISO/IEC 14496-12; playlists by RFC 8216.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.errors import RenderFailed

MEHD_BYTES = 20
MOST_MOOV_BYTES = 4 * 1024 * 1024
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
AAC_LC = "mp4a.40.2"


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its kind, where it begins and ends."""

    kind: bytes
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One fragment: its bytes and how long its picture lasts."""

    start: int
    length: int
    seconds: float

    @property
    def bits_a_second(self) -> float:
        """What must arrive to play it in time."""
        return self.length * 8 / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A written rung: the bytes that start a player (0 to `map_bytes`), its segments and its codecs by RFC 6381."""

    map_bytes: int
    segments: tuple[Segment, ...]
    codecs: str

    @property
    def seconds(self) -> float:
        """The length of the picture."""
        return sum(segment.seconds for segment in self.segments)

    @property
    def peak(self) -> int:
        """Bits a second of the heaviest segment."""
        return math.ceil(max(segment.bits_a_second for segment in self.segments))

    @property
    def average(self) -> int:
        """Bits a second over all."""
        return math.ceil(sum(one.length for one in self.segments) * 8 / max(self.seconds, 0.001))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One line of the master playlist."""

    uri: str
    package: Package
    width: int
    height: int
    rate: float


def package_of(path: Path) -> Package:
    """Read a written rung and say its true length in its header; RenderFailed when it is not built as it must be.

    The muxer leaves the whole length out of a fragmented file, and players then guess: the header gets an `mehd` box in
    the place of the muxer's own remark. No byte of media moves.
    """
    with path.open("r+b") as stream:
        boxes = list(_boxes(stream, 0, path.stat().st_size))
        moov = _only(boxes, b"moov")
        header = _read(stream, moov)
        indexes = [_index(_read(stream, box)) for box in boxes if box.kind == b"sidx"]
        if not indexes:
            raise RenderFailed("a rung has no index", detail="probe")
        starts = [box.start for box in boxes if box.kind == b"moof"]
        ends = [box.start for box in boxes if box.kind in {b"moof", b"mfra"}][1:]
        stops = [*ends, path.stat().st_size][: len(starts)]
        durations = _picture(indexes, header)
        if len(durations) != len(starts):
            raise RenderFailed("a rung's index does not fit its fragments", detail="probe")
        longest = max(sum(found.durations) for found in indexes)
        stream.seek(moov.start)
        stream.write(with_length(header, longest))
    segments = tuple(
        Segment(start, stop - start, seconds)
        for start, stop, seconds in zip(starts, stops, durations, strict=True)
    )
    return Package(map_bytes=moov.stop, segments=segments, codecs=_codecs(header))


@dataclass(frozen=True, slots=True)
class _Index:
    track: int
    durations: tuple[float, ...]


def _boxes(stream: BinaryIO, at: int, stop: int) -> "list[Box]":
    found = []
    while at + 8 <= stop:
        stream.seek(at)
        header = stream.read(16)
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if size < 8 or at + size > stop:
            raise RenderFailed("a rung's boxes do not fit", detail="probe")
        found.append(Box(header[4:8], at, at + size))
        at += size
    return found


def _inner(data: bytes, at: int, stop: int) -> list[Box]:
    found = []
    while at + 8 <= stop:
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > stop:
            break
        found.append(Box(data[at + 4 : at + 8], at, at + size))
        at += size
    return found


def _only(boxes: Sequence[Box], kind: bytes) -> Box:
    found = [box for box in boxes if box.kind == kind]
    if len(found) != 1 or found[0].stop - found[0].start > MOST_MOOV_BYTES:
        raise RenderFailed(f"a rung has {len(found)} boxes {kind!r}", detail="probe")
    return found[0]


def _read(stream: BinaryIO, box: Box) -> bytes:
    stream.seek(box.start)
    return stream.read(box.stop - box.start)


def _index(data: bytes) -> _Index:
    """A `sidx` box: the track it speaks of, and how long each fragment lasts."""
    track, scale = struct.unpack_from(">II", data, 12)
    at = 20 + (16 if data[8] else 8)
    (count,) = struct.unpack_from(">H", data, at + 2)
    lengths = [struct.unpack_from(">I", data, at + 4 + 12 * one + 4)[0] for one in range(count)]
    return _Index(track, tuple(length / max(scale, 1) for length in lengths))


def _picture(indexes: Sequence[_Index], header: bytes) -> tuple[float, ...]:
    """The durations by the picture's track."""
    track = next(
        (
            number
            for box in _inner(header, 8, len(header))
            if box.kind == b"trak"
            and b"vide" in header[box.start : box.stop]
            and (number := _track_number(header, box))
        ),
        indexes[0].track,
    )
    return next((found.durations for found in indexes if found.track == track), ())


def _track_number(header: bytes, trak: Box) -> int:
    tkhd = next(box for box in _inner(header, trak.start + 8, trak.stop) if box.kind == b"tkhd")
    at = tkhd.start + 12 + (16 if header[tkhd.start + 8] else 8)
    return int.from_bytes(header[at : at + 4], "big")


def with_length(header: bytes, seconds: float) -> bytes:
    """A `moov` of the same size whose `mvex` tells the length; the muxer's `udta` gives the room and becomes free space."""
    boxes = _inner(header, 8, len(header))
    if any(b"mehd" in header[box.start : box.stop] for box in boxes if box.kind == b"mvex"):
        return header  # a rung that is taken over was told its length when it was made
    mvex, udta = (_only(boxes, kind) for kind in (b"mvex", b"udta"))
    room = udta.stop - udta.start
    if udta.start != mvex.stop or room < MEHD_BYTES + 8:
        raise RenderFailed("a rung's header has no room for its length", detail="probe")
    mvhd = _only(boxes, b"mvhd")
    scale_at = mvhd.start + 12 + (16 if header[mvhd.start + 8] else 8)
    scale = int.from_bytes(header[scale_at : scale_at + 4], "big")
    mehd = struct.pack(">I4sIQ", MEHD_BYTES, b"mehd", 1 << 24, round(seconds * scale))
    grown = struct.pack(">I4s", mvex.stop - mvex.start + MEHD_BYTES, b"mvex")
    free = struct.pack(">I4s", room - MEHD_BYTES, b"free").ljust(room - MEHD_BYTES, b"\0")
    extends = header[mvex.start + 8 : mvex.stop]
    return b"".join((header[: mvex.start], grown, mehd, extends, free, header[udta.stop :]))


def _codecs(header: bytes) -> str:
    at = header.find(b"avcC")
    if at < 0 and b"mp4a" in header and b"vide" not in header:
        return AAC_LC
    if at < 0:
        raise RenderFailed("a rung's picture is not H.264", detail="probe")
    picture = "avc1." + header[at + 5 : at + 8].hex().upper()
    return f"{picture},{AAC_LC}" if b"mp4a" in header else picture


def media_playlist(package: Package, uri: str) -> str:
    """The playlist of one rung: byte ranges of the file that lies beside it."""
    longest = max(segment.seconds for segment in package.segments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, round(longest + 0.4999))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{uri}",BYTERANGE="{package.map_bytes}@0"',
    ]
    for segment in package.segments:
        lines += [
            f"#EXTINF:{segment.seconds:.6f},",
            f"#EXT-X-BYTERANGE:{segment.length}@{segment.start}",
            uri,
        ]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master_playlist(
    variants: Sequence[Variant], sounds: Sequence[str] = (), beside: int = 0
) -> str:
    """The master playlist, lowest rung first; `sounds` are the lines of an audio group, `beside` the peak of its heaviest."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", *sounds]
    for one in sorted(variants, key=lambda variant: variant.width * variant.height):
        facts = [
            f"BANDWIDTH={one.package.peak + beside}",
            f"AVERAGE-BANDWIDTH={one.package.average + beside}",
            f'CODECS="{one.package.codecs}"',
            f"RESOLUTION={one.width}x{one.height}",
            f"FRAME-RATE={one.rate:.3f}",
            *(['AUDIO="sound"'] if sounds else []),
        ]
        lines += ["#EXT-X-STREAM-INF:" + ",".join(facts), one.uri]
    return "\n".join([*lines, ""])
