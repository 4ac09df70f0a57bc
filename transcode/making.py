"""What every render of films and recordings ends in: made files, put under this attempt's keys, recorded under its fence."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import faults, keys
from archive.catalogue.transaction import Transaction
from archive.errors import RenderFailed
from archive.model.asset import Asset, Trouble
from archive.model.event import Event, EventType
from archive.model.ids import AssetId, EventId, new_id
from archive.model.job import Job
from archive.model.rendition import Rendition
from archive.objects.port import ObjectStore
from archive.work import KEPT_REASONS, left_by_stopped

RECIPE_VERSION = 1
PIECE = 1024 * 1024
SOUND = "audio/mp4"
TYPES = {
    "mp4": "video/mp4",
    "m4a": SOUND,
    "m3u8": "application/vnd.apple.mpegurl",
    "vtt": "text/vtt",
    "jpg": "image/jpeg",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """One made file, checked. Its extension is that of its path, its size in pixels 0 where there is nothing to see."""

    profile: str
    path: Path
    width: int = 0
    height: int = 0

    @property
    def extension(self) -> str:
        """Without the dot."""
        return self.path.suffix[1:]

    @property
    def media_type(self) -> str:
        """By its extension; an MP4 in which there is nothing to see is sound."""
        is_sound = self.extension == "mp4" and not self.width
        return SOUND if is_sound else TYPES[self.extension]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of one render, in the order in which it is published: playlists after what they name.

    `facts` are what it measured of the original, by name.
    """

    recipe: str
    files: tuple[MadeFile, ...]
    tools: tuple[str, ...]
    placeholder: str | None = None
    colour: str | None = None
    flags: tuple[str, ...] = ()
    trouble: Trouble | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def promised(path: Path) -> Path:
    """The path of what a decoder should have made; RenderFailed (`probe`) unless a real file lies there.

    A decoder that was taken over could leave a link to what it may not read and we may.
    """
    if path.is_symlink() or not path.is_file():
        raise RenderFailed(f"{path.name} was promised and not made", detail="probe")
    return path


def write(path: Path, text: str) -> None:
    """Write a new file beside what a decoder made; RenderFailed (`probe`) where one lies already, be it a link elsewhere."""
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise RenderFailed(f"{path.name}: its place is taken", detail="probe") from error


def recipe_of(source_sha256: str, arguments: Sequence[str], tools: Sequence[str]) -> str:
    """The hash of all that makes the renditions of a source: parameters, tool versions, the source's digest."""
    told = {
        "version": RECIPE_VERSION,
        "arguments": list(arguments),
        "tools": list(tools),
        "source": source_sha256,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def put(
    made: Made, asset: Asset, job: Job, *, objects: ObjectStore, now: datetime
) -> tuple[Rendition, ...]:
    """Put what was made under this attempt's own keys; nothing points there until `record`."""
    placed = []
    for one in made.files:
        key = keys.rendition(asset.id, one.profile, job.id, job.fence, one.extension)
        size, digest = _measured(one.path)
        faults.point("film.before_put")
        objects.adopt(one.path, key)
        placed.append(
            Rendition(
                profile=one.profile,
                recipe=made.recipe,
                key=key,
                media_type=one.media_type,
                width=one.width,
                height=one.height,
                size_bytes=size,
                sha256=digest,
                made_at=now,
            )
        )
    return tuple(placed)


def _measured(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Publication:
    """What is recorded: what was made, where it lies, and the beginnings of profiles that it takes the place of."""

    made: Made
    placed: tuple[Rendition, ...]
    replaces: tuple[str, ...] = ()


def record(
    tx: Transaction, asset_id: AssetId, published: Publication, at: datetime
) -> tuple[str, ...]:
    """Point the asset at its renditions, in the transaction that holds the job's fence.

    Returns the keys nothing points at any more; they may be removed once the transaction is kept.
    """
    faults.point("film.before_record")
    made = published.made
    asset = tx.assets.get(asset_id)
    former = [
        key for prefix in published.replaces for key in tx.assets.drop_renditions(asset_id, prefix)
    ]
    former += [key for one in published.placed if (key := tx.assets.set_rendition(asset_id, one))]
    tx.assets.save(
        replace(
            asset,
            placeholder=made.placeholder or asset.placeholder,
            colour=made.colour or asset.colour,
            flags=tuple(sorted({*asset.flags, *made.flags})),
            trouble=_trouble(tx, asset, made),
        )
    )
    tx.assets.note_facts(asset_id, made.facts)
    tx.events.record(
        Event(
            id=EventId(new_id(at)),
            asset=asset_id,
            type=EventType.CREATION,
            at=at,
            agent=None,
            software="; ".join(made.tools),
            outcome="failure" if made.trouble else "success",
            detail=", ".join(one.profile for one in published.placed) or None,
        )
    )
    kept = {one.key for one in published.placed}
    return tuple(key for key in former if key not in kept)


def _trouble(tx: Transaction, asset: Asset, made: Made) -> Trouble | None:
    """A broken fixity stays, and so does a file that broke off: its renditions show what there is.

    So does the trouble of other work that stopped, while the asset is not ready without it.
    """
    known = asset.trouble
    if known and known.reason in KEPT_REASONS:
        return known
    return made.trouble or left_by_stopped(tx, tx.assets.get(asset.id))
