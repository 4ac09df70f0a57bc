"""Small tables of the house itself: facts, leases, and what the index still has to learn."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from archive.catalogue.tables import index_due, leases, meta
from archive.catalogue.upsert import insert_if_absent, insert_or_update
from archive.clock import Clock
from archive.model.ids import AssetId

ARCHIVE_ID = "archive_id"
MOVING = "moving"  # this catalogue is to become that of the archive named, and is not whole yet
LEAVING = "leaving"  # the house is on its way to the address named
MOVED = "moved"  # the house left for the address named


class Meta:
    """Facts about the house under a name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> str | None:
        """The value kept under a name, or None."""
        return self._connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()

    def set(self, key: str, value: str) -> None:
        """Keep a value under a name."""
        insert_or_update(self._connection, meta, {"key": key, "value": value}, keys=("key",))

    def forget(self, key: str) -> None:
        """Keep nothing under a name."""
        self._connection.execute(delete(meta).where(meta.c.key == key))


class Leases:
    """Who may do what only one may do: held for a time, renewed by its holder, taken over when it ran out."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def acquire(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew a lease; False while somebody else holds it."""
        now = self._clock()
        row = {"name": name, "owner": owner, "until": now + timedelta(seconds=seconds)}
        free = or_(leases.c.owner == owner, leases.c.until < now)
        taken = self._connection.execute(
            update(leases).where(leases.c.name == name, free).values(row)
        )
        return bool(taken.rowcount) or insert_if_absent(
            self._connection, leases, row, keys=("name",)
        )

    def held(self) -> list[tuple[str, str]]:
        """The leases that hold now: (name, owner)."""
        rows = select(leases.c.name, leases.c.owner).where(leases.c.until > self._clock())
        return [(row.name, row.owner) for row in self._connection.execute(rows)]

    def release(self, name: str, owner: str) -> None:
        """Give a lease back; one that passed to somebody else stays theirs."""
        mine = and_(leases.c.name == name, leases.c.owner == owner)
        self._connection.execute(delete(leases).where(mine))


class IndexDue:
    """Assets whose index entry is older than the catalogue; empty means that the index is up to date."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def put(self, asset: AssetId, revision: int) -> None:
        """Put an asset down; the newest revision wins."""
        row = {"asset": asset, "revision": revision, "since": self._clock()}
        insert_or_update(
            self._connection,
            index_due,
            row,
            keys=("asset",),
            keep=("since",),
            grow=("revision",),
        )

    def batch(self, limit: int) -> list[tuple[AssetId, int]]:
        """The oldest entries: (asset, revision)."""
        rows = select(index_due.c.asset, index_due.c.revision).order_by(index_due.c.since)
        return [
            (AssetId(row.asset), row.revision)
            for row in self._connection.execute(rows.limit(limit))
        ]

    def clear(self, rows: Sequence[tuple[AssetId, int]]) -> None:
        """Strike what the index has learnt; an entry whose revision rose meanwhile stays."""
        for asset, revision in rows:
            learnt = and_(index_due.c.asset == asset, index_due.c.revision <= revision)
            self._connection.execute(delete(index_due).where(learnt))

    def count(self) -> int:
        """How many assets wait."""
        return self._connection.execute(select(func.count()).select_from(index_due)).scalar_one()

    def oldest(self) -> datetime | None:
        """Since when the oldest entry waits."""
        return self._connection.execute(select(func.min(index_due.c.since))).scalar()
