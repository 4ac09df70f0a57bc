"""A catalogue as rows: copied whole into another, whichever database keeps it, and written down canonically."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, collate, func, inspect, select, text
from sqlalchemy.types import TypeEngine

from archive.catalogue import tables
from archive.catalogue.tables import Words, metadata

PAGE = 1000
# Who works where at this moment, which ends where the house is left.
LEFT_BEHIND = frozenset({tables.leases, tables.queue_pauses})
VERSION_TABLE = "alembic_version"
# What the archive itself consists of, and what of it is nobody's business outside: kind → (table, columns kept out).
ARCHIVED: dict[str, tuple[Table, frozenset[str]]] = {
    "account": (tables.accounts, frozenset({"password_hash"})),
    "asset": (tables.assets, frozenset()),
    "audit": (tables.audit, frozenset()),
    "authority": (tables.authorities, frozenset()),
    "collection": (tables.collections, frozenset()),
    "event": (tables.events, frozenset()),
    "finding": (tables.findings, frozenset()),
    "member": (tables.collection_assets, frozenset()),
    "original": (tables.originals, frozenset()),
    "rendition": (tables.renditions, frozenset()),
}


def copy_rows(source: Connection, target: Connection) -> int:
    """Copy every row into a catalogue of the same revision whose tables are empty; returns how many rows."""
    copied = 0
    for table in metadata.sorted_tables:
        if table in LEFT_BEHIND:
            continue
        for page in _pages(source, table, [*table.columns]):
            target.execute(table.insert(), [dict(row._mapping) for row in page])  # noqa: SLF001 - its documented name
            copied += len(page)
        _go_on_counting(target, table)
    return copied


def clear(target: Connection) -> None:
    """Remove every table, so that the schema can be made anew (rows of append-only tables cannot be deleted)."""
    found = set(inspect(target).get_table_names())
    metadata.drop_all(
        target, tables=[table for table in metadata.sorted_tables if table.name in found]
    )
    target.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))
    if target.dialect.name == "postgresql":
        target.execute(text("DROP FUNCTION IF EXISTS refuse_change"))


def dump(source: Connection) -> Iterator[str]:
    """The archive's rows as JSON lines, sorted by kind, then by key; the same archive gives the same lines on every database."""
    for kind, (table, hidden) in ARCHIVED.items():
        columns = [column for column in table.columns if column.name not in hidden]
        for page in _pages(source, table, columns):
            for row in page:
                facts = {name: _plain(value) for name, value in row._mapping.items()}  # noqa: SLF001
                yield json.dumps(
                    {"kind": kind, **facts},
                    ensure_ascii=False,
                    sort_keys=True,
                    separators=(",", ":"),
                )


def _pages(
    source: Connection, table: Table, columns: list[Column[Any]]
) -> Iterator[list[Row[Any]]]:
    keys = [_by_code_point(source, column) for column in table.primary_key]
    rows = source.execution_options(yield_per=PAGE).execute(select(*columns).order_by(*keys))
    for page in rows.partitions(PAGE):
        yield list(page)


def _by_code_point(source: Connection, column: Column[Any]) -> Any:
    """Text in the order of its code points, whatever collation a database was made with."""
    kind: TypeEngine[Any] = column.type
    if source.dialect.name == "postgresql" and isinstance(kind, Words):
        return collate(column, "C")
    return column


def _go_on_counting(target: Connection, table: Table) -> None:
    """Let running numbers go on behind the highest that was copied."""
    number = table.autoincrement_column
    if number is None or target.dialect.name != "postgresql":
        return
    highest = target.execute(select(func.max(number))).scalar()
    if highest is not None:
        serial = func.pg_get_serial_sequence(table.name, number.name)
        target.execute(select(func.setval(serial, highest)))


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
