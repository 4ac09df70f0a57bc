"""What happened: PREMIS events of assets, and the append-only audit rows of every change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from archive.catalogue.tables import audit, events
from archive.clock import Clock
from archive.model.event import Event, EventType
from archive.model.ids import AgentId, AssetId, EventId


class Events:
    """Past acts on assets, only ever added to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, event: Event) -> None:
        """Write an event down; writing the same one again changes nothing."""
        if self._connection.execute(select(events.c.id).where(events.c.id == event.id)).first():
            return
        self._connection.execute(
            events.insert().values(
                id=event.id,
                asset=event.asset,
                type=event.type,
                at=event.at,
                agent=event.agent,
                software=event.software,
                outcome=event.outcome,
                detail=event.detail,
            )
        )

    def of(self, asset: AssetId) -> list[Event]:
        """The events of an asset, oldest first."""
        rows = select(events).where(events.c.asset == asset).order_by(events.c.at, events.c.id)
        return [
            Event(
                id=EventId(row.id),
                asset=AssetId(row.asset),
                type=EventType(row.type),
                at=row.at,
                agent=AgentId(row.agent) if row.agent else None,
                software=row.software,
                outcome=row.outcome,
                detail=row.detail,
            )
            for row in self._connection.execute(rows)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the audit log: who did what to what, by which way, with facts but no names."""

    at: datetime
    agent: str | None
    via: str
    act: str
    object: str
    detail: Any


class Audit:
    """The audit log; the database itself refuses to change or delete its rows."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def record(
        self, act: str, object_: str, *, agent: AgentId | None, via: str, detail: Any = None
    ) -> None:
        """Add a row: `act` as `noun.verb-past` (`asset.published`), `via` one of api, page, command, worker."""
        self._connection.execute(
            audit.insert().values(
                at=self._clock(), agent=agent, via=via, act=act, object=object_, detail=detail
            )
        )

    def of(self, object_: str) -> Iterator[AuditEntry]:
        """The rows about one object, oldest first."""
        rows = select(audit).where(audit.c.object == object_).order_by(audit.c.number)
        for row in self._connection.execute(rows):
            yield AuditEntry(
                at=row.at,
                agent=row.agent,
                via=row.via,
                act=row.act,
                object=row.object,
                detail=row.detail,
            )
