"""Reading films and recordings: the boxes by ourselves, streams and packets by ffprobe, descriptive tags by ExifTool."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import UnreadableMedia
from archive.model.asset import AssetType, Reason, Trouble
from archive.model.streams import MOST_STREAMS, Streams, streams_of
from archive.model.timeline import timeline
from archive.sandbox.child import Sandbox
from archive.sandbox.ffprobe import FFprobe
from ingest.readers.report import Report, read_properties
from ingest.signatures import walk

BOXES = "mov"
LONGEST_SECONDS = 24 * 3600
LONGEST_SIDE, MOST_PIXELS, FASTEST = 8192, 64 * 1024 * 1024, 240.0
CLAIM_SLACK_SECONDS, CLAIM_SLACK = 1.0, 0.05
OFFSET_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What one film or recording is: its kind, its streams (None when it cannot be opened), the readers' raw word."""

    report: Report
    type: AssetType | None
    streams: Streams | None
    raw: Mapping[str, Any]
    flags: tuple[str, ...]
    trouble: Trouble | None


def read_material(path: Path, demuxer: str, sandbox: Sandbox) -> Material:
    """Read one file with the only demuxer that may open it. Material at fault is told as `trouble`.

    Raises NoSafeDecoder when there is no sandbox to read in or ffprobe is not installed.
    """
    boxes = walk.walk(path) if demuxer == BOXES else None
    raw: dict[str, Any]
    streams: Streams | None
    trouble: Trouble | None = None
    probe = FFprobe.find(sandbox)
    with ThreadPoolExecutor(max_workers=1) as pool:
        words = pool.submit(read_properties, path, sandbox)
        try:
            raw, streams = _streams(path, demuxer, probe)
        except UnreadableMedia as error:
            raw, streams, trouble = {}, None, _unreadable(error, boxes)
    if boxes and boxes.encrypted:
        trouble = Trouble(reason=Reason.ENCRYPTED, detail="common-encryption")
    if trouble is None and streams is not None:
        trouble = _judged(streams, cut=bool(boxes and boxes.cut))
    return Material(
        report=words.result(),
        type=_kind(streams),
        streams=streams,
        raw=raw,
        flags=_flags(streams) if streams else (),
        trouble=trouble,
    )


def _streams(path: Path, demuxer: str, probe: FFprobe) -> tuple[dict[str, Any], Streams]:
    found = probe.read(path, demuxer)
    lines = {index: timeline(packets) for index, packets in probe.packets(path, demuxer).items()}
    raw = {"probe": found, "timelines": {str(at): line.to_json() for at, line in lines.items()}}
    return raw, streams_of(found, lines)


def _unreadable(error: UnreadableMedia, boxes: walk.Boxes | None) -> Trouble:
    """A file whose last box runs past its end broke off on the way; anything else is damaged."""
    if boxes and boxes.cut:
        return Trouble(reason=Reason.TRUNCATED, detail="no-index", tail=error.tail)
    return Trouble(reason=error.reason, detail=error.detail, tail=error.tail)


def _kind(streams: Streams | None) -> AssetType | None:
    if streams is None or streams.unreadable:
        return None
    return AssetType.VIDEO if streams.film else AssetType.AUDIO


def _judged(streams: Streams, *, cut: bool) -> Trouble | None:
    film = streams.film
    if streams.dolby_vision_only:
        return Trouble(reason=Reason.UNSUPPORTED_CODEC, detail="dolby-vision-5")
    if film is None and (streams.unreadable or not streams.sounds):
        return Trouble(reason=Reason.UNSUPPORTED_CODEC, detail="no-decoder")
    if film and (
        max(film.width, film.height) > LONGEST_SIDE or film.width * film.height > MOST_PIXELS
    ):
        return Trouble(
            reason=Reason.TOO_LARGE, detail="pixels", tail=f"{film.width} × {film.height}"
        )
    if streams.seconds > LONGEST_SECONDS:
        return Trouble(reason=Reason.TOO_LARGE, detail="length", tail=f"{streams.seconds:.0f} s")
    if cut and _falls_short(streams):
        told = f"{streams.seconds:.1f} of {streams.claimed:.1f} s"
        return Trouble(reason=Reason.TRUNCATED, detail=told)
    return None


def _falls_short(streams: Streams) -> bool:
    slack = max(CLAIM_SLACK_SECONDS, CLAIM_SLACK * streams.claimed)
    return streams.claimed - streams.seconds > slack


def _flags(streams: Streams) -> tuple[str, ...]:
    film, sound = streams.film, streams.sound
    facts = {
        "silent": film is not None and sound is None,
        "hdr": film is not None and film.is_hdr,
        "dolby-vision": film is not None and film.dolby,
        "interlaced": film is not None and film.interlaced,
        "rotation-ignored": film is not None and film.odd_rotation,
        "duration-wrong": _falls_short(streams),
        "several-pictures": streams.counts.get("video", 0) > 1 and streams.cover is None,
        "several-sounds": streams.counts.get("audio", 0) > 1,
        "many-streams": sum(streams.counts.values()) > MOST_STREAMS,
        "very-fast": film is not None and film.rate >= FASTEST,
        "sound-longer": bool(
            film and sound and sound.timeline.end - film.timeline.end > OFFSET_SECONDS
        ),
    }
    return tuple(sorted(name for name, holds in facts.items() if holds))
