"""Keeping the index as new as the catalogue: one indexer, elected by a lease, empties `index_due`.

Each batch reads the assets as they are at that moment, commits, and only then strikes the entries whose revision has not
risen since. Killed anywhere the entries are still there, and putting twice is harmless.
"""

import logging
import threading
import time
from collections.abc import Sequence

from archive.catalogue.engine import Catalogue
from archive.errors import SearchUnavailable, Unavailable
from archive.model.ids import AssetId
from search.documents import SearchDocument, document
from search.index.port import SearchIndex
from search.labels import links_of

log = logging.getLogger(__name__)
LEASE = "indexer"
BATCH = 500
QUIET_SECONDS = 0.1  # a commit costs the same for one document as for a hundred
LONGEST_WAIT_SECONDS = 0.5  # so that saved to findable stays within a second
LOOK_SECONDS = 0.2  # other processes save too, and cannot wake this one


def documents_of(ids: Sequence[AssetId], *, catalogue: Catalogue) -> list[SearchDocument]:
    """The search documents of those of these assets that the catalogue holds, as they are now."""
    with catalogue.reading() as tx:
        assets = tx.assets.find(ids)
        said = [authority for asset in assets.values() for authority in links_of(asset.description)]
        authorities = tx.authorities.find(said)
    return [document(asset, authorities) for asset in assets.values()]


def drain(*, catalogue: Catalogue, index: SearchIndex) -> int:
    """Bring one batch of waiting assets into the index; returns how many entries were taken, 0 when none wait."""
    with catalogue.reading() as tx:
        rows = tx.index_due.batch(BATCH)
    if not rows:
        return 0
    ids = [asset for asset, _ in rows]
    documents = documents_of(ids, catalogue=catalogue)
    gone = set(ids) - {found.id for found in documents}
    if gone:
        index.drop(sorted(gone))
    if documents:
        index.put(documents)
    with catalogue.writing() as tx:
        tx.index_due.clear(rows)
    return len(rows)


def run(
    *,
    catalogue: Catalogue,
    index: SearchIndex,
    stop: threading.Event,
    wake: threading.Event,
    owner: str,
    lease_seconds: float,
) -> None:
    """Drain whenever something waits, until `stop`, while this owner holds the lease; `wake` saves looking.

    An index that is away or a busy catalogue is waited for. The lease and the writer are given back at the end.
    """
    indexer = _Indexer(catalogue, index, owner, lease_seconds)
    told = ""
    try:
        while not stop.is_set():
            try:
                indexer.turn(stop)
                if told:
                    log.info("the indexer goes on")
                told = ""
            except Unavailable as trouble:
                if type(trouble).__name__ != told:  # once, not with every look
                    log.warning("the indexer waits: %s", trouble)
                told = type(trouble).__name__
                stop.wait(min(1.0, lease_seconds / 4))
            wake.wait(min(LOOK_SECONDS, lease_seconds / 4))
            wake.clear()
    finally:
        indexer.give_up()


class _Indexer:
    """One process's candidacy: renews its lease in time, and writes only while it holds it."""

    def __init__(
        self, catalogue: Catalogue, index: SearchIndex, owner: str, lease_seconds: float
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._renew_at = 0.0
        self._holds = False
        self._is_prepared = False

    def turn(self, stop: threading.Event) -> None:
        """Drain all that waits, if the lease is ours."""
        try:
            while not stop.is_set() and self._holds_lease() and self._gather(stop):
                self._prepare()
                drain(catalogue=self._catalogue, index=self._index)
        except SearchUnavailable:
            self._is_prepared = False  # it may come back empty
            raise

    def _prepare(self) -> None:
        """Make the index where a house began while its server was away."""
        if not self._is_prepared:
            self._index.prepare()
            self._is_prepared = True

    def give_up(self) -> None:
        """Give back the writer and the lease."""
        self._index.lay_down()
        if self._holds:
            with self._catalogue.writing() as tx:
                tx.leases.release(LEASE, self._owner)
            self._holds = False

    def _holds_lease(self) -> bool:
        now = time.monotonic()
        if now >= self._renew_at:
            with self._catalogue.noting() as tx:
                holds = tx.leases.acquire(LEASE, self._owner, self._lease_seconds)
            if self._holds and not holds:
                log.warning("the indexer's lease went to another process")
                self._index.lay_down()
            self._holds, self._renew_at = holds, now + self._lease_seconds / 3
        return self._holds

    def _gather(self, stop: threading.Event) -> int:
        """How many wait, once no more came for a moment: many saves then cost one commit."""
        waiting, deadline = self._waiting(), time.monotonic() + LONGEST_WAIT_SECONDS
        while 0 < waiting < BATCH and time.monotonic() < deadline:
            stop.wait(QUIET_SECONDS)
            before, waiting = waiting, self._waiting()
            if waiting == before:
                break
        return waiting

    def _waiting(self) -> int:
        with self._catalogue.reading() as tx:
            return tx.index_due.count()
