"""Examine and render one film or recording of the development media, as the workers do it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from archive.errors import Damaged, UnreadableMedia
from archive.model.asset import Asset, AssetType, Original, Trouble
from archive.model.ids import AgentId, AssetId
from archive.sandbox.streams import Streams, streams_from
from ingest.identify import LEADING_BYTES, recognise
from ingest.readers.av import read_material
from ingest.signatures.table import FORMATS
from ingest.signatures.window import Window
from transcode.audio import render_audio
from transcode.making import Made
from transcode.plan import demuxer_of
from transcode.video import Shooting, render_first, render_ladder


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    path: Path
    type: AssetType | None
    streams: Streams | None
    flags: tuple[str, ...]
    made: Made | None
    trouble: Trouble | None
    folder: Path


def asset_of(path: Path, media_type: str) -> Asset:
    original = Original(
        key="k",
        filename=path.name,
        size_bytes=path.stat().st_size,
        sha256="0" * 64,
        sha512="",
        media_type=media_type,
        extension=path.suffix[1:],
        tag="t",
    )
    return Asset(
        id=AssetId("019ca869-5000-7878-8cef-1437f39c1db6"),
        number=1,
        revision=1,
        type=AssetType.VIDEO,
        owner=AgentId("owner"),
        original=original,
        deposited_at=datetime(2026, 12, 31, tzinfo=UTC),
    )


def shooting_of(path: Path, sandbox, folder: Path, report=lambda _share, _left: None) -> Shooting:
    """A shooting of a file that is known to be sound."""
    media_type = media_type_of(path)
    material = read_material(path, demuxer_of(media_type), sandbox)
    return Shooting(
        path=path,
        asset=asset_of(path, media_type),
        streams=streams_from(material.raw),
        folder=folder,
        sandbox=sandbox,
        report=report,
    )


def media_type_of(path: Path) -> str:
    """By its bytes."""
    data = path.read_bytes()
    found = recognise(Window(data[:LEADING_BYTES], len(data), data[-LEADING_BYTES:]))
    return FORMATS[found.name].media_type


def outcome_of(path: Path, sandbox, base: Path, *, first: bool = False) -> Outcome:
    """Examine, then render what its kind calls for."""
    folder = Path(mkdtemp(dir=base))
    media_type = media_type_of(path)
    material = read_material(path, demuxer_of(media_type), sandbox)
    nothing = Outcome(path, material.type, material.streams, material.flags, None, None, folder)
    if material.trouble:
        return replace(nothing, trouble=material.trouble)
    render = render_audio if material.type is AssetType.AUDIO else render_ladder
    shooting = Shooting(
        path=path,
        asset=asset_of(path, media_type),
        streams=streams_from(material.raw),
        folder=folder,
        sandbox=sandbox,
        report=lambda _share, _left: None,
    )
    try:
        made = (render_first if first else render)(shooting)
    except (Damaged, UnreadableMedia) as error:
        trouble = Trouble(reason=error.reason, detail=error.detail, tail=f"{error} {error.tail}")
        return replace(nothing, trouble=trouble)
    return replace(nothing, made=made, trouble=made.trouble)
