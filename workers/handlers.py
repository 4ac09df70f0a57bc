"""One line per job: what is done for it, and what is published under its fence."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from archive import keys
from archive.catalogue.engine import Catalogue
from archive.catalogue.transaction import Transaction
from archive.clock import Clock
from archive.errors import FixityMismatch, LostLease, ObjectMissing, Unavailable
from archive.model.asset import Asset
from archive.model.event import Event, EventType
from archive.model.ids import EventId, new_id
from archive.model.job import (
    CheckOriginal,
    ExamineAsset,
    Job,
    RebuildIndex,
    RenderAudio,
    RenderFirstPlayable,
    RenderLadder,
    RenderStills,
)
from archive.model.rendition import Playable
from archive.model.streams import streams_from
from archive.objects.port import ObjectStore
from archive.ocfl.commit import sha512_of
from archive.publishing import SOFTWARE
from archive.sandbox.child import Sandbox
from ingest import examine
from transcode import audio, making, stills, video
from transcode.ffmpeg import Report
from transcode.video import Earlier, Shooting
from workers.dispatch import ABOUT_ASSETS, Handler, Publish, Tidy

log = logging.getLogger(__name__)

Render = Callable[[Shooting], making.Made]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What handlers work with. `rebuild` builds the index anew; `sandbox` passed its self-check."""

    catalogue: Catalogue
    objects: ObjectStore
    clock: Clock
    zone: ZoneInfo
    sandbox: Sandbox
    scratch: Path
    rebuild: Callable[[], int]


def handlers(shop: Workshop) -> dict[str, Handler]:
    """The handler of every order."""
    return {
        ExamineAsset.kind: lambda job: examine_asset(job, shop),
        RenderStills.kind: lambda job: render_stills(job, shop),
        RenderFirstPlayable.kind: lambda job: render_first_playable(job, shop),
        RenderLadder.kind: lambda job: render_ladder(job, shop),
        RenderAudio.kind: lambda job: render_audio(job, shop),
        CheckOriginal.kind: lambda job: check_original(job, shop),
        RebuildIndex.kind: lambda _job: rebuild_index(shop),
    }


def examine_asset(job: Job, shop: Workshop) -> Publish:
    """Read what the original says about itself."""
    asset = _asset(job, shop)
    with shop.objects.as_path(asset.original.key) as path:
        findings = examine.examine(asset, path, sandbox=_sandbox(job, shop), zone=shop.zone)

    def publish(tx: Transaction) -> None:
        now = shop.clock()
        tx.assets.keep_findings(asset.id, findings, now)
        examine.record(tx, asset.id, findings, now)
        tx.audit.record("asset.examined", asset.id, agent=None, via="worker")

    return publish


def render_stills(job: Job, shop: Workshop) -> Publish:
    """Make preview and thumbnail; put them under this attempt's keys; what earlier attempts left goes."""
    asset = _asset(job, shop)
    with (
        TemporaryDirectory(dir=shop.scratch, prefix="stills-") as folder,
        shop.objects.as_path(asset.original.key) as path,
    ):
        made = stills.render_stills(path, asset, Path(folder), sandbox=_sandbox(job, shop))
        placed = stills.put(made, asset, job, objects=shop.objects, now=shop.clock())

    def publish(tx: Transaction) -> Tidy:
        stills.record(tx, asset.id, made, placed, shop.clock())
        tx.audit.record("asset.rendered", asset.id, agent=None, via="worker")
        return lambda: _forget_earlier(job, shop)

    return publish


def render_first_playable(job: Job, shop: Workshop) -> Publish:
    """Make the quickest thing that plays; nothing when the ladder is there already."""
    if _asset(job, shop).rendition(Playable.LADDER):
        return lambda _tx: None
    return _render_film(job, shop, video.render_first, video.FIRST_REPLACES)


def render_ladder(job: Job, shop: Workshop) -> Publish:
    """Make ladder, poster and storyboard; the first playable goes when they are there."""
    return _render_film(job, shop, video.render_ladder, video.LADDER_REPLACES)


def render_audio(job: Job, shop: Workshop) -> Publish:
    """Make what is listened to, and the waveform."""
    return _render_film(job, shop, audio.render_audio, audio.REPLACES)


