"""Work on one asset as the API shows it: to those who may describe it whole, to others how far the film is."""

from typing import Any

from archive.catalogue.engine import Catalogue
from archive.model.asset import Asset, AssetType, State
from archive.model.job import RENDERS, Job, JobState
from archive.work import OPEN, STOPPED


def present_work(asset: Asset, catalogue: Catalogue, *, full: bool) -> dict[str, Any]:
    """The fields `work`, `stopped` and `loudness_lufs` of AssetOut."""
    with catalogue.reading() as tx:
        jobs = tx.jobs.of(asset.id)
        heard = tx.assets.technical(asset.id) if asset.type is AssetType.AUDIO else {}
    told = {"loudness_lufs": heard.get("loudness_lufs")}
    if full:
        stopped = [_whole(job) for job in jobs if job.state in STOPPED]
        return told | {
            "work": [_whole(job) for job in jobs if job.state in OPEN],
            "stopped": stopped,
        }
    if asset.type is AssetType.PHOTO or asset.state is not State.PROCESSING:
        return told
    running = [job for job in jobs if job.kind in RENDERS and job.state is JobState.RUNNING]
    return told | {"work": [_plain(job) for job in running]}


def is_running(shown: dict[str, Any]) -> bool:
    """Whether anything in what `present_work` gave moves right now."""
    running = JobState.RUNNING
    return any(one.get("state", running) == running for one in shown.get("work", ()))


def _plain(job: Job) -> dict[str, Any]:
    return {"progress": job.progress, "remaining_seconds": job.remaining_seconds}


def _whole(job: Job) -> dict[str, Any]:
    return {"id": job.id, "order": job.kind, "state": job.state} | _plain(job)
