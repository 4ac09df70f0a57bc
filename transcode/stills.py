"""Stills: preview, thumbnail and placeholder of a photo, made in one decode by a sandboxed child and probed by another."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from archive import faults, keys
from archive.catalogue.transaction import Transaction
from archive.errors import OverBudget, RenderFailed, UnreadableMedia
from archive.model.asset import Asset, Reason, Trouble
from archive.model.event import Event, EventType
from archive.model.ids import AssetId, EventId, new_id
from archive.model.job import Job
from archive.model.rendition import Profile, Rendition
from archive.objects.port import ObjectStore
from archive.sandbox.budgets import PROBING, STILLS
from archive.sandbox.child import Completed, Sandbox
from archive.sandbox.rungs import Input, Output, python_program
from transcode.making import promised
from transcode.plan import decoder_of
from transcode.still import child, probe

MEDIA_TYPE, EXTENSION = "image/jpeg", "jpg"
RECIPE_VERSION = 1
PROFILES = {child.PREVIEW: Profile.PREVIEW, child.THUMBNAIL: Profile.THUMBNAIL}
SIDES = {Profile.PREVIEW: child.PREVIEW_SIDE, Profile.THUMBNAIL: child.THUMBNAIL_SIDE}
POLYGLOT = "polyglot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One made file in the folder given, as its probe saw it."""

    profile: Profile
    path: Path
    width: int
    height: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StillsMade:
    """What came of one photo: no stills when there was nothing to show, and then always the trouble.

    `width` and `height` are those of the upright original, None when its header could not be read. `placeholder` is
    Base64 of at most 25 bytes, `colour` the mean as `#rrggbb`.
    """

    recipe: str
    stills: tuple[Still, ...] = ()
    placeholder: str | None = None
    colour: str | None = None
    width: int | None = None
    height: int | None = None
    flags: tuple[str, ...] = ()
    trouble: Trouble | None = None
    tools: tuple[str, ...] = ()


def recipe(source_sha256: str) -> str:
    """The hash of all that makes the stills of a source: parameters, tool versions, the source's digest."""
    parameters = {
        "version": RECIPE_VERSION,
        "sides": [child.PREVIEW_SIDE, child.THUMBNAIL_SIDE],
        "quality": child.QUALITY,
        "subsampling": child.SUBSAMPLING,
        "decode_at": child.DECODE_AT,
        "tools": _tools(),
        "source": source_sha256,
    }
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


@cache
def _tools() -> tuple[str, ...]:
    return f"Pillow {version('pillow')}", f"pillow-heif {version('pillow-heif')}"


def render_stills(path: Path, asset: Asset, folder: Path, *, sandbox: Sandbox) -> StillsMade:
    """Make the stills of a local file into `folder` (which must exist and be empty).

    Material that shows nothing, or only a part, is told as `trouble`. Raises OverBudget past the limits, UnreadableMedia
    when the decoder died twice, RenderFailed when what was made is not what was asked for, NoSafeDecoder without a sandbox.
    """
    original = asset.original
    program = python_program(
        child.__name__, Input("original"), decoder_of(original.media_type), Output()
    )
    completed = sandbox.run(program, inputs={"original": path}, output=folder, budget=STILLS)
    report = _report(completed)
    made = StillsMade(
        recipe=recipe(original.sha256),
        placeholder=report.get("placeholder"),
        colour=report.get("colour"),
        width=report.get("width"),
        height=report.get("height"),
        flags=tuple(report.get("flags", ())),
        trouble=_trouble(report, asset),
        tools=_tools(),
    )
    files = [name for name in PROFILES if name in report.get("files", ())]
    faults.point("stills.before_probe")
    return replace(made, stills=_probed(files, folder, sandbox)) if files else made


