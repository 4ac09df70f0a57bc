"""The catalogue: transactions over the tables, and the doorbell rung after they are kept."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from archive import faults
from archive.catalogue import copying, postgres, sqlite
from archive.catalogue.holding import hold_name
from archive.catalogue.housekeeping import LEAVING, MOVING, Meta
from archive.catalogue.transaction import Transaction
from archive.clock import Clock
from archive.doorbell import Doorbell
from archive.errors import (
    CatalogueContended,
    CatalogueUnavailable,
    Conflict,
    DoorbellUnavailable,
    Invalid,
    MediatekaError,
    Misconfigured,
    NoRoom,
)

log = logging.getLogger(__name__)

KEEPERS = {"sqlite": sqlite.open_engine, "postgresql+psycopg": postgres.open_engine}
CONTENDED = {"40001", "40P01"}  # serialization failure, deadlock: the same again may go well
NOT_UNIQUE = ("UNIQUE constraint failed", "duplicate key value")
DISK_IS_FULL = ("disk is full", "disk I/O error", "No space left on device")


class Catalogue:
    """The truth about assets, jobs, accounts and history. Use it through `open`, and `close` it."""

    def __init__(
        self,
        *,
        ledger: Engine,
        telemetry: Engine,
        reader: Engine,
        clock: Clock,
        doorbell: Doorbell | None,
    ) -> None:
        self._ledger = ledger
        self._telemetry = telemetry
        self._reader = reader
        self._clock = clock
        self._doorbell = doorbell

    @classmethod
    def open(cls, url: str, *, clock: Clock, doorbell: Doorbell | None = None) -> "Catalogue":
        """Open `sqlite:////absolute/path` or `postgresql+psycopg://…`; Misconfigured names an unknown scheme.

        Nothing is created before `migrate`.
        """
        scheme = url.partition(":")[0]
        if scheme not in KEEPERS:
            known = ", ".join(KEEPERS)
            raise Misconfigured(f"MEDIATEKA_CATALOGUE: unknown scheme {scheme!r}; known: {known}")
        open_engine = KEEPERS[scheme]
        return cls(
            ledger=open_engine(url, read_only=False, durable=True),
            telemetry=open_engine(url, read_only=False, durable=False),
            reader=open_engine(url, read_only=True, durable=True),
            clock=clock,
            doorbell=doorbell,
        )

    def close(self) -> None:
        """Let go of every connection."""
        for engine in (self._ledger, self._telemetry, self._reader):
            engine.dispose()

    def migrate(self) -> None:
        """Bring the schema to this version's revision; doing it twice, or in several processes at once, changes nothing."""
        with self._translated(), self._ledger.begin() as connection:
            _take_time(connection)
            hold_name(connection, "migration")
            _upgrade(connection)
            faults.point("migrate.before_commit")
        faults.point("migrate.after_commit")

    def revisions(self) -> tuple[str | None, str]:
        """(schema revision found, schema revision of this version), for the doctor."""
        from alembic.migration import MigrationContext  # noqa: PLC0415 - heavy, and only the doctor asks
        from alembic.script import ScriptDirectory  # noqa: PLC0415

        head = ScriptDirectory.from_config(_alembic_config()).get_current_head() or ""
        with self._translated(), self._reader.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision(), head

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """One durable transaction: kept whole at the end of the block or not at all; then the doorbell rings."""
        with self._translated(), self._ledger.begin() as connection:
            transaction = Transaction(connection, self._clock)
            yield transaction
        self._ring(transaction)

    @contextmanager
    def noting(self) -> Iterator[Transaction]:
        """As `writing`, for what may be lost with the machine's power: heartbeats, progress, counters, last seen."""
        with self._translated(), self._telemetry.begin() as connection:
            yield Transaction(connection, self._clock)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent view; writes are refused. Keep it short, never over a streamed answer."""
        with self._translated(), self._reader.begin() as connection:
            yield Transaction(connection, self._clock)

    def copy_to(self, target: "Catalogue", archive: str) -> int:
        """Copy every row into another catalogue, whole or not at all; returns how many.

        Whatever stood in the target before goes; it stays marked as MOVING. Nobody may write to either meanwhile.
        """
        with self._translated(), self._reader.begin() as source:
            return target.take_rows(source, archive)

    def take_rows(self, source: Connection, archive: str) -> int:
        """Begin anew with the rows of another catalogue, marked as MOVING; returns how many."""
        with self._translated(), self._ledger.begin() as into:
            _take_time(into)
            copying.clear(into)
            _upgrade(into)
            copied = copying.copy_rows(source, into)
            Meta(into).set(MOVING, archive)
            Meta(into).forget(LEAVING)
            return copied

    def dump(self) -> Iterator[str]:
        """The archive's facts as canonical JSON lines: the same archive gives the same lines wherever it is kept."""
        with self._translated(), self._reader.begin() as source:
            yield from copying.dump(source)

    def server_ahead_seconds(self) -> float:
        """How far the database's clock is ahead of ours; 0 where it has none of its own."""
        if self._reader.dialect.name != "postgresql":
            return 0.0
        with self._translated(), self._reader.connect() as connection:
            server: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return (server - self._clock()).total_seconds()

    def ping(self) -> None:
        """Return when the catalogue answers; raise CatalogueUnavailable otherwise."""
        with self._translated(), self._reader.connect() as connection:
            connection.execute(text("SELECT 1"))

    def _ring(self, transaction: Transaction) -> None:
        if self._doorbell is None:
            return
        for queue, job in transaction.rings:
            try:
                self._doorbell.ring(queue, job)
            except DoorbellUnavailable as trouble:
                log.info("job %s waits for the sweep: %s", job, trouble)

    @staticmethod
    @contextmanager
    def _translated() -> Iterator[None]:
        try:
            yield
        except PoolTimeout as trouble:
            raise CatalogueUnavailable("no free connection to the catalogue") from trouble
        except DBAPIError as trouble:
            meant = _meaning(trouble)
            if meant is None:
                raise
            raise meant from trouble


def _meaning(trouble: DBAPIError) -> MediatekaError | None:
    """What a database's trouble means to us; None for a defect of ours."""
    said = str(trouble.orig)
    match trouble:
        case DataError():
            return Invalid("a value is longer or larger than the catalogue keeps")
        case IntegrityError():
            is_twin = any(words in said for words in NOT_UNIQUE)
            return Conflict("another wrote the same at this moment") if is_twin else None
        case OperationalError() | InternalError():
            if getattr(trouble.orig, "sqlstate", None) in CONTENDED:
                return CatalogueContended(said)
            if any(words in said for words in DISK_IS_FULL):
                return NoRoom("the catalogue's disk is full")
            return CatalogueUnavailable(said)
        case _:
            return CatalogueUnavailable(said) if trouble.connection_invalidated else None


def _take_time(connection: Connection) -> None:
    """What changes the schema, or waits for who does, may last as long as it must."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _upgrade(connection: Connection) -> None:
    config = _alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", "archive.catalogue:migrations")
    return config
