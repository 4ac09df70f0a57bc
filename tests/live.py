"""The real servers that tests run on: named by variables, skipped with the reason where absent, never where they are required."""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from minio.deleteobjects import DeleteObject

from archive.objects.minio_edge import PATIENCE, opened, pool
from search.index.elastic.edge import connect

CATALOGUE, OBJECTS, SEARCH, QUEUE = (
    f"MEDIATEKA_TEST_{part}" for part in ("CATALOGUE", "OBJECTS", "SEARCH", "QUEUE")
)


def live(name: str) -> str:
    """The address of a real server; the test is skipped where none is named, and fails where they are required."""
    if url := os.environ.get(name):
        return url
    if os.environ.get("MEDIATEKA_TEST_LIVE") == "required":
        pytest.fail(f"{name} names no server, and the real ones are required")
    pytest.skip(f"{name} names no server")


def own_name() -> str:
    """A name for what one test keeps on a server, so that runs do not meet."""
    return f"t{secrets.token_hex(6)}"


@contextmanager
def index_of_its_own() -> Iterator[str]:
    """The address of an index on the real Elasticsearch that was never made; it goes away with all its builds."""
    url = urlsplit(live(SEARCH))._replace(path=f"/{own_name()}").geturl()
    client, name = connect(url)
    with closing(client):
        yield url
        for index in client.indices.get(index=f"{name}-*"):
            client.indices.delete(index=index)


@contextmanager
def schema_of_its_own() -> Iterator[str]:
    """The address of an empty schema on the real PostgreSQL, which goes away with all that is in it."""
    url, name = live(CATALOGUE), own_name()
    with _server(url) as server:
        server.execute(f"CREATE SCHEMA {name}")
    try:
        yield f"{url}?options=-csearch_path%3D{name}"
    finally:
        with _server(url) as server:
            server.execute(f"DROP SCHEMA {name} CASCADE")


def empty_tables(url: str) -> None:
    """Empty every table of a schema but the one that says which version it is."""
    with _server(url) as server:
        server.execute("SET session_replication_role = replica")  # also the append-only ones
        rows = server.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'alembic_version'"
        )
        server.execute(";".join(f"DELETE FROM {name}" for (name,) in rows))
        for serial in ("assets", "audit", "sign_in_attempts"):
            server.execute(f"ALTER SEQUENCE {serial}_number_seq RESTART")


@contextmanager
def bucket_of_its_own() -> Iterator[str]:
    """The address of a bucket that nobody made yet on the real MinIO, which goes away with all that is in it."""
    server, _, _ = live(OBJECTS).rpartition("/")
    url = f"{server}/{own_name()}"
    try:
        yield url
    finally:
        empty_bucket(url)
        client, bucket = opened(url, pool(PATIENCE))
        if client.bucket_exists(bucket):
            client.remove_bucket(bucket)


def empty_bucket(url: str) -> None:
    """Remove all that is in a bucket, every version."""
    client, bucket = opened(url, pool(PATIENCE))
    if not client.bucket_exists(bucket):
        return
    found = client.list_objects(bucket, recursive=True, include_version=True)
    doomed = (DeleteObject(one.object_name, one.version_id) for one in found)
    assert not list(client.remove_objects(bucket, doomed))


def fetch_bucket(url: str, folder: Path) -> Path:
    """Every object of a bucket as a file; returns the folder."""
    client, bucket = opened(url, pool(PATIENCE))
    for found in client.list_objects(bucket, recursive=True):
        client.fget_object(bucket, found.object_name, str(folder / found.object_name))
    return folder


def _server(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
