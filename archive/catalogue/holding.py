"""Holding rows and names against other writers until the transaction ends.

SQLite lets one writer in at a time and needs neither; PostgreSQL lets all in, so what was read to be changed is held.
"""

from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

HOLDS = "holds_rows"  # the execution option of engines that have several writers


def held(
    connection: Connection, rows: Select[Any], *, of: Table | None = None, skips: bool = False
) -> Select[Any]:
    """These rows, held where this transaction may change them; `skips` leaves out what another holds.

    Held so that references to a row may still be made (FOR NO KEY UPDATE).
    """
    if not connection.get_execution_options().get(HOLDS):
        return rows
    return rows.with_for_update(of=of, skip_locked=skips, key_share=True)


def hold_name(connection: Connection, name: str, *, shared: bool = False) -> None:
    """Be the only transaction that holds this name; `shared` among those that hold it shared."""
    if connection.get_execution_options().get(HOLDS):
        lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        connection.execute(select(lock(func.hashtextextended(name, 0))))
