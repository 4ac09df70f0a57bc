"""The catalogue: transactions over the tables, and the doorbell rung after they are kept."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from archive import faults
from archive.catalogue import sqlite
from archive.catalogue.transaction import Transaction
from archive.clock import Clock
from archive.doorbell import Doorbell
from archive.errors import CatalogueUnavailable, DoorbellUnavailable, Misconfigured, NoRoom

log = logging.getLogger(__name__)


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
        """Open `sqlite:////absolute/path`; Misconfigured names an unknown scheme. Nothing is created before `migrate`."""
        if not url.startswith("sqlite:"):
            raise Misconfigured(
                f"MEDIATEKA_CATALOGUE: unknown scheme in {url.split(':', maxsplit=1)[0]!r}; known: sqlite"
            )
        return cls(
            ledger=sqlite.open_engine(url, read_only=False, durable=True),
            telemetry=sqlite.open_engine(url, read_only=False, durable=False),
            reader=sqlite.open_engine(url, read_only=True, durable=True),
            clock=clock,
            doorbell=doorbell,
        )

    def close(self) -> None:
        """Let go of every connection."""
        for engine in (self._ledger, self._telemetry, self._reader):
            engine.dispose()

    def migrate(self) -> None:
        """Bring the schema to this version's revision; doing it twice changes nothing."""
        with self._translated(), self._ledger.begin() as connection:
            config = _alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
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
        except OperationalError as trouble:
            if "disk is full" in str(trouble.orig) or "disk I/O error" in str(trouble.orig):
                raise NoRoom("the catalogue's disk is full") from trouble
            raise CatalogueUnavailable(str(trouble.orig)) from trouble
        except DBAPIError as trouble:
            if trouble.connection_invalidated:
                raise CatalogueUnavailable(str(trouble.orig)) from trouble
            raise


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", "archive.catalogue:migrations")
    return config
