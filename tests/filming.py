"""Examine and render one file of the development media, or one that a test made, as the workers do it."""

import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from archive.errors import Damaged, UnreadableMedia
from archive.model.asset import Asset, AssetType, Original, Trouble
from archive.model.ids import AgentId, AssetId
from archive.model.streams import Streams, streams_from
from ingest.identify import LEADING_BYTES, recognise
from ingest.readers.av import Material, read_material
from ingest.signatures.table import FORMATS
from ingest.signatures.window import Window
from transcode.audio import render_audio
from transcode.making import Made
from transcode.plan import demuxer_of
from transcode.video import Shooting, render_first, render_ladder


def silent(_share: float, _left: float | None) -> None:
    """Tell nobody how far it is."""


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


def asset_of(
    path: Path,
    media_type: str,
    kind: AssetType = AssetType.VIDEO,
    flags: tuple[str, ...] = (),
) -> Asset:
    """A deposited asset whose original is a local file."""
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
        type=kind,
        owner=AgentId("owner"),
        original=original,
        deposited_at=datetime(2026, 12, 31, tzinfo=UTC),
        flags=flags,
    )


def media_type_of(path: Path) -> str:
    """By its bytes."""
    with path.open("rb") as stream:
        head = stream.read(LEADING_BYTES)
        size = path.stat().st_size
        stream.seek(max(0, size - LEADING_BYTES))
        found = recognise(Window(head, size, stream.read()))
    return FORMATS[found.name].media_type


def material_of(path: Path, sandbox) -> Material:
    """What the readers say about a film or recording."""
    return read_material(path, demuxer_of(media_type_of(path)), sandbox)


def shooting_of(path: Path, sandbox, folder: Path, material: Material | None = None) -> Shooting:
    """A shooting of a file that can be opened."""
    return Shooting(
        path=path,
        asset=asset_of(path, media_type_of(path)),
        streams=streams_from((material or material_of(path, sandbox)).raw),
        folder=folder,
        sandbox=sandbox,
        report=silent,
    )


def outcome_of(path: Path, sandbox, base: Path, *, first: bool = False) -> Outcome:
    """Examine, then render what its kind calls for."""
    folder = Path(mkdtemp(dir=base))
    material = material_of(path, sandbox)
    nothing = Outcome(path, material.type, material.streams, material.flags, None, None, folder)
    if material.trouble:
        return replace(nothing, trouble=material.trouble)
    render = render_audio if material.type is AssetType.AUDIO else render_ladder
    try:
        made = (render_first if first else render)(shooting_of(path, sandbox, folder, material))
    except (Damaged, UnreadableMedia) as error:
        trouble = Trouble(reason=error.reason, detail=error.detail, tail=f"{error} {error.tail}")
        return replace(nothing, trouble=trouble)
    return replace(nothing, made=made, trouble=made.trouble)


def film(path: Path, arguments: str) -> Path:
    """Make a file by ffmpeg, with arguments as a shell would split them at blanks."""
    told = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments.split(), str(path)]
    subprocess.run(told, check=True, timeout=120)
    return path
