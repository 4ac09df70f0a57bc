"""Insert by key where a row may stand already, in the form that both databases understand."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_update(
    connection: Connection,
    table: Table,
    row: Mapping[str, Any],
    *,
    keys: Sequence[str],
    keep: Sequence[str] = (),
) -> None:
    """Insert a row; where one with these `keys` stands, set its other columns but those of `keep`."""
    statement = _insert(connection, table, row)
    changed = {name: statement.excluded[name] for name in row if name not in {*keys, *keep}}
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed))


def insert_if_absent(
    connection: Connection, table: Table, row: Mapping[str, Any], *, keys: Sequence[str]
) -> bool:
    """Insert a row; False where one with these `keys` stands, also one that was written at this moment."""
    statement = _insert(connection, table, row).on_conflict_do_nothing(index_elements=list(keys))
    return connection.execute(statement.returning(table.c[keys[0]])).first() is not None


def _insert(connection: Connection, table: Table, row: Mapping[str, Any]) -> Any:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table).values(row)
