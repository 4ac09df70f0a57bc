"""How PostgreSQL is opened: connections that prove themselves, short waits, three ways to begin."""

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from archive.catalogue.holding import HOLDS
from archive.errors import Misconfigured

CONNECTIONS = 8
CONNECT_SECONDS = 3
STATEMENT_MILLISECONDS = 30_000
IDLE_MILLISECONDS = 60_000  # a transaction left open holds its rows and the clean-up of all tables


def open_engine(url: str, *, read_only: bool, durable: bool) -> Engine:
    """Make an engine on a `postgresql+psycopg://user:password@host:port/name` URL.

    A read-only engine sees one consistent state for a whole transaction (REPEATABLE READ) and refuses writes; a writing one
    reads what is committed and locks the rows it read to change them. `durable` waits for the disk at every commit (ledger);
    otherwise the last moments may be lost with the machine's power (progress, counters).
    """
    settings = {
        "statement_timeout": STATEMENT_MILLISECONDS,
        "idle_in_transaction_session_timeout": IDLE_MILLISECONDS,
        "synchronous_commit": "on" if durable else "off",
        "timezone": "UTC",
    }
    try:
        return create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=30,
            pool_pre_ping=True,  # after a restart of the server the first question of each connection would fail
            isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
            execution_options={"postgresql_readonly": read_only, HOLDS: not read_only},
            connect_args=_connect_arguments(url, settings),
        )
    except ArgumentError as trouble:
        raise Misconfigured(f"MEDIATEKA_CATALOGUE: {trouble}") from trouble


def _connect_arguments(url: str, settings: dict[str, Any]) -> dict[str, Any]:
    said = " ".join(f"-c {name}={value}" for name, value in settings.items())
    given = make_url(url).query.get("options", "")
    return {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "mediateka",
        "options": f"{said} {given}".strip(),
    }
