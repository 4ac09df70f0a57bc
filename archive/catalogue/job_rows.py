"""A row of the jobs' table as a job."""

from typing import Any

from sqlalchemy import Row

from archive.model.ids import JobId
from archive.model.job import Job, JobState, Queue


def job_of(row: Row[Any]) -> Job:
    """The job that a row tells of."""
    return Job(
        id=JobId(row.id),
        kind=row.kind,
        subject=row.subject,
        params=row.params,
        queue=Queue(row.queue),
        state=JobState(row.state),
        run_after=row.run_after,
        attempt=row.attempt,
        lost=row.lost,
        max_attempts=row.max_attempts,
        fence=row.fence,
        tag=row.tag,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        progress=row.progress,
        remaining_seconds=row.remaining_seconds,
        priority=row.priority,
        error_class=row.error_class,
        error=row.error,
        created=row.created,
        updated=row.updated,
    )
