"""Jobs as rows: deferred with the change, claimed by compare-and-set, published under a fence.

The row is the message. A claim raises the fence; whatever a claimant publishes, it publishes in a transaction that checks the
fence, so a holder whose lease ran out can do no harm.
"""

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from archive.catalogue.holding import held
from archive.catalogue.job_rows import job_of
from archive.catalogue.tables import jobs, queue_pauses
from archive.catalogue.upsert import insert_if_absent, insert_or_update
from archive.clock import Clock
from archive.errors import LostLease, OverBudget
from archive.model.ids import JobId, new_id, new_tag
from archive.model.job import MOST_LOST, Job, JobState, Order, Queue

RETRY_DELAYS_SECONDS = (10, 60, 600, 3600)
GIVE_UP_AFTER = timedelta(hours=24)
JITTER = 0.2
UNHELD: dict[str, Any] = {"lease_owner": None, "lease_until": None}


class Jobs:
    """Defers, claims, renews, finishes, parks and sweeps."""

    def __init__(
        self, connection: Connection, clock: Clock, rings: list[tuple[Queue, JobId]]
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._rings = rings

    def defer(self, order: Order) -> JobId:
        """Ask for work. Asked again: ready changes nothing, running is done once more, finished or parked becomes ready.

        What a person cancelled, and what was parked over its budget, only a person starts again (`retry`).
        """
        same = self._same(order)
        made = self._insert(order)
        if made is None:
            asked = select(jobs.c.id, jobs.c.state, jobs.c.error_class).where(same)
            row = self._connection.execute(held(self._connection, asked)).one()
            made = JobId(row.id)
            if _is_peoples(row.state, row.error_class):
                return made
            if row.state == JobState.RUNNING:
                self._connection.execute(update(jobs).where(same).values(again=True))
            elif row.state != JobState.READY:
                self._make_ready(same, lost=0, error_class=None, error=None)
        self._rings.append((order.queue, made))
        return made

    def is_due(self, queue: Queue) -> bool:
        """Say whether a claim would find something; asking costs no write."""
        due = jobs.c.run_after <= self._clock()
        waiting = (jobs.c.queue == queue) & (jobs.c.state == JobState.READY) & due
        return (
            self._connection.execute(select(jobs.c.id).where(waiting).limit(1)).first() is not None
        )

    def claim(self, queue: Queue, owner: str, lease_seconds: float) -> Job | None:
        """Take the oldest job of the highest priority of a queue that is due; None when there is none or the queue pauses."""
        now = self._clock()
        paused = select(queue_pauses.c.queue).where(
            queue_pauses.c.queue == queue, queue_pauses.c.until > now
        )
        if self._connection.execute(paused).first():
            return None
        due = (jobs.c.queue == queue) & (jobs.c.state == JobState.READY) & (jobs.c.run_after <= now)
        in_order = (jobs.c.priority.desc(), jobs.c.run_after, jobs.c.id)
        first = select(jobs.c.id).where(due).order_by(*in_order).limit(1)
        job = self._connection.execute(held(self._connection, first, skips=True)).scalar()
        if job is None:
            return None
        claimed = self._connection.execute(
            update(jobs)
            .where(jobs.c.id == job, jobs.c.state == JobState.READY)
            .values(
                state=JobState.RUNNING,
                fence=jobs.c.fence + 1,
                attempt=jobs.c.attempt + 1,
                tag=new_tag(),
                again=False,
                progress=None,
                remaining_seconds=None,
                lease_owner=owner,
                lease_until=now + timedelta(seconds=lease_seconds),
                updated=now,
            )
        )
        return self.get(JobId(job)) if claimed.rowcount else None

    def get(self, job: JobId) -> Job | None:
        """One job, or None."""
        row = self._connection.execute(select(jobs).where(jobs.c.id == job)).first()
        return job_of(row) if row else None

    def of(self, subject: str) -> list[Job]:
        """The jobs about one thing, oldest first."""
        rows = select(jobs).where(jobs.c.subject == subject).order_by(jobs.c.created, jobs.c.id)
        return [job_of(row) for row in self._connection.execute(rows)]

    def renew(self, job: Job, lease_seconds: float) -> None:
        """Stretch the lease; LostLease when it passed to somebody else."""
        self._change(job, lease_until=self._clock() + timedelta(seconds=lease_seconds))

    def report(self, job: Job, progress: float, remaining_seconds: float | None) -> None:
        """Note how far a job has come (0 to 1) and how long it will take; LostLease when it is not ours or was cancelled."""
        self._change(job, progress=progress, remaining_seconds=remaining_seconds)

    def cancel(self, job: JobId) -> bool:
        """Cancel a job that waits or runs; whoever runs it loses the lease and publishes nothing. False when it was over."""
        open_ = or_(jobs.c.state == JobState.READY, jobs.c.state == JobState.RUNNING)
        cancelled = self._connection.execute(
            update(jobs)
            .where(jobs.c.id == job, open_)
            .values(
                state=JobState.CANCELLED,
                fence=jobs.c.fence + 1,
                again=False,
                **UNHELD,
                updated=self._clock(),
            )
        )
        return bool(cancelled.rowcount)

    def retry(self, job: Job) -> bool:
        """Make a parked or cancelled job ready, its attempts forgotten. False when it is done or under way."""
        stopped = or_(jobs.c.state == JobState.PARKED, jobs.c.state == JobState.CANCELLED)
        which = (jobs.c.id == job.id) & stopped
        if self._connection.execute(select(jobs.c.id).where(which)).first() is None:
            return False
        self._make_ready(which, lost=0, error_class=None, error=None, progress=None)
        self._rings.append((job.queue, job.id))
        return True

    def unfinished(self, limit: int) -> list[Job]:
        """The jobs that are not done, those that run first, then the oldest."""
        rows = select(jobs).where(jobs.c.state != JobState.DONE)
        running = jobs.c.state == JobState.RUNNING
        ordered = rows.order_by(running.desc(), jobs.c.created, jobs.c.id).limit(limit)
        return [job_of(row) for row in self._connection.execute(ordered)]

    def hold(self, job: Job) -> None:
        """Check inside a publishing transaction that the job is still ours; LostLease otherwise."""
        self._change(job, updated=self._clock())

    def finish(self, job: Job) -> None:
        """Mark done; when it was asked for again meanwhile it is ready once more. LostLease when it is not ours."""
        again = self._asked_again(job)
        state = JobState.READY if again else JobState.DONE
        self._change(
            job,
            state=state,
            again=False,
            **UNHELD,
            error_class=None,
            error=None,
        )
        if again:
            self._rings.append((job.queue, job.id))

    def hand_back(self, job: Job) -> None:
        """Give an unfinished job back at once: nobody is to blame, so the attempt does not count."""
        self._change(
            job,
            state=JobState.READY,
            attempt=job.attempt - 1,
            **UNHELD,
            run_after=self._clock(),
        )

    def hand_back_all(self, owner: str) -> int:
        """Give back what an owner that has stopped still held, and ring for it; returns how many."""
        held_by = (jobs.c.state == JobState.RUNNING) & (jobs.c.lease_owner == owner)
        rows = self._connection.execute(held(self._connection, select(jobs).where(held_by))).all()
        for job in map(job_of, rows):
            self.hand_back(job)
            self._rings.append((job.queue, job.id))
        return len(rows)

    def put_back(self, job: Job, error_class: str, error: str) -> None:
        """Try again later, with growing delay; parked when it has been tried for a day."""
        now = self._clock()
        delay = RETRY_DELAYS_SECONDS[min(job.attempt - 1, len(RETRY_DELAYS_SECONDS) - 1)]
        jittered = timedelta(seconds=delay * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret
        if now - job.created > GIVE_UP_AFTER:
            self.park(job, error_class, error)
            return
        self._change(
            job,
            state=JobState.READY,
            run_after=now + jittered,
            **UNHELD,
            error_class=error_class,
            error=error,
        )

    def park(self, job: Job, error_class: str, error: str) -> None:
        """Set a job aside with its reason; only a person or a new order starts it again, also one given meanwhile."""
        again = self._asked_again(job)
        self._change(
            job,
            state=JobState.READY if again else JobState.PARKED,
            again=False,
            **UNHELD,
            error_class=error_class,
            error=error,
        )

    def revive(self, error_class: str) -> int:
        """Make jobs ready that were parked for one reason, now that it is gone; returns how many."""
        parked = (jobs.c.state == JobState.PARKED) & (jobs.c.error_class == error_class)
        found = self._connection.execute(select(func.count()).where(parked)).scalar_one()
        if found:
            self._make_ready(parked, lost=0, error_class=None, error=None)
        return found

    def call_back(self, error_class: str) -> None:
        """Let jobs that wait after one trouble be due now, because what they wait for is back."""
        now = self._clock()
        waiting = (jobs.c.state == JobState.READY) & (jobs.c.error_class == error_class)
        waiting &= jobs.c.run_after > now
        rows = select(jobs.c.queue, jobs.c.id).where(waiting)
        for row in self._connection.execute(held(self._connection, rows, skips=True)).all():
            due = update(jobs).where(jobs.c.id == row.id).values(run_after=now, updated=now)
            self._connection.execute(due)
            self._rings.append((Queue(row.queue), JobId(row.id)))

    def pause(self, queue: Queue, reason: str, seconds: float) -> None:
        """Let a whole queue wait: its surroundings are at fault, no attempt is spent."""
        until = self._clock() + timedelta(seconds=seconds)
        insert_or_update(
            self._connection,
            queue_pauses,
            {"queue": queue, "reason": reason, "until": until},
            keys=("queue",),
        )

    def pauses(self) -> dict[Queue, str]:
        """The queues that wait now, with the reason."""
        now = self._clock()
        rows = select(queue_pauses).where(queue_pauses.c.until > now)
        return {Queue(row.queue): row.reason for row in self._connection.execute(rows)}

    def sweep(self) -> list[Job]:
        """Take back jobs whose lease ran out: ready again, or parked when lost too often. Returns those parked."""
        now = self._clock()
        lapsed = (jobs.c.state == JobState.RUNNING) & (jobs.c.lease_until < now)
        parked = []
        rows = held(self._connection, select(jobs).where(lapsed), skips=True)
        for row in self._connection.execute(rows).all():
            job = job_of(row)
            lost = job.lost + 1
            worn_out = lost >= MOST_LOST
            state = JobState.PARKED if worn_out else JobState.READY
            self._connection.execute(
                update(jobs)
                .where(jobs.c.id == job.id, jobs.c.fence == job.fence)
                .values(
                    state=state,
                    lost=lost,
                    fence=job.fence + 1,
                    **UNHELD,
                    run_after=now,
                    error_class="lost" if worn_out else None,
                    error=f"its worker was lost {lost} times" if worn_out else None,
                    updated=now,
                )
            )
            if worn_out:
                parked.append(job)
            else:
                self._rings.append((job.queue, job.id))
        return parked

    def unclaimed(self, seconds: float) -> list[tuple[Queue, JobId]]:
        """Jobs that have been due for so long that their ring must have been lost."""
        late = self._clock() - timedelta(seconds=seconds)
        rows = select(jobs.c.queue, jobs.c.id).where(
            jobs.c.state == JobState.READY, jobs.c.run_after < late
        )
        return [(Queue(row.queue), JobId(row.id)) for row in self._connection.execute(rows)]

    def counts(self) -> dict[tuple[Queue, JobState], int]:
        """How many jobs stand where."""
        rows = select(jobs.c.queue, jobs.c.state, func.count()).group_by(jobs.c.queue, jobs.c.state)
        return {
            (Queue(queue), JobState(state)): number
            for queue, state, number in self._connection.execute(rows)
        }

    def troubles(self) -> dict[str, int]:
        """Why jobs that were tried wait to be tried again, by the code of the trouble, with how many."""
        waiting = (jobs.c.state == JobState.READY) & jobs.c.error_class.is_not(None)
        number = func.count().label("number")
        rows = select(jobs.c.error_class, number).where(waiting).group_by(jobs.c.error_class)
        return {row.error_class: row.number for row in self._connection.execute(rows)}

    def unsettled(self, subjects: Iterable[str]) -> set[str]:
        """Those of the subjects that have a job ready or running."""
        wanted = list(subjects)
        waiting = or_(jobs.c.state == JobState.READY, jobs.c.state == JobState.RUNNING)
        rows = select(jobs.c.subject).where(jobs.c.subject.in_(wanted), waiting)
        return set(self._connection.execute(rows).scalars())

    def _asked_again(self, job: Job) -> bool:
        """Whether the job was asked for while it ran."""
        asked = select(jobs.c.again).where(jobs.c.id == job.id)
        return bool(self._connection.execute(held(self._connection, asked)).scalar())

    def _insert(self, order: Order) -> JobId | None:
        """The id of the new job; None when there is one already."""
        now = self._clock()
        job = JobId(new_id(now))
        row = {
            "id": job,
            "kind": order.kind,
            "subject": order.subject,
            "params": order.params,
            "queue": order.queue,
            "state": JobState.READY,
            "run_after": now,
            "again": False,
            "attempt": 0,
            "lost": 0,
            "max_attempts": order.max_attempts,
            "priority": order.priority,
            "fence": 0,
            "created": now,
            "updated": now,
        }
        keys = ("kind", "subject", "params")
        return job if insert_if_absent(self._connection, jobs, row, keys=keys) else None

    def _make_ready(self, which: ColumnElement[bool], **values: Any) -> None:
        now = self._clock()
        ready = {
            "state": JobState.READY,
            "run_after": now,
            "attempt": 0,
            "created": now,
            "updated": now,
        }
        self._connection.execute(update(jobs).where(which).values(ready | values))

    def _change(self, job: Job, **values: Any) -> None:
        mine = (
            (jobs.c.id == job.id) & (jobs.c.fence == job.fence) & (jobs.c.state == JobState.RUNNING)
        )
        values.setdefault("updated", self._clock())
        if not self._connection.execute(update(jobs).where(mine).values(values)).rowcount:
            raise LostLease(f"job {job.id} is not held under fence {job.fence} any more")

    @staticmethod
    def _same(order: Order) -> ColumnElement[bool]:
        return (
            (jobs.c.kind == order.kind)
            & (jobs.c.subject == order.subject)
            & (jobs.c.params == order.params)
        )


def _is_peoples(state: str, error_class: str | None) -> bool:
    over_budget = state == JobState.PARKED and error_class == OverBudget.code
    return state == JobState.CANCELLED or over_budget