def _render_film(job: Job, shop: Workshop, render: Render, replaces: tuple[str, ...]) -> Publish:
    """Render in a folder of its own and put the files under this attempt's keys."""
    with shop.catalogue.reading() as tx:
        asset, technical = tx.assets.get(job.asset), tx.assets.technical(job.asset)
    with (
        TemporaryDirectory(dir=shop.scratch, prefix="film-") as folder,
        shop.objects.as_path(asset.original.key) as path,
        _earlier(asset, shop) as earlier,
    ):
        shooting = Shooting(
            path=path,
            asset=asset,
            streams=streams_from(technical["av"]),
            folder=Path(folder),
            sandbox=_sandbox(job, shop),
            report=_reporter(job, shop),
            earlier=earlier,
        )
        made = render(shooting)
        placed = making.put(made, asset, job, objects=shop.objects, now=shop.clock())

    def publish(tx: Transaction) -> Tidy:
        former = making.record(
            tx, asset.id, making.Publication(made, placed, replaces), shop.clock()
        )
        tx.audit.record("asset.rendered", asset.id, agent=None, via="worker")
        return lambda: _forget(former, job, shop)

    return publish


@contextmanager
def _earlier(asset: Asset, shop: Workshop) -> Iterator[Earlier | None]:
    """The rung that the first playable brought, lent for the ladder; None also when it was replaced since the asset was read."""
    made = video.earlier_rung(asset)
    with ExitStack() as lent:
        found = None
        if made is not None:
            try:
                path = lent.enter_context(shop.objects.as_path(made.key))
                found = Earlier(path, made.recipe)
            except ObjectMissing:
                log.info("asset %s: the rung of its first playable was replaced", asset.id)
        yield found


def _reporter(job: Job, shop: Workshop) -> Report:
    """Note on the job's row how far it is. A lost lease or a cancelled job ends the child that works on it."""

    def report(share: float, left_seconds: float | None) -> None:
        try:
            with shop.catalogue.noting() as tx:
                tx.jobs.report(job, share, left_seconds)
        except Unavailable as trouble:
            log.warning("job %s: progress not noted: %s", job.id, trouble)

    return report


def _sandbox(job: Job, shop: Workshop) -> Sandbox:
    """The sandbox for one job: its children end within a second or two once the job is somebody else's."""

    def require_wanted() -> None:
        try:
            with shop.catalogue.reading() as tx:
                now = tx.jobs.get(job.id)
        except Unavailable as trouble:
            log.warning("job %s: not known whether it is ours still: %s", job.id, trouble)
            return
        if now is None or now.fence != job.fence:
            raise LostLease(f"job {job.id} is not held under fence {job.fence} any more")

    return replace(shop.sandbox, require_wanted=require_wanted)


def abandon(job: Job, shop: Workshop) -> None:
    """Remove what an attempt put that lost its lease or failed; what it had published before that stays."""
    if job.kind in ABOUT_ASSETS:
        _remove_unpointed(job, shop, lambda fence: fence == job.fence)


def _forget(former: tuple[str, ...], job: Job, shop: Workshop) -> None:
    for key in former:
        shop.objects.remove(key)
    _forget_earlier(job, shop)


def _forget_earlier(job: Job, shop: Workshop) -> None:
    """Remove what earlier attempts of this job wrote; a lower fence is never published any more."""
    _remove_unpointed(job, shop, lambda fence: fence < job.fence)


def _remove_unpointed(job: Job, shop: Workshop, is_over: Callable[[int], bool]) -> None:
    """Remove what this job put under fences that are over and its asset does not point at."""
    asset = _asset(job, shop)
    pointed = {rendition.key for rendition in asset.renditions}
    for key in list(shop.objects.keys(keys.renditions_of(asset.id))):
        if keys.is_of(job.id, key) and is_over(keys.fence_of(key)) and key not in pointed:
            shop.objects.remove(key)


def check_original(job: Job, shop: Workshop) -> Publish:
    """The first fixity check: read the original back from the store."""
    asset = _asset(job, shop)
    if sha512_of(shop.objects, asset.original.key) != asset.original.sha512:
        raise FixityMismatch(f"{asset.original.key} is not what was received")

    def publish(tx: Transaction) -> None:
        now = shop.clock()
        tx.originals.verified(asset.id, now)
        tx.events.record(
            Event(
                id=EventId(new_id(now)),
                asset=asset.id,
                type=EventType.FIXITY_CHECK,
                at=now,
                agent=None,
                software=SOFTWARE,
                detail="sha512",
            )
        )
        tx.audit.record("original.verified", asset.id, agent=None, via="worker")
        checked = tx.assets.get(asset.id)
        tx.assets.save(replace(checked, trouble=None) if checked.is_mismatched else checked)

    return publish


def rebuild_index(shop: Workshop) -> Publish:
    """Build the index beside the old one and swap."""
    shop.rebuild()

    def publish(tx: Transaction) -> None:
        tx.audit.record("index.rebuilt", "index", agent=None, via="worker")

    return publish


def _asset(job: Job, shop: Workshop) -> Asset:
    with shop.catalogue.reading() as tx:
        return tx.assets.get(job.asset)
