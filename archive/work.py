"""Work on an asset, seen and steered by people: what waits and runs, cancel it, ask for it again."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from archive.acting import Acting
from archive.catalogue.transaction import Transaction
from archive.errors import Conflict, NotFound, OverBudget
from archive.model.asset import Asset, AssetType, Reason, State, Trouble, required_profiles
from archive.model.ids import AssetId, JobId
from archive.model.job import (
    RENDERS,
    CheckOriginal,
    ExamineAsset,
    Job,
    JobState,
    RenderAudio,
    RenderLadder,
    RenderStills,
)
from archive.publishing import require
from archive.rights import Act

OPEN = frozenset({JobState.READY, JobState.RUNNING})
STOPPED = frozenset({JobState.PARKED, JobState.CANCELLED})
KEPT_REASONS = frozenset({Reason.FIXITY_MISMATCH, Reason.TRUNCATED})
MAKERS: Mapping[AssetType, str] = {
    AssetType.PHOTO: RenderStills.kind,
    AssetType.VIDEO: RenderLadder.kind,
    AssetType.AUDIO: RenderAudio.kind,
}


def cancel(asset_id: AssetId, job_id: JobId, by: Acting) -> Asset:
    """Cancel a render that waits or runs; nothing orders it again until somebody retries it.

    An asset that is not ready without it needs attention (`cancelled`). Raises NotFound, Forbidden, and Conflict for work
    that is over or that the archive's safety rests on.
    """

    def stopped(tx: Transaction, asset: Asset, job: Job) -> Asset:
        if job.kind not in RENDERS:
            raise Conflict("only the making of renditions can be cancelled")
        if not tx.jobs.cancel(job.id):
            raise Conflict("this work is over")
        if asset.state is not State.PROCESSING:
            return asset
        return replace(asset, trouble=left_by_stopped(tx, asset))

    return _steered("job.cancelled", asset_id, job_id, by, stopped)


def retry(asset_id: AssetId, job_id: JobId, by: Acting) -> Asset:
    """Have parked or cancelled work done after all, as if asked for the first time; errors as in `cancel`.

    The asset's trouble goes, unless other work that it is not ready without stays stopped.
    """

    def ordered(tx: Transaction, asset: Asset, job: Job) -> Asset:
        if not tx.jobs.retry(job):
            raise Conflict("this work is done or under way")
        known = asset.trouble
        if known and known.reason in KEPT_REASONS:
            return asset
        return replace(asset, trouble=left_by_stopped(tx, asset))

    return _steered("job.retried", asset_id, job_id, by, ordered)


def left_by_stopped(tx: Transaction, asset: Asset) -> Trouble | None:
    """The trouble of work that stopped and that the asset is not ready without; None where there is no such work.

    What was cancelled or over its budget is not tried again by itself and tells its own trouble. For anything else parked the
    asset's known trouble stays.
    """
    needed = _needed(asset)
    for job in tx.jobs.of(asset.id):
        if job.state in STOPPED and job.kind in needed:
            return _trouble_of(job, asset.trouble)
    return None


def _needed(asset: Asset) -> set[str]:
    """The kinds of work without which an asset does not become ready."""
    made = {rendition.profile for rendition in asset.renditions}
    wanted = {
        CheckOriginal.kind: asset.original.verified_at is None,
        ExamineAsset.kind: asset.examined_at is None,
        MAKERS[asset.type]: not made >= required_profiles(asset.type),
    }
    return {kind for kind, holds in wanted.items() if holds}


def _trouble_of(job: Job, known: Trouble | None) -> Trouble | None:
    if job.state is JobState.CANCELLED:
        return Trouble(reason=Reason.CANCELLED, detail=job.kind)
    if job.error_class != OverBudget.code or (known and known.reason is Reason.OVER_BUDGET):
        return known
    return Trouble(reason=Reason.OVER_BUDGET, tail=job.error)


def _steered(
    act: str,
    asset_id: AssetId,
    job_id: JobId,
    by: Acting,
    change: Callable[[Transaction, Asset, Job], Asset],
) -> Asset:
    with by.catalogue.writing() as tx:
        asset = tx.assets.get(asset_id)
        require(by.agent, asset, Act.DESCRIBE, by.now)
        job = tx.jobs.get(job_id)
        if job is None or job.subject != asset_id:
            raise NotFound(f"no job {job_id} of {asset_id}")
        changed = change(tx, asset, job)
        saved = tx.assets.save(changed) if changed != asset else asset
        detail = {"job": job.id, "order": job.kind}
        tx.audit.record(act, asset_id, agent=by.agent.id, via=by.via, detail=detail)
    return saved
