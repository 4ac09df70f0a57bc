"""Examine: learn what an original is and what it says about itself; then have its stills made."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive import faults
from archive.catalogue.transaction import Transaction
from archive.errors import UnreadableMedia
from archive.model.asset import Asset, AssetType, Findings, Original, Reason, Trouble
from archive.model.description import Description
from archive.model.event import Event, EventType
from archive.model.ids import AssetId, EventId, new_id
from archive.model.job import Order, RenderAudio, RenderFirstPlayable, RenderLadder, RenderStills
from archive.sandbox.budgets import LONGEST_SIDE, MOST_PIXELS
from archive.sandbox.child import Sandbox
from archive.work import left_by_stopped
from ingest.authorities import with_authorities
from ingest.choices.container import told_by, with_container
from ingest.choices.sources import Sources, hints_of
from ingest.choose import Choice, choose
from ingest.cleaning import CUT, LONGEST_ASSET_BYTES, LONGEST_VALUE_BYTES, cut
from ingest.languages import Hints
from ingest.readers import av, camera
from ingest.readers.report import Report, read_file
from ingest.signatures.table import DEMUXERS, made_by

DIGEST = "Photoshop:IPTCDigest"
LADDER_AT_ONCE_SECONDS = 20.0


def examine(asset: Asset, path: Path, *, sandbox: Sandbox, zone: ZoneInfo) -> Findings:
    """Read everything the original, lent as a local file, says about itself; touches no catalogue.

    Material at fault is a finding (`trouble`), not an error. Raises NoSafeDecoder when nothing may be decoded here.
    """
    return read_all(
        path,
        original=asset.original,
        sandbox=sandbox,
        declared_language=asset.language,
        zone=zone,
        deposited_at=asset.deposited_at,
    )


def record(tx: Transaction, asset_id: AssetId, findings: Findings, at: datetime) -> Asset:
    """Save what was found, linked to the authorities it names beyond doubt; defer the stills when there is a picture to show.

    Twice is as good as once: the same findings give the same asset.
    """
    faults.point("examine.before_record")
    examined = tx.assets.get(asset_id).examined(findings, at)
    saved = tx.assets.save(with_authorities(tx, examined))
    tx.events.record(
        Event(
            id=EventId(new_id(at)),
            asset=asset_id,
            type=EventType.METADATA_EXTRACTION,
            at=at,
            agent=None,
            software="; ".join(findings.tools),
            outcome="failure" if findings.trouble else "success",
            detail=", ".join(findings.flags) or None,
        )
    )
    if _shows_something(findings):
        for order in renders_of(saved):
            tx.jobs.defer(order)
    stopped = None if saved.trouble else left_by_stopped(tx, saved)
    return tx.assets.save(replace(saved, trouble=stopped)) if stopped else saved


def _shows_something(findings: Findings) -> bool:
    """Sound material, and a film of which a part is there."""
    trouble = findings.trouble
    return trouble is None or (
        trouble.reason is Reason.TRUNCATED and bool(findings.duration_seconds)
    )


def renders_of(asset: Asset) -> list[Order]:
    """The renders an examined asset calls for; a clip so short that its ladder is quickly there needs no first playable."""
    match asset.type:
        case AssetType.PHOTO:
            return [RenderStills(asset.id)]
        case AssetType.AUDIO:
            return [RenderAudio(asset.id)]
        case _ if (asset.duration_seconds or 0) < LADDER_AT_ONCE_SECONDS:
            return [RenderLadder(asset.id)]
        case _:
            return [RenderFirstPlayable(asset.id), RenderLadder(asset.id)]


def read_all(
    path: Path,
    *,
    original: Original,
    sandbox: Sandbox,
    declared_language: str | None,
    zone: ZoneInfo,
    deposited_at: datetime,
) -> Findings:
    """Everything the readers say about a local file, and what our rules choose from it."""
    decoder = made_by(original.media_type)
    if decoder is None:
        raise UnreadableMedia(reason=Reason.UNSUPPORTED, detail=original.media_type)
    material = av.read_material(path, decoder, sandbox) if decoder in DEMUXERS else None
    report = material.report if material else read_file(path, decoder, sandbox)
    facts = camera.from_exifread(report.exif)
    if not facts.texts and facts.coordinates is None:
        facts = camera.from_exiftool(report.raw)
    sources = Sources(
        raw=report.raw,
        block=report.block,
        camera=facts,
        filename=original.filename,
        hints=Hints(),
        stored_digest=report.raw.get(DIGEST),
    )
    choice = choose(sources, declared=declared_language, zone=zone, deposited_at=deposited_at)
    technical, flags = _technical(report, choice)
    flags |= {*report.flags, *choice.flags}
    if material:
        told = told_by(report.raw, material.raw.get("probe", {}), is_quicktime=decoder == av.BOXES)
        said = with_container(
            choice.description,
            told,
            hints_of(sources, declared_language),
            filename=original.filename,
            zone=zone,
            deposited_at=deposited_at,
        )
        return _film(material, said, technical, flags)
    return Findings(
        chosen=choice.description,
        technical=technical,
        tools=report.tools,
        width=report.header.get("width"),
        height=report.header.get("height"),
        flags=tuple(sorted(flags)),
        trouble=_too_large(report.header),
    )


def _film(
    material: av.Material, chosen: Description, technical: dict[str, Any], flags: set[str]
) -> Findings:
    """What the streams of a film or recording add to its descriptive metadata."""
    streams = material.streams
    film = streams.film if streams else None
    return Findings(
        chosen=chosen,
        technical=technical | {"av": material.raw},
        tools=material.report.tools,
        type=material.type,
        width=film.width if film else None,
        height=film.height if film else None,
        duration_seconds=round(streams.seconds, 3) if streams else None,
        flags=tuple(sorted({*flags, *material.flags})),
        trouble=material.trouble,
    )


def _too_large(header: Mapping[str, Any]) -> Trouble | None:
    """A picture over the budget is refused by what its header claims, before anything is decoded."""
    width, height = header.get("width", 0), header.get("height", 0)
    if width * height <= MOST_PIXELS and max(width, height) <= LONGEST_SIDE:
        return None
    return Trouble(reason=Reason.TOO_LARGE, detail="pixels", tail=f"{width} × {height}")


def _technical(report: Report, choice: Choice) -> tuple[dict[str, Any], set[str]]:
    """Every reader's raw word; only a file that brings more than 2 MB of it has its long values cut, and is flagged."""
    iim = {f"{record}:{number}": values for (record, number), values in report.block.values.items()}
    technical: dict[str, Any] = {
        "header": dict(report.header),
        "exif": dict(report.exif),
        "exiftool": dict(report.raw),
        "iim": {"charset": report.block.charset, "digest": report.block.digest, "values": iim},
        "reasons": dict(choice.reasons),
        "conflicts": [dict(conflict) for conflict in choice.conflicts],
        "complaints": dict(report.complaints),
    }
    if len(json.dumps(technical, ensure_ascii=False)) <= LONGEST_ASSET_BYTES:
        return technical, set()
    return _shortened(technical), {CUT}


def _shortened(value: Any) -> Any:
    match value:
        case dict():
            return {key: _shortened(inner) for key, inner in value.items()}
        case list():
            return [_shortened(inner) for inner in value[:1000]]
        case str():
            return cut(value, LONGEST_VALUE_BYTES)
        case _:
            return value
