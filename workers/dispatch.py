"""Claim a job, run its handler under a lease, publish what it made under the fence, or say why not."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from archive import faults
from archive.catalogue.engine import Catalogue
from archive.catalogue.transaction import Transaction
from archive.clock import Clock
from archive.errors import (
    CatalogueContended,
    Damaged,
    LostLease,
    MediatekaError,
    NoRoom,
    NoSafeDecoder,
    NotFound,
    Refused,
    Unavailable,
)
from archive.model.asset import Reason, Trouble
from archive.model.ids import AssetId
from archive.model.job import ORDERS, Job, Queue

log = logging.getLogger(__name__)

Tidy = Callable[[], None]
# What publishing returns is done once the transaction is kept.
Publish = Callable[[Transaction], Tidy | None]
Handler = Callable[[Job], Publish]
PAUSE_SECONDS = 60.0
PUBLISHING_TRIES = 3
TAIL = 2000
DEFECT = "defect"
ABOUT_ASSETS = frozenset(
    {
        *("examine-asset", "render-stills", "check-original"),
        *("render-first-playable", "render-ladder", "render-audio"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a lease holds, how often somebody looks; settings, so that fault tests need not wait."""

    lease_seconds: float = 60.0
    poll_seconds: float = 1.0
    sweep_seconds: float = 30.0


class Dispatcher:
    """Runs jobs of any queue with the handlers it was given; a missing or surplus handler stops the start.

    `abandon` removes what an attempt left that lost its lease or failed.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        catalogue: Catalogue,
        clock: Clock,
        owner: str,
        timing: Timing,
        abandon: Callable[[Job], None] | None = None,
    ) -> None:
        known = {order.kind for order in ORDERS}
        if known != set(handlers):
            raise LookupError(f"handlers and orders differ: {sorted(known ^ set(handlers))}")
        self._handlers = handlers
        self._abandon = abandon
        self._catalogue = catalogue
        self._clock = clock
        self._owner = owner
        self._timing = timing

    def run_one(self, queue: Queue) -> bool:
        """Run the next job of a queue; False when there is none. Never raises because of a job."""
        with self._catalogue.reading() as tx:
            if not tx.jobs.is_due(queue):
                return False
        with self._catalogue.writing() as tx:
            job = tx.jobs.claim(queue, self._owner, self._timing.lease_seconds)
        if job is None:
            return False
        log.info("job %s %s %s: attempt %d", job.id, job.kind, job.subject, job.attempt)
        try:
            with self._kept(job):
                publish = self._handlers[job.kind](job)
            faults.point("job.before_publish")
            self._publish(job, publish)
        except LostLease as trouble:
            log.warning("job %s: %s; nothing published", job.id, trouble)
            self._give_up(job)
        except MediatekaError as trouble:
            self._settle(job, trouble)
        except Exception as trouble:  # one of the three places where everything is caught
            log.exception("job %s: a defect of ours", job.id)
            self._settle(job, trouble)
        return True

    def _publish(self, job: Job, publish: Publish) -> None:
        for attempt in range(PUBLISHING_TRIES):
            try:
                with self._catalogue.writing() as tx:
                    tx.jobs.hold(job)
                    tidy = publish(tx)
                    tx.jobs.finish(job)
                break
            except CatalogueContended:
                if attempt + 1 == PUBLISHING_TRIES:
                    raise
        if tidy is not None:
            self._tidied(job, tidy)

    def _tidied(self, job: Job, tidy: Tidy) -> None:
        try:
            tidy()
        except MediatekaError as trouble:
            log.warning("job %s: over, but not tidied up: %s", job.id, trouble)

    def _give_up(self, job: Job) -> None:
        """Remove what the attempt put. Its row was settled before, so a publication in doubt is decided by now."""
        if self._abandon is not None:
            self._tidied(job, partial(self._abandon, job))

    @contextmanager
    def _kept(self, job: Job) -> Iterator[None]:
        """Renew the lease while the handler works."""
        done = threading.Event()
        keeper = threading.Thread(
            target=self._renew, args=(job, done), name=f"lease {job.id}", daemon=True
        )
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _renew(self, job: Job, done: threading.Event) -> None:
        while not done.wait(self._timing.lease_seconds / 4):
            try:
                with self._catalogue.noting() as tx:
                    tx.jobs.renew(job, self._timing.lease_seconds)
            except LostLease:
                return  # the handler goes on for nothing: its fence publishes nothing
            except Unavailable as trouble:
                log.warning("job %s: lease not renewed: %s", job.id, trouble)

    def _settle(self, job: Job, trouble: Exception) -> None:
        try:
            with self._catalogue.writing() as tx:
                self._note(tx, job, trouble)
        except LostLease:
            log.warning("job %s: failed under a lost lease", job.id)
        log.warning(
            "job %s %s %s: %s: %s", job.id, job.kind, job.subject, type(trouble).__name__, trouble
        )
        self._give_up(job)

    def _note(self, tx: Transaction, job: Job, trouble: Exception) -> None:
        """Each verdict its own way: park, pause the queue, or put back."""
        code = getattr(trouble, "code", DEFECT)
        text = f"{trouble}"[:TAIL]
        match trouble:
            case NoRoom():
                tx.jobs.pause(job.queue, code, PAUSE_SECONDS)
                tx.jobs.hand_back(job)
            case NoSafeDecoder():
                self._mark(tx, job, Trouble(reason=Reason.NO_SAFE_DECODER))
                tx.jobs.park(job, code, text)
            case Unavailable():
                tx.jobs.put_back(job, code, text)
            case Damaged():
                found = Trouble(reason=trouble.reason, detail=trouble.detail, tail=trouble.tail)
                self._mark(tx, job, found)
                tx.jobs.park(job, code, text)
            case Refused():
                tx.jobs.park(job, code, text)
            case _ if job.attempt - job.lost < job.max_attempts:
                tx.jobs.put_back(job, code, text)
            case _:
                self._mark(tx, job, Trouble(reason=Reason.DAMAGED, detail=DEFECT, tail=text))
                tx.jobs.park(job, code, text)

    def _mark(self, tx: Transaction, job: Job, trouble: Trouble) -> None:
        """The asset needs attention, with the reason people read."""
        if job.kind not in ABOUT_ASSETS:
            return
        mark_trouble(tx, job.asset, trouble)


def mark_trouble(tx: Transaction, asset_id: AssetId, trouble: Trouble) -> None:
    """Give an asset its trouble and an audit row; an asset that is gone needs nothing."""
    try:
        asset = tx.assets.get(asset_id)
    except NotFound:
        return
    tx.assets.save(replace(asset, trouble=trouble))
    detail = {"reason": trouble.reason, "detail": trouble.detail}
    tx.audit.record("asset.troubled", asset_id, agent=None, via="worker", detail=detail)
