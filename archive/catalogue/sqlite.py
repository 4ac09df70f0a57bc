"""How SQLite is opened: our own engine, write-ahead log, explicit transactions."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pysqlite3.dbapi2
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url

from archive.errors import Misconfigured

# 3.7.0 to 3.51.2 can skip part of the log when two connections write and checkpoint at once.
SAFE_VERSIONS = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
NETWORK_FILE_SYSTEMS = re.compile(r"^(nfs\d?|cifs|smb\w*|fuse\..*|9p|afs|ceph|glusterfs)$")
CONNECTIONS = 8


def open_engine(url: str, *, read_only: bool, durable: bool) -> Engine:
    """Make an engine on a `sqlite:///path` URL.

    A read-only engine begins deferred transactions and refuses writes; a writing one begins IMMEDIATE, because a deferred
    transaction that turns to writing fails at once when another wrote. `durable` syncs every commit (ledger), otherwise the
    last seconds may be lost with the machine's power (progress, counters).
    """
    _require_safe_version()
    path = make_url(url).database
    if not path or not Path(path).is_absolute():
        raise Misconfigured(f"MEDIATEKA_CATALOGUE: sqlite needs an absolute path, not {path!r}")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    refuse_network(Path(path).parent, "MEDIATEKA_CATALOGUE")
    engine = create_engine(
        _address(path, read_only=read_only),
        module=pysqlite3.dbapi2,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=30,
    )
    event.listen(engine, "connect", _on_connect(read_only=read_only, durable=durable))
    event.listen(engine, "begin", _begin_reading if read_only else _begin_writing)
    return engine


def _address(path: str, *, read_only: bool) -> URL:
    """A reader makes no file: a catalogue that is not there is away, not empty."""
    if not read_only:
        return URL.create("sqlite+pysqlite", database=path)
    query = {"mode": "rw", "uri": "true"}
    return URL.create("sqlite+pysqlite", database=f"file:{quote(path)}", query=query)


def _require_safe_version() -> None:
    found = tuple(int(part) for part in pysqlite3.dbapi2.sqlite_version.split("."))
    if not any(
        found >= safe and (found[:2] == safe[:2] or safe == SAFE_VERSIONS[0])
        for safe in SAFE_VERSIONS
    ):
        raise Misconfigured(
            f"SQLite {pysqlite3.dbapi2.sqlite_version} can lose data; 3.51.3 or later is needed"
        )


def refuse_network(folder: Path, setting: str) -> None:
    """Refuse a folder on a network mount: its locks do not hold, and a database on it gets damaged."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    best, kind = "", ""
    real = os.path.realpath(folder)
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, mount, name, *_ = line.split(" ")
        inside = real == mount or real.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, name
    if NETWORK_FILE_SYSTEMS.match(kind):
        raise Misconfigured(f"{setting}: {folder} lies on a network file system ({kind})")


def _on_connect(*, read_only: bool, durable: bool) -> Any:
    pragmas = [
        "busy_timeout=10000",
        *([] if read_only else ["journal_mode=WAL"]),
        f"synchronous={'FULL' if durable else 'NORMAL'}",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "temp_store=MEMORY",
        "mmap_size=0",
        *(["query_only=ON"] if read_only else []),
    ]

    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # otherwise the driver decides when a transaction begins
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return connected


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
