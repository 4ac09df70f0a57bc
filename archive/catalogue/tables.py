"""The tables. Instants are UTC integer microseconds, documents are canonical JSON text, on every database."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as integer microseconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Document(TypeDecorator[Any]):
    """A JSON document: keys sorted, unescaped, so that the same facts are the same text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """From the database."""
        return None if value is None else json.loads(value)


class Words(TypeDecorator[str]):
    """Text that people or programs wrote, of at most `length` characters: NUL, which not every database takes, becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A limited text where a limit is given."""
        return dialect.type_descriptor(String(self.length) if self.length else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        return value and value.replace("\0", "\ufffd")


Serial = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", Words(64), primary_key=True),
    Column("value", Words(), nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Words(36), primary_key=True),
    Column("email", Words(320), nullable=False, unique=True),
    Column("name", Words(), nullable=False),
    Column("role", Words(16), nullable=False),
    Column("password_hash", Words()),
    Column("created", Instant, nullable=False),
    Column("disabled_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", Words(64), primary_key=True),
    Column("account", Words(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("csrf", Words(64), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Words(10), primary_key=True),
    Column("account", Words(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("secret_hash", Words(64), nullable=False),
    Column("scopes", Document, nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("last_used", Instant),
)

setup_links = Table(
    "setup_links",
    metadata,
    Column("secret_hash", Words(64), primary_key=True),
    Column("expires", Instant, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("subject", Words(80), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_sign_in_attempts_subject_at", "subject", "at"),
)

assets = Table(
    "assets",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("id", Words(36), nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("type", Words(8), nullable=False),
    Column("owner", Words(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("visibility", Words(12), nullable=False),
    Column("chosen", Document, nullable=False),
    Column("edited", Document, nullable=False),
    Column("embargo_until", Instant),
    Column("deposited_at", Instant, nullable=False),
    Column("published_at", Instant),
    Column("withdrawn_reason", Words()),
    Column("examined_at", Instant),
    Column("flags", Document, nullable=False),
    Column("trouble", Document),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_seconds", Float),
    Column("placeholder", Words(64)),
    Column("colour", Words(8)),
    Column("batch", Words(64), index=True),
    Column("language", Words(16)),
)

originals = Table(
    "originals",
    metadata,
    Column("asset", Words(36), primary_key=True),
    Column("state", Words(8), nullable=False, index=True),
    Column("upload", Words(80), nullable=False, unique=True),
    Column("key", Words(512), nullable=False),
    Column("filename", Words(), nullable=False),
    Column("filename_bytes", Words()),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", Words(64), nullable=False, index=True),
    Column("sha512", Words(128), nullable=False),
    Column("media_type", Words(64), nullable=False),
    Column("extension", Words(8), nullable=False),
    Column("puid", Words(16)),
    Column("type", Words(8), nullable=False),
    Column("tag", Words(8), nullable=False),
    Column("owner", Words(36), ForeignKey("accounts.id"), nullable=False),
    Column("flags", Document, nullable=False),
    Column("receipt", Document, nullable=False),
    Column("begun", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("ocfl_version", Integer),
    Column("inventory_sha512", Words(128)),
)

findings = Table(
    "findings",
    metadata,
    Column("asset", Words(36), ForeignKey("assets.id"), primary_key=True),
    Column("technical", Document, nullable=False),
    Column("tools", Document, nullable=False),
    Column("at", Instant, nullable=False),
)

renditions = Table(
    "renditions",
    metadata,
    Column("asset", Words(36), ForeignKey("assets.id"), primary_key=True),
    Column("profile", Words(32), primary_key=True),
    Column("recipe", Words(64), nullable=False),
    Column("key", Words(512), nullable=False),
    Column("media_type", Words(64), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", Words(64), nullable=False),
    Column("made_at", Instant, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Words(80), primary_key=True),
    Column("asset", Words(36), nullable=False, unique=True),
    Column("owner", Words(36), ForeignKey("accounts.id"), nullable=False),
    Column("client_key", Words(256)),
    Column("length", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("metadata", Words(), nullable=False),
    Column("filename", Words(), nullable=False),
    Column("filename_bytes", Words()),
    Column("sha256", Words(64)),
    Column("wishes", Document, nullable=False),
    Column("state", Words(10), nullable=False),
    Column("outcome", Document),
    Column("via", Words(16), nullable=False),
    Column("created", Instant, nullable=False),
    Column("touched", Instant, nullable=False),
    Column("expires", Instant, nullable=False, index=True),
    UniqueConstraint("owner", "client_key"),
    Index("ix_uploads_owner_state", "owner", "state"),
)

collections = Table(
    "collections",
    metadata,
    Column("id", Words(36), primary_key=True),
    Column("slug", Words(120), nullable=False, unique=True),
    Column("title", Document, nullable=False),
    Column("created", Instant, nullable=False),
    Column("text", Document, nullable=False, server_default="{}"),
    Column("revision", Integer, nullable=False, server_default="1"),
)

collection_assets = Table(
    "collection_assets",
    metadata,
    Column("collection", Words(36), ForeignKey("collections.id"), primary_key=True),
    Column("asset", Words(36), ForeignKey("assets.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

authorities = Table(
    "authorities",
    metadata,
    Column("id", Words(36), primary_key=True),
    Column("kind", Words(16), nullable=False),
    Column("labels", Document, nullable=False),
    Column("alternatives", Document, nullable=False),
    Column("created", Instant, nullable=False),
)

authority_labels = Table(
    "authority_labels",
    metadata,
    Column("authority", Words(36), ForeignKey("authorities.id"), primary_key=True),
    Column("fold", Words(200), primary_key=True),
    Column("kind", Words(16), nullable=False),
    Index("ix_authority_labels_kind_fold", "kind", "fold"),
)

asset_authorities = Table(
    "asset_authorities",
    metadata,
    Column("asset", Words(36), ForeignKey("assets.id"), primary_key=True),
    Column("authority", Words(36), ForeignKey("authorities.id"), primary_key=True, index=True),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Words(36), primary_key=True),
    Column("kind", Words(32), nullable=False),
    Column("subject", Words(80), nullable=False),
    Column("params", Words(200), nullable=False),
    Column("queue", Words(16), nullable=False),
    Column("state", Words(10), nullable=False),
    Column("run_after", Instant, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("tag", Words(8)),
    Column("lease_owner", Words(120)),
    Column("lease_until", Instant),
    Column("progress", Float),
    Column("remaining_seconds", Float),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("error_class", Words(64)),
    Column("error", Words()),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    UniqueConstraint("kind", "subject", "params"),
    Index("ix_jobs_queue_state_run_after", "queue", "state", "run_after"),
    Index("ix_jobs_subject", "subject"),
)

queue_pauses = Table(
    "queue_pauses",
    metadata,
    Column("queue", Words(16), primary_key=True),
    Column("reason", Words(), nullable=False),
    Column("until", Instant, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Words(36), primary_key=True),
    Column("asset", Words(36), ForeignKey("assets.id"), nullable=False, index=True),
    Column("type", Words(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("agent", Words(36)),
    Column("software", Words(), nullable=False),
    Column("outcome", Words(16), nullable=False),
    Column("detail", Words()),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("agent", Words(36)),
    Column("via", Words(16), nullable=False),
    Column("act", Words(48), nullable=False),
    Column("object", Words(80), nullable=False, index=True),
    Column("detail", Document),
)

index_due = Table(
    "index_due",
    metadata,
    Column("asset", Words(36), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("since", Instant, nullable=False, index=True),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Words(64), primary_key=True),
    Column("owner", Words(120), nullable=False),
    Column("until", Instant, nullable=False),
)