def _report(completed: Completed) -> dict[str, Any]:
    """The child's word, as far as it has the promised form: it has read other people's bytes."""
    if completed.status != 0 and "MemoryError" in completed.stderr:
        raise OverBudget(detail="memory", tail=completed.stderr)
    try:
        report: dict[str, Any] = dict(json.loads(completed.stdout))
        if "trouble" in report:
            Reason(report["trouble"])
    except (ValueError, TypeError) as error:
        raise UnreadableMedia(
            "the decoder failed",
            reason=Reason.DAMAGED,
            detail="decoder-failed",
            tail=completed.stderr,
        ) from error
    if report.get("trouble") == Reason.OVER_BUDGET:  # parked: a person may try with more
        raise OverBudget(detail=str(report.get("detail")), tail=completed.stderr)
    return report


def _trouble(report: dict[str, Any], asset: Asset) -> Trouble | None:
    """A header of one format with nothing to decode behind it, in a file that is something else as well, is a polyglot."""
    if (name := report.get("trouble")) is None:
        return None
    reason = Reason(name)
    if reason is Reason.DAMAGED and POLYGLOT in asset.flags:
        reason = Reason.POLYGLOT
    return Trouble(reason=reason, detail=report.get("detail"), tail=report.get("tail") or None)


def _probed(names: list[str], folder: Path, sandbox: Sandbox) -> tuple[Still, ...]:
    """What was made is as untrusted as what it was made from: another child looks at it."""
    inputs = {name: promised(folder / name) for name in names}
    program = python_program(probe.__name__, *(Input(name) for name in names))
    completed = sandbox.run(program, inputs=inputs, budget=PROBING)
    if completed.status != 0:
        raise RenderFailed("a made still does not decode", tail=completed.stderr)
    seen = json.loads(completed.stdout)
    return tuple(
        _still(PROFILES[name], folder / name, facts)
        for name, facts in zip(names, seen, strict=True)
    )


def _still(profile: Profile, path: Path, facts: dict[str, Any]) -> Still:
    wrong = {
        "too large": max(facts["width"], facts["height"]) > SIDES[profile],
        "not baseline": not facts["baseline"],
        "not RGB": facts["mode"] != "RGB",
        "carries metadata": bool(facts["metadata"]),
    }
    if problems := [problem for problem, holds in wrong.items() if holds]:
        raise RenderFailed(f"{profile}: {', '.join(problems)}", detail="probe")
    data = path.read_bytes()
    return Still(
        profile=profile,
        path=path,
        width=facts["width"],
        height=facts["height"],
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def put(
    made: StillsMade, asset: Asset, job: Job, *, objects: ObjectStore, now: datetime
) -> tuple[Rendition, ...]:
    """Put what was made under this attempt's own keys; nothing points there until `record`."""
    placed = []
    for still in made.stills:
        key = keys.rendition(asset.id, still.profile, job.id, job.fence, EXTENSION)
        faults.point("stills.before_put")
        objects.put(key, still.path.read_bytes())
        placed.append(
            Rendition(
                profile=still.profile,
                recipe=made.recipe,
                key=key,
                media_type=MEDIA_TYPE,
                width=still.width,
                height=still.height,
                size_bytes=still.size_bytes,
                sha256=still.sha256,
                made_at=now,
            )
        )
    return tuple(placed)


def record(
    tx: Transaction,
    asset_id: AssetId,
    made: StillsMade,
    placed: tuple[Rendition, ...],
    at: datetime,
) -> tuple[str, ...]:
    """Point the asset at its renditions, in the transaction that holds the job's fence.

    Returns the keys nothing points at any more; they may be removed once the transaction is kept.
    """
    faults.point("stills.before_record")
    asset = tx.assets.get(asset_id)
    former = [tx.assets.set_rendition(asset_id, rendition) for rendition in placed]
    tx.assets.save(
        replace(
            asset,
            placeholder=made.placeholder,
            colour=made.colour,
            width=made.width or asset.width,
            height=made.height or asset.height,
            flags=tuple(sorted({*asset.flags, *made.flags})),
            trouble=asset.trouble if asset.is_mismatched else made.trouble,
        )
    )
    tx.events.record(
        Event(
            id=EventId(new_id(at)),
            asset=asset_id,
            type=EventType.CREATION,
            at=at,
            agent=None,
            software="; ".join(made.tools),
            outcome="failure" if made.trouble else "success",
            detail=", ".join(rendition.profile for rendition in placed) or None,
        )
    )
    return tuple(key for key in former if key)
