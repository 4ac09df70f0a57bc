"""Originals on their way into the store and in it: the row "storing" comes before the bytes, "stored" after the object."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from archive.catalogue.holding import hold_name
from archive.catalogue.tables import assets, originals
from archive.clock import Clock
from archive.model.asset import AssetType, Original, Visibility
from archive.model.ids import AgentId, AssetId, UploadId
from archive.rights import Facts


class StoringState(StrEnum):
    """How far the adoption has come."""

    STORING = "storing"
    STORED = "stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """An original under adoption and all that its receipt needs, so that a second attempt writes the same bytes."""

    asset: AssetId
    upload: UploadId
    owner: AgentId
    type: AssetType
    original: Original
    flags: tuple[str, ...]
    receipt: Mapping[str, Any]
    begun: datetime


class Originals:
    """The rows of originals."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def hold_digest(self, sha256: str) -> None:
        """Let nobody else decide about these bytes until this transaction ends."""
        hold_name(self._connection, f"bytes {sha256}")

    def begin(self, storing: Storing) -> None:
        """Note an original as storing."""
        original = storing.original
        self._connection.execute(
            originals.insert().values(
                asset=storing.asset,
                state=StoringState.STORING,
                upload=storing.upload,
                key=original.key,
                filename=original.filename,
                filename_bytes=original.filename_bytes,
                size_bytes=original.size_bytes,
                sha256=original.sha256,
                sha512=original.sha512,
                media_type=original.media_type,
                extension=original.extension,
                puid=original.puid,
                type=storing.type,
                tag=original.tag,
                owner=storing.owner,
                flags=list(storing.flags),
                receipt=dict(storing.receipt),
                begun=storing.begun,
            )
        )

    def of_upload(self, upload: UploadId) -> Storing | None:
        """The adoption that an upload has begun, or None."""
        rows = select(originals).where(originals.c.upload == upload)
        row = self._connection.execute(rows).first()
        return _storing(row) if row else None

    def unfinished(self, node: str, before: datetime) -> Iterator[Storing]:
        """Adoptions begun on a node before an instant and not finished."""
        old = (originals.c.state == StoringState.STORING) & (originals.c.begun < before)
        old &= originals.c.upload.startswith(f"{node}.", autoescape=True)
        for row in self._connection.execute(select(originals).where(old)).all():
            yield _storing(row)

    def storing_of_digest(self, sha256: str, owner: AgentId) -> Storing | None:
        """An owner's own adoption of these bytes that is under way, or None."""
        rows = select(originals).where(
            originals.c.sha256 == sha256,
            originals.c.owner == owner,
            originals.c.state == StoringState.STORING,
        )
        row = self._connection.execute(rows.limit(1)).first()
        return _storing(row) if row else None

    def of_digest(self, sha256: str) -> list[tuple[AssetId, Facts]]:
        """Assets that hold these bytes, with the facts that say who may know."""
        columns = (
            originals.c.asset,
            originals.c.owner,
            assets.c.visibility,
            assets.c.embargo_until,
        )
        rows = select(*columns).join(assets, assets.c.id == originals.c.asset)
        return [
            (
                AssetId(row.asset),
                Facts(
                    owner=AgentId(row.owner),
                    visibility=Visibility(row.visibility),
                    embargo_until=row.embargo_until,
                ),
            )
            for row in self._connection.execute(rows.where(originals.c.sha256 == sha256))
        ]

    def stored(self, asset: AssetId, inventory_sha512: str) -> bool:
        """Turn storing into stored with version 1; False when somebody else did already."""
        mine = (originals.c.asset == asset) & (originals.c.state == StoringState.STORING)
        values = {
            "state": StoringState.STORED,
            "ocfl_version": 1,
            "inventory_sha512": inventory_sha512,
        }
        return bool(self._connection.execute(update(originals).where(mine).values(values)).rowcount)

    def verified(self, asset: AssetId, at: datetime) -> None:
        """Note that the original was read back and is what was received."""
        here = originals.c.asset == asset
        self._connection.execute(update(originals).where(here).values(verified_at=at))


def _storing(row: Row[Any]) -> Storing:
    names = Original.__dataclass_fields__
    return Storing(
        asset=AssetId(row.asset),
        upload=UploadId(row.upload),
        owner=AgentId(row.owner),
        type=AssetType(row.type),
        original=Original(**{name: getattr(row, name) for name in names}),
        flags=tuple(row.flags),
        receipt=row.receipt,
        begun=row.begun,
    )
