"""Uploads under way: an offset is a promise, a fence says whose request writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from archive.catalogue.holding import hold_name
from archive.catalogue.tables import uploads
from archive.clock import Clock
from archive.errors import LostLease
from archive.model.ids import AgentId, AssetId, UploadId

UNKNOWN_LENGTH = -1  # deferred: the client names the length later; no offset ever equals it


class UploadState(StrEnum):
    """Where an upload stands."""

    RECEIVING = "receiving"
    FINISHED = "finished"  # with an outcome: stored, duplicate or refused
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One upload. `length` is in bytes, UNKNOWN_LENGTH while it is deferred. `asset` is the id it will have; `wishes` are collection, embargo, language … as chosen at deposit.

    `outcome` is `{"outcome", "asset"?, "reason"?, "detail"?}` once finished; `metadata` is the tus header as given.
    """

    id: UploadId
    asset: AssetId
    owner: AgentId
    client_key: str | None
    length: int
    offset: int
    fence: int
    metadata: str
    filename: str
    filename_bytes: str | None
    sha256: str | None
    wishes: Mapping[str, Any]
    state: UploadState
    outcome: Mapping[str, Any] | None
    via: str
    created: datetime
    touched: datetime
    expires: datetime


class Uploads:
    """The rows of uploads."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def hold_making(self, owner: AgentId | None = None) -> None:
        """Let this owner make no other upload until this transaction ends; None: let nobody make one."""
        hold_name(self._connection, "uploads", shared=owner is not None)
        if owner is not None:
            hold_name(self._connection, f"uploads of {owner}")

    def add(self, upload: Upload) -> None:
        """Add a new upload."""
        values = {name: getattr(upload, name) for name in Upload.__dataclass_fields__}
        self._connection.execute(uploads.insert().values(values | {"wishes": dict(upload.wishes)}))

    def get(self, upload: UploadId) -> Upload | None:
        """One upload, or None."""
        return self._one(uploads.c.id == upload)

    def of_client_key(self, owner: AgentId, key: str) -> Upload | None:
        """The upload that this owner made under this key of the client's own, or None."""
        return self._one((uploads.c.owner == owner) & (uploads.c.client_key == key))

    def take_over(self, upload: UploadId) -> tuple[int, int] | None:
        """Raise the fence: whoever wrote before acknowledges nothing more.

        Returns the new fence and the offset it begins at, None when the upload is not receiving.
        """
        here = (uploads.c.id == upload) & (uploads.c.state == UploadState.RECEIVING)
        self._connection.execute(update(uploads).where(here).values(fence=uploads.c.fence + 1))
        row = self._connection.execute(
            select(uploads.c.fence, uploads.c.offset).where(here)
        ).first()
        return (row.fence, row.offset) if row else None

    def advance(self, upload: UploadId, fence: int, offset: int, expires: datetime) -> None:
        """Promise an offset under a fence; LostLease when another request took over."""
        here = (uploads.c.id == upload) & (uploads.c.fence == fence)
        here &= (uploads.c.state == UploadState.RECEIVING) & (uploads.c.offset <= offset)
        here &= (uploads.c.length == UNKNOWN_LENGTH) | (uploads.c.length >= offset)
        values = {"offset": offset, "touched": self._clock(), "expires": expires}
        if not self._connection.execute(update(uploads).where(here).values(values)).rowcount:
            raise LostLease(f"upload {upload} was taken over by another request")

    def announce(self, upload: UploadId, length: int) -> bool:
        """Set a deferred length, once; False when it is set, below the offset, or the upload is not receiving."""
        here = (uploads.c.id == upload) & (uploads.c.state == UploadState.RECEIVING)
        here &= (uploads.c.length == UNKNOWN_LENGTH) & (uploads.c.offset <= length)
        values = {"length": length}
        return bool(self._connection.execute(update(uploads).where(here).values(values)).rowcount)

    def finish(self, upload: UploadId, outcome: Mapping[str, Any], expires: datetime) -> bool:
        """Give an upload its outcome; False when it has one already. A refusal frees the client's key for another try."""
        here = (uploads.c.id == upload) & (uploads.c.state == UploadState.RECEIVING)
        values: dict[str, Any] = {
            "state": UploadState.FINISHED,
            "outcome": dict(outcome),
            "expires": expires,
        }
        if outcome["outcome"] == "refused":
            values["client_key"] = None
        return bool(self._connection.execute(update(uploads).where(here).values(values)).rowcount)

    def end(self, upload: UploadId, state: UploadState) -> bool:
        """Cancel or expire an upload that is still receiving, and free the client's key; False when it is not, or complete."""
        here = (uploads.c.id == upload) & (uploads.c.state == UploadState.RECEIVING)
        here &= (uploads.c.offset < uploads.c.length) | (uploads.c.length <= 0)  # 0, or unknown
        values = {"state": state, "fence": uploads.c.fence + 1, "client_key": None}
        return bool(self._connection.execute(update(uploads).where(here).values(values)).rowcount)

    def expired(self, node: str) -> list[Upload]:
        """A node's uploads still receiving whose time is over; one that is complete waits for its adoption, however long."""
        receiving = (uploads.c.state == UploadState.RECEIVING) & _of_node(node)
        unfinished = uploads.c.offset != uploads.c.length
        return self._many(receiving & unfinished & (uploads.c.expires < self._clock()))

    def complete(self, node: str) -> list[Upload]:
        """A node's uploads whose bytes are all here but which have no outcome yet."""
        receiving = (uploads.c.state == UploadState.RECEIVING) & _of_node(node)
        return self._many(receiving & (uploads.c.offset == uploads.c.length))

    def open_of(self, owner: AgentId) -> int:
        """How many uploads of an owner are still receiving."""
        mine = (uploads.c.owner == owner) & (uploads.c.state == UploadState.RECEIVING)
        return self._connection.execute(
            select(func.count()).select_from(uploads).where(mine)
        ).scalar_one()

    def reserved_bytes(self) -> int:
        """Bytes promised to uploads under way and not yet received."""
        promised = uploads.c.state == UploadState.RECEIVING
        promised &= uploads.c.length != UNKNOWN_LENGTH
        rest = select(func.coalesce(func.sum(uploads.c.length - uploads.c.offset), 0)).where(
            promised
        )
        return int(self._connection.execute(rest).scalar_one())

    def received_since(self, owner: AgentId, since: datetime) -> int:
        """Bytes an owner sent in uploads touched since an instant."""
        mine = (uploads.c.owner == owner) & (uploads.c.touched >= since)
        total = select(func.coalesce(func.sum(uploads.c.offset), 0)).where(mine)
        return int(self._connection.execute(total).scalar_one())

    def _one(self, which: ColumnElement[bool]) -> Upload | None:
        found = self._many(which)
        return found[0] if found else None

    def _many(self, which: ColumnElement[bool]) -> list[Upload]:
        rows = select(uploads).where(which).order_by(uploads.c.created)
        return [_upload(row) for row in self._connection.execute(rows)]


def _of_node(node: str) -> ColumnElement[bool]:
    return uploads.c.id.startswith(f"{node}.", autoescape=True)


def _upload(row: Row[Any]) -> Upload:
    values = {name: getattr(row, name) for name in Upload.__dataclass_fields__}
    return Upload(**values | {"state": UploadState(row.state)})
