"""Tending a node's staging: finish what a crash left, end uploads whose time is over, remove what belongs to nobody.

Staged files lie on one node's disk, so whoever receives there tends them; one process at a time, elected by a lease of the node.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta

from archive.catalogue.engine import Catalogue
from archive.catalogue.uploads import UploadState
from archive.clock import Clock
from archive.errors import MediatekaError
from archive.model.asset import Reason
from archive.model.ids import UploadId
from ingest.adopt import Adoption
from ingest.staging import Staging

log = logging.getLogger(__name__)

LEASE = "staging"
MISMATCH_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """One process's readiness to tend the staging of `node`. `lease_seconds` is how long a writer may hold on to its work."""

    catalogue: Catalogue
    staging: Staging
    adoption: Adoption
    clock: Clock
    node: str
    owner: str
    lease_seconds: float
    every_seconds: float

    def keep(self, stop: threading.Event) -> None:
        """Tend every so often until stopped; a part that is away for now is waited for."""
        while not stop.is_set():
            try:
                self.tend()
            except MediatekaError as trouble:
                log.warning("staging: %s: %s", type(trouble).__name__, trouble)
            stop.wait(self.every_seconds)
        self.give_up()

    def give_up(self) -> None:
        """Give the lease back."""
        with self.catalogue.writing() as tx:
            tx.leases.release(self._lease, self.owner)

    @property
    def _lease(self) -> str:
        return f"{LEASE} {self.node}"

    def tend(self) -> None:
        """One round, if the lease is ours; a trouble in one part is logged and does not stop the others."""
        with self.catalogue.writing() as tx:
            if not tx.leases.acquire(self._lease, self.owner, self.every_seconds * 3):
                return
        for part in (self._finish_adoptions, self._expire_uploads, self._remove_strays):
            try:
                part()
            except MediatekaError as trouble:
                log.warning("staging: %s: %s", part.__name__, trouble)

    def _finish_adoptions(self) -> None:
        older = timedelta(seconds=self.lease_seconds)
        finished = self.adoption.recover(self.node, older_than=older)
        if finished:
            log.info("staging: finished %d adoptions that a crash had left", finished)

    def _expire_uploads(self) -> None:
        with self.catalogue.reading() as tx:
            over = tx.uploads.expired(self.node)
        for upload in over:
            with self.catalogue.writing() as tx:
                if not tx.uploads.end(upload.id, UploadState.EXPIRED):
                    continue
                tx.audit.record("upload.expired", upload.asset, agent=upload.owner, via="worker")
            self.staging.remove(upload.id)

    def _remove_strays(self) -> None:
        now = self.clock().timestamp()
        for name, touched in self.staging.files():
            if self._is_stray(name, timedelta(seconds=now - touched)):
                self.staging.remove(name)

    def _is_stray(self, name: UploadId, age: timedelta) -> bool:
        """A staged file goes with its upload's outcome; one that was promised other bytes is kept a day for inspection."""
        with self.catalogue.reading() as tx:
            upload = tx.uploads.get(name)
        if upload is None:
            return age > timedelta(seconds=self.lease_seconds) and self._is_unknown(name)
        if upload.state is UploadState.RECEIVING:
            return False
        mismatch = (upload.outcome or {}).get("reason") == Reason.FIXITY_MISMATCH
        return not mismatch or self.clock() - upload.touched > MISMATCH_KEPT

    def _is_unknown(self, name: UploadId) -> bool:
        """Whether no upload will ever bear this name.

        A staged file is made inside the transaction that notes its upload: whoever holds the making knows that it is over.
        """
        with self.catalogue.writing() as tx:
            tx.uploads.hold_making()
            return tx.uploads.get(name) is None
