"""Every so often: take back what was lost, ring again, ask for work that the facts call for, tidy up."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from archive.catalogue.engine import Catalogue
from archive.catalogue.transaction import Transaction
from archive.clock import Clock
from archive.doorbell import Doorbell
from archive.errors import (
    CatalogueUnavailable,
    DoorbellUnavailable,
    MediatekaError,
    ObjectsUnavailable,
    SearchUnavailable,
    Unavailable,
)
from archive.model.asset import Asset, Reason, State, Trouble
from archive.model.job import CheckOriginal, ExamineAsset, Order, RebuildIndex
from archive.objects.port import ObjectStore
from archive.work import left_by_stopped
from ingest.examine import renders_of
from search.index.port import SearchIndex
from search.index.rebuild import drift
from workers.dispatch import ABOUT_ASSETS, Timing, mark_trouble

log = logging.getLogger(__name__)

LEASE = "sweeper"
REBUILD = RebuildIndex("index")
STRAY_SECONDS = 3600.0
COMPARED, COMPARE_SECONDS = "index compared", 600.0
SESSIONS_KEPT = timedelta(days=7)
ATTEMPTS_KEPT = timedelta(days=1)
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """One sweep at a time in the whole house: elected by a lease row."""

    catalogue: Catalogue
    objects: ObjectStore
    doorbell: Doorbell
    clock: Clock
    timing: Timing
    owner: str
    index: SearchIndex

    def sweep(self) -> None:
        """One round, if the lease is ours; a trouble in one part is logged and does not stop the others."""
        with self.catalogue.writing() as tx:
            if not tx.leases.acquire(LEASE, self.owner, self.timing.sweep_seconds * 3):
                return
        for part in (
            self._take_back,
            self._call_for_work,
            self._call_back,
            self._ring_again,
            self._tidy,
            self._compare_index,
        ):
            try:
                part()
            except MediatekaError as trouble:
                log.warning("sweep: %s: %s", part.__name__, trouble)

    def give_up(self) -> None:
        """Give the lease back."""
        with self.catalogue.writing() as tx:
            tx.leases.release(LEASE, self.owner)

    def _take_back(self) -> None:
        with self.catalogue.writing() as tx:
            for job in tx.jobs.sweep():
                log.warning("job %s %s was lost too often", job.id, job.kind)
                if job.kind in ABOUT_ASSETS:
                    found = Trouble(reason=Reason.DAMAGED, detail="decoder-failed")
                    mark_trouble(tx, job.asset, found)

    def _call_for_work(self) -> None:
        """Assets in the middle that no job works on get the job that their facts call for."""
        last = None
        while True:
            with self.catalogue.reading() as tx:
                page = tx.assets.in_the_middle(last, PAGE)
                open_ = [asset for asset in page if asset.state is State.PROCESSING]
                busy = tx.jobs.unsettled([asset.id for asset in open_])
            if not page:
                return
            last = page[-1].id
            idle = [asset for asset in open_ if asset.id not in busy]
            if idle:
                with self.catalogue.writing() as tx:
                    for asset in idle:
                        _defer(tx, asset)

    def _call_back(self) -> None:
        """What waits for a part that was away is due at once when the part answers again, however long it was to wait."""
        parts = {
            ObjectsUnavailable.code: self.objects.ping,
            SearchUnavailable.code: self.index.ping,
            CatalogueUnavailable.code: self.catalogue.ping,
        }
        with self.catalogue.reading() as tx:
            waiting = tx.jobs.troubles().keys() & parts.keys()
        for code in sorted(waiting):
            try:
                parts[code]()
            except Unavailable:
                continue
            with self.catalogue.writing() as tx:
                tx.jobs.call_back(code)

    def _ring_again(self) -> None:
        with self.catalogue.reading() as tx:
            late = tx.jobs.unclaimed(self.timing.sweep_seconds)
        for queue, job in late:
            try:
                self.doorbell.ring(queue, job)
            except DoorbellUnavailable:
                return

    def _compare_index(self) -> None:
        """Every ten minutes: what the index holds otherwise than the catalogue is put down for the indexer.

        One that was made by other rules than this program's, or never from the whole catalogue, is to be rebuilt.
        """
        compared = f"at {self.clock()}"
        with self.catalogue.writing() as tx:
            if not tx.leases.acquire(COMPARED, compared, COMPARE_SECONDS):
                return
        try:
            self.index.prepare()  # a server may come back empty
            differing, is_outdated = drift(self.catalogue, self.index), self.index.is_outdated()
        except SearchUnavailable:  # it is compared as soon as it answers
            with self.catalogue.writing() as tx:
                tx.leases.release(COMPARED, compared)
            raise
        with self.catalogue.writing() as tx:
            if is_outdated and not tx.jobs.unsettled([REBUILD.subject]):
                tx.jobs.defer(REBUILD)
            for asset, revision in differing.items():
                tx.index_due.put(asset, revision or 0)
        if differing:
            log.warning("sweep: the index differed in %d assets", len(differing))

    def _tidy(self) -> None:
        now = self.clock()
        with self.catalogue.noting() as tx:
            tx.sessions.forget_before(now - SESSIONS_KEPT)
            tx.sign_in_attempts.forget_before(now - ATTEMPTS_KEPT)
        self.objects.tidy(now - timedelta(seconds=STRAY_SECONDS))


def _defer(tx: Transaction, asset: Asset) -> None:
    """Order what is called for; where work stays stopped that the asset is not ready without, it needs attention instead."""
    if trouble := left_by_stopped(tx, asset):
        mark_trouble(tx, asset.id, trouble)
        return
    for order in called_for(asset):
        tx.jobs.defer(order)


def called_for(asset: Asset) -> list[Order]:
    """The jobs that the facts of an asset in the middle call for."""
    orders: list[Order] = []
    if asset.original.verified_at is None:
        orders.append(CheckOriginal(asset.id))
    if asset.examined_at is None:
        orders.append(ExamineAsset(asset.id))
    else:
        orders += renders_of(asset)
    return orders
