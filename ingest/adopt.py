"""From the last byte to an object in the store: compare, identify, adopt, declare, record.

The order of writing is the promise: a row "storing" first, the bytes once to their final key, version 1 of the OCFL object, then
asset, event, audit row and jobs in one transaction. Every step may be repeated.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from archive import faults, keys
from archive.catalogue.engine import Catalogue
from archive.catalogue.originals import Storing
from archive.catalogue.transaction import Transaction
from archive.catalogue.uploads import Upload
from archive.clock import Clock
from archive.errors import (
    Damaged,
    LostLease,
    MediatekaError,
    NotFound,
    ObjectMissing,
    Unavailable,
    UnreadableMedia,
)
from archive.model.agent import Agent
from archive.model.asset import Asset, Original, Reason, Visibility
from archive.model.event import Event, EventType
from archive.model.ids import AgentId, AssetId, EventId, UploadId, new_id, new_tag
from archive.model.job import CheckOriginal, ExamineAsset
from archive.objects.port import ObjectStore
from archive.ocfl.commit import Deposit, commit_first_version
from archive.ocfl.inventory import Author, spell_instant
from archive.publishing import SOFTWARE
from archive.rights import Act, decide
from ingest.identify import Identified, identify
from ingest.staging import Digests, Staging
from ingest.wishes import as_edited, collection_of, embargo_of

log = logging.getLogger(__name__)

RECEIPT_SCHEMA = "https://mediateka.example/schemas/receipt/1"
HEAD_BYTES = 64 * 1024
TAIL_BYTES = 64 * 1024
STORING_PATIENCE_SECONDS = 10.0  # a second sender would only send the same once more
KEPT_AFTER_OUTCOME = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """Finishes uploads. `public_url` names the depositor's agent in the object (no mail address outlives people)."""

    catalogue: Catalogue
    objects: ObjectStore
    staging: Staging
    clock: Clock
    public_url: str

    def finish(self, upload: Upload) -> Upload:
        """Give a complete upload its outcome; an upload that has one keeps it. May be called by several at once.

        Outcomes: stored, duplicate, refused with a reason. Raises ObjectsUnavailable or NoRoom when the store is away or full;
        then all bytes are kept and the upload is finished later.
        """
        try:
            storing = self._begun(upload.id) or self._decide(upload)
        except LostLease:  # somebody else is finishing it and has taken the staged bytes
            if (current := self._current(upload)).outcome is not None:
                return current
            if (begun := self._begun(upload.id)) is None:
                raise
            storing = begun
        if not isinstance(storing, Storing):
            return self._outcome(upload, storing)
        self.store(storing)
        return self._current(upload)

    def store(self, storing: Storing) -> None:
        """Do what is missing of an adoption: bytes, object, record. Unavailable while somebody else sends the bytes."""
        faults.point("adopt.after_row")
        deposit = self._deposit(storing)
        staged = self.staging.path(storing.upload)
        with self.staging.held(storing.upload, STORING_PATIENCE_SECONDS):
            try:
                inventory = commit_first_version(deposit, staged=staged, objects=self.objects)
            except ObjectMissing:  # adopted by an earlier attempt, or by another a moment ago
                inventory = commit_first_version(deposit, staged=None, objects=self.objects)
        with self.catalogue.writing() as tx:
            self._record(tx, storing, inventory)
        faults.point("adopt.after_stored")
        self.staging.remove(storing.upload)

    def recover(self, node: str, *, older_than: timedelta) -> int:
        """Finish what crashed on a node between the last byte and the record; returns how many were finished.

        One that cannot be finished now is logged and holds up no other.
        """
        before = self.clock() - older_than
        with self.catalogue.reading() as tx:
            unfinished = list(tx.originals.unfinished(node, before))
            complete = [upload for upload in tx.uploads.complete(node) if upload.touched < before]
        begun = {storing.upload for storing in unfinished}
        acts: list[Callable[[], object]] = [partial(self.store, storing) for storing in unfinished]
        acts += [partial(self.finish, upload) for upload in complete if upload.id not in begun]
        return sum(_succeeds(act) for act in acts)

    def _begun(self, upload: UploadId) -> Storing | None:
        with self.catalogue.reading() as tx:
            return tx.originals.of_upload(upload)

    def _decide(self, upload: Upload) -> Storing | dict[str, Any]:
        """A refusal, a duplicate, or the row of an adoption that begins."""
        digests = self.staging.digests(upload.id, upload.length)
        sha256 = digests.sha256.hexdigest()
        if upload.sha256 is not None and upload.sha256 != sha256:
            return {"outcome": "refused", "reason": Reason.FIXITY_MISMATCH, "sha256": sha256}
        try:
            found = self._identify(upload)
        except Damaged as trouble:
            refusal = {"outcome": "refused", "reason": trouble.reason, "sha256": sha256}
            return refusal | ({"detail": trouble.detail} if trouble.detail else {})
        faults.point("adopt.after_sync")
        return self._begin(upload, found, digests, self._finish_twin(sha256, upload))

    def _finish_twin(self, sha256: str, upload: Upload) -> AssetId | None:
        """The same bytes of the same depositor, half adopted: finish those first, so that these are their duplicate.

        Returns the twin when it is beyond help, so that it stands in nobody's way.
        """
        with self.catalogue.reading() as tx:
            twin = tx.originals.storing_of_digest(sha256, upload.owner)
        if twin is None or twin.upload == upload.id:
            return None
        try:
            self.store(twin)
        except Damaged as trouble:
            log.warning("the adoption of %s cannot be finished: %s", twin.asset, trouble)
            return twin.asset
        return None

    def _identify(self, upload: Upload) -> Identified:
        if upload.length == 0:
            raise UnreadableMedia("no bytes at all", reason=Reason.EMPTY)
        with self.staging.reading(upload.id) as file:
            head = file.read(HEAD_BYTES)
            file.seek(max(0, upload.length - TAIL_BYTES))
            tail = file.read(TAIL_BYTES)
        return identify(head, upload.filename, upload.length, tail)

    def _begin(
        self, upload: Upload, found: Identified, digests: Digests, hopeless: AssetId | None
    ) -> Storing | dict[str, Any]:
        """The first transaction: duplicate check and row "storing" together; Unavailable while a twin is being stored."""
        sha256 = digests.sha256.hexdigest()
        with self.catalogue.writing() as tx:
            tx.originals.hold_digest(sha256)
            begun = tx.originals.of_upload(upload.id)
            if begun is not None:
                return begun
            held = self._held(tx, upload, sha256)
            if held is not None:
                return {"outcome": "duplicate", "asset": held, "sha256": sha256}
            twin = tx.originals.storing_of_digest(sha256, upload.owner)
            if twin is not None and twin.asset != hopeless:
                raise Unavailable("the same bytes are being stored at this moment")
            storing = self._storing(tx, upload, found, digests)
            tx.originals.begin(storing)
            return storing

    def _held(self, tx: Transaction, upload: Upload, sha256: str) -> AssetId | None:
        """The asset that holds these bytes, if the depositor may know of it."""
        agent = _depositor(tx, upload.owner)
        for asset, facts in tx.originals.of_digest(sha256):
            if decide(agent, facts, Act.DISCOVER, self.clock()).allowed:
                return asset
        return None

    def _storing(
        self, tx: Transaction, upload: Upload, found: Identified, digests: Digests
    ) -> Storing:
        now = self.clock()
        tag = new_tag()
        original = Original(
            key=keys.original(upload.asset, tag, found.extension),
            filename=upload.filename,
            filename_bytes=upload.filename_bytes,
            size_bytes=upload.length,
            sha256=digests.sha256.hexdigest(),
            sha512=digests.sha512.hexdigest(),
            media_type=found.media_type,
            extension=found.extension,
            puid=found.puid,
            tag=tag,
        )
        names = tx.accounts.names({upload.owner})
        receipt = {
            "schema": RECEIPT_SCHEMA,
            "asset": upload.asset,
            "name": None if upload.filename_bytes else upload.filename,
            "name_bytes_base64": upload.filename_bytes,
            "size_bytes": upload.length,
            "sha256": original.sha256,
            "sha512": original.sha512,
            "media_type": found.media_type,
            "client_key": upload.client_key,
            "depositor": {
                "id": upload.owner,
                "name": names.get(upload.owner) or upload.owner,
                "address": f"{self.public_url}/agents/{upload.owner}",
            },
            "upload_created": spell_instant(upload.created),
            "received": spell_instant(now),
            "wishes": dict(upload.wishes),
        }
        return Storing(
            asset=upload.asset,
            upload=upload.id,
            owner=upload.owner,
            type=found.type,
            original=original,
            flags=tuple(found.flags),
            receipt=receipt,
            begun=now,
        )

    def _deposit(self, storing: Storing) -> Deposit:
        depositor = storing.receipt["depositor"]
        return Deposit(
            asset=storing.asset,
            original=storing.original,
            receipt=storing.receipt,
            created=storing.begun,
            author=Author(name=depositor["name"], address=depositor["address"]),
        )

    def _record(self, tx: Transaction, storing: Storing, inventory_sha512: str) -> None:
        """The second transaction: stored, asset, event, audit row, jobs, outcome."""
        if not tx.originals.stored(storing.asset, inventory_sha512):
            return
        now = self.clock()
        wishes = storing.receipt["wishes"]
        asset = self._asset(tx, storing)
        tx.assets.add(asset)
        upload = tx.uploads.get(storing.upload)
        via = upload.via if upload else "worker"
        if collection := wishes.get("collection"):
            self._collect(tx, collection, storing, via)
        tx.events.record(
            Event(
                id=EventId(new_id(now)),
                asset=asset.id,
                type=EventType.INGESTION,
                at=now,
                agent=storing.owner,
                software=SOFTWARE,
            )
        )
        detail = {"sha256": storing.original.sha256, "published": asset.visibility}
        tx.audit.record("asset.stored", asset.id, agent=storing.owner, via=via, detail=detail)
        tx.jobs.defer(ExamineAsset(asset.id))
        tx.jobs.defer(CheckOriginal(asset.id))
        outcome = {"outcome": "stored", "asset": asset.id, "sha256": storing.original.sha256}
        tx.uploads.finish(storing.upload, outcome, now + KEPT_AFTER_OUTCOME)

    def _collect(self, tx: Transaction, name: str, storing: Storing, via: str) -> None:
        """Into the collection wished for; one gone or hidden since the deposit began is no reason to keep nothing."""
        try:
            held = collection_of(tx, name, _depositor(tx, storing.owner), self.clock())
        except NotFound:
            log.warning("asset %s: its collection %s is gone", storing.asset, name)
            return
        place = tx.collections.append(held.id, storing.asset)
        facts = {"asset": storing.asset, "position": place}
        tx.audit.record(
            "collection.asset-added", held.id, agent=storing.owner, via=via, detail=facts
        )

    def _asset(self, tx: Transaction, storing: Storing) -> Asset:
        wishes = storing.receipt["wishes"]
        publish = bool(wishes.get("publish"))
        return Asset(
            id=storing.asset,
            number=0,
            revision=1,
            type=storing.type,
            owner=storing.owner,
            original=storing.original,
            deposited_at=storing.begun,
            visibility=Visibility.PUBLISHED if publish else Visibility.DRAFT,
            published_at=storing.begun if publish else None,
            edited=as_edited(tx, wishes, self.clock()),
            embargo_until=embargo_of(wishes),
            flags=storing.flags,
            batch=wishes.get("batch"),
            language=wishes.get("language"),
        )

    def _outcome(self, upload: Upload, outcome: dict[str, Any]) -> Upload:
        """Refused or duplicate: keep the outcome and an audit row; the bytes go, but for a mismatch's inspection."""
        with self.catalogue.writing() as tx:
            if tx.uploads.finish(upload.id, outcome, self.clock() + KEPT_AFTER_OUTCOME):
                act = f"upload.{outcome['outcome']}"
                tx.audit.record(
                    act, upload.asset, agent=upload.owner, via=upload.via, detail=outcome
                )
        if outcome.get("reason") != Reason.FIXITY_MISMATCH:
            self.staging.remove(upload.id)
        return self._current(upload)

    def _current(self, upload: Upload) -> Upload:
        with self.catalogue.reading() as tx:
            return tx.uploads.get(upload.id) or replace(upload)


def _succeeds(act: Callable[[], object]) -> bool:
    """Whether an adoption could be finished; what stopped it is for the next sweep and for the log."""
    try:
        act()
    except MediatekaError as trouble:
        log.warning("an adoption cannot be finished: %s: %s", type(trouble).__name__, trouble)
        return False
    return True


def _depositor(tx: Transaction, owner: AgentId) -> Agent:
    account = tx.accounts.get(owner)
    return account.agent if account else Agent(id=owner)
