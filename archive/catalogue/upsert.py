"""Insert or update by key, in the form that both databases understand."""

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
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(row)
    changed = {name: statement.excluded[name] for name in row if name not in {*keys, *keep}}
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed))
