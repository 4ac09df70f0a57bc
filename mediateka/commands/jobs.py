"""See the work that waits, runs or was stopped; cancel it; ask for it again."""

import json
from typing import Any

import click

from archive import work
from archive.acting import Acting
from archive.errors import NotFound
from archive.model.agent import OPERATOR
from archive.model.ids import JobId
from archive.model.job import Job
from mediateka.services import Services, build
from mediateka.settings import read_settings

MOST_LISTED = 1000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a job.")
def jobs(as_json: bool) -> None:
    """List the work that is not done: what runs first."""
    with build(read_settings()) as services, services.catalogue.reading() as tx:
        found = tx.jobs.unfinished(MOST_LISTED)
    for one in found:
        click.echo(json.dumps(_shown(one), ensure_ascii=False) if as_json else _line(one))


@click.group()
def job() -> None:
    """Cancel or retry one job."""


@job.command()
@click.argument("job_id", metavar="ID")
def cancel(job_id: str) -> None:
    """Cancel a render that waits or runs; it stays cancelled until it is retried."""
    with build(read_settings()) as services:
        found = _found(services, job_id)
        work.cancel(found.asset, found.id, _acting(services))
    click.echo(f"{job_id} cancelled")


@job.command()
@click.argument("job_id", metavar="ID")
def retry(job_id: str) -> None:
    """Have parked or cancelled work done after all."""
    with build(read_settings()) as services:
        found = _found(services, job_id)
        work.retry(found.asset, found.id, _acting(services))
    click.echo(f"{job_id} waits again")


def _acting(services: Services) -> Acting:
    return Acting(catalogue=services.catalogue, agent=OPERATOR, now=services.clock(), via="command")


def _found(services: Services, job_id: str) -> Job:
    with services.catalogue.reading() as tx:
        found = tx.jobs.get(JobId(job_id))
    if found is None:
        raise NotFound(f"no job {job_id}")
    return found


def _shown(one: Job) -> dict[str, Any]:
    return {
        "id": one.id,
        "order": one.kind,
        "subject": one.subject,
        "state": one.state,
        "progress": one.progress,
        "remaining_seconds": one.remaining_seconds,
        "attempt": one.attempt,
        "reason": one.error_class,
    }


def _line(one: Job) -> str:
    share = f"{one.progress:.0%}" if one.progress is not None else ""
    left = f"{one.remaining_seconds:.0f} s left" if one.remaining_seconds is not None else ""
    facts = (share, left, one.error_class or "")
    told = "  ".join(fact for fact in facts if fact)
    return f"{one.id}  {one.state:<9}  {one.kind:<21}  {one.subject}  {told}".rstrip()
