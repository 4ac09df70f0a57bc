"""One line per job: what is done for it, and what is published under its fence."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from archive import keys
from archive.catalogue.engine import Catalogue
from archive.catalogue.transaction import Transaction
from archive.clock import Clock
from archive.errors import FixityMismatch
from archive.model.asset import Asset
from archive.model.event import Event, EventType
from archive.model.ids import EventId, new_id
from archive.model.job import CheckOriginal, ExamineAsset, Job, RebuildIndex, RenderStills
from archive.objects.port import ObjectStore
from archive.ocfl.commit import sha512_of
from archive.publishing import SOFTWARE
from archive.sandbox.child import Sandbox
from ingest import examine
from transcode import stills
from workers.dispatch import Handler, Publish, Tidy


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
        CheckOriginal.kind: lambda job: check_original(job, shop),
        RebuildIndex.kind: lambda _job: rebuild_index(shop),
    }


def examine_asset(job: Job, shop: Workshop) -> Publish:
    """Read what the original says about itself."""
    asset = _asset(job, shop)
    with shop.objects.as_path(asset.original.key) as path:
        findings = examine.examine(asset, path, sandbox=shop.sandbox, zone=shop.zone)

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
        made = stills.render_stills(path, asset, Path(folder), sandbox=shop.sandbox)
        placed = stills.put(made, asset, job, objects=shop.objects, now=shop.clock())

    def publish(tx: Transaction) -> Tidy:
        stills.record(tx, asset.id, made, placed, shop.clock())
        tx.audit.record("asset.rendered", asset.id, agent=None, via="worker")
        return lambda: _forget_earlier(job, shop)

    return publish


def _forget_earlier(job: Job, shop: Workshop) -> None:
    """Remove what earlier attempts wrote and nothing points at; a lower fence can never be published any more."""
    asset = _asset(job, shop)
    pointed = {rendition.key for rendition in asset.renditions}
    for key in list(shop.objects.keys(keys.renditions_of(asset.id))):
        if key not in pointed and keys.fence_of(key) < job.fence:
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
