"""Insert by key where a row may stand already, in the form that both databases understand."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, case
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_update(
    connection: Connection,
    table: Table,
    row: Mapping[str, Any],
    *,
    keys: Sequence[str],
    keep: Sequence[str] = (),
    grow: Sequence[str] = (),
) -> None:
    """Insert a row; where one with these `keys` stands, set its other columns but those of `keep`.

    Those of `grow` are set only where the new value is greater.
    """
    statement = _insert(connection, table, row)
    changed: dict[str, Any] = {
        name: statement.excluded[name] for name in row if name not in {*keys, *keep}
    }
    for name in grow:
        held, new = table.c[name], statement.excluded[name]
        changed[name] = case((new > held, new), else_=held)
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
