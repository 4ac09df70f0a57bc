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
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("created", Instant, nullable=False),
    Column("disabled_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("account", String(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("account", String(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", Document, nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("last_used", Instant),
)

setup_links = Table(
    "setup_links",
    metadata,
    Column("secret_hash", String(64), primary_key=True),
    Column("expires", Instant, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("subject", String(80), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_sign_in_attempts_subject_at", "subject", "at"),
)

assets = Table(
    "assets",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("type", String(8), nullable=False),
    Column("owner", String(36), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("visibility", String(12), nullable=False),
    Column("chosen", Document, nullable=False),
    Column("edited", Document, nullable=False),
    Column("embargo_until", Instant),
    Column("deposited_at", Instant, nullable=False),
    Column("published_at", Instant),
    Column("withdrawn_reason", Text),
    Column("examined_at", Instant),
    Column("flags", Document, nullable=False),
    Column("trouble", Document),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_seconds", Float),
    Column("placeholder", String(64)),
    Column("colour", String(8)),
    Column("batch", String(64), index=True),
    Column("language", String(16)),
)

originals = Table(
    "originals",
    metadata,
    Column("asset", String(36), primary_key=True),
    Column("state", String(8), nullable=False, index=True),
    Column("upload", String(80), nullable=False, unique=True),
    Column("key", String(512), nullable=False),
    Column("filename", Text, nullable=False),
    Column("filename_bytes", Text),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("sha512", String(128), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("extension", String(8), nullable=False),
    Column("puid", String(16)),
    Column("type", String(8), nullable=False),
    Column("tag", String(8), nullable=False),
    Column("owner", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("flags", Document, nullable=False),
    Column("receipt", Document, nullable=False),
    Column("begun", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("ocfl_version", Integer),
    Column("inventory_sha512", String(128)),
)

findings = Table(
    "findings",
    metadata,
    Column("asset", String(36), ForeignKey("assets.id"), primary_key=True),
    Column("technical", Document, nullable=False),
    Column("tools", Document, nullable=False),
    Column("at", Instant, nullable=False),
)

renditions = Table(
    "renditions",
    metadata,
    Column("asset", String(36), ForeignKey("assets.id"), primary_key=True),
    Column("profile", String(32), primary_key=True),
    Column("recipe", String(64), nullable=False),
    Column("key", String(512), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("asset", String(36), nullable=False, unique=True),
    Column("owner", String(36), ForeignKey("accounts.id"), nullable=False),
    Column("client_key", String(256)),
    Column("length", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("filename_bytes", Text),
    Column("sha256", String(64)),
    Column("wishes", Document, nullable=False),
    Column("state", String(10), nullable=False),
    Column("outcome", Document),
    Column("via", String(16), nullable=False),
    Column("created", Instant, nullable=False),
    Column("touched", Instant, nullable=False),
    Column("expires", Instant, nullable=False, index=True),
    UniqueConstraint("owner", "client_key"),
    Index("ix_uploads_owner_state", "owner", "state"),
)

collections = Table(
    "collections",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("slug", String(120), nullable=False, unique=True),
    Column("title", Document, nullable=False),
    Column("created", Instant, nullable=False),
    Column("text", Document, nullable=False, server_default="{}"),
    Column("revision", Integer, nullable=False, server_default="1"),
)

collection_assets = Table(
    "collection_assets",
    metadata,
    Column("collection", String(36), ForeignKey("collections.id"), primary_key=True),
    Column("asset", String(36), ForeignKey("assets.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

authorities = Table(
    "authorities",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("labels", Document, nullable=False),
    Column("alternatives", Document, nullable=False),
    Column("created", Instant, nullable=False),
)

authority_labels = Table(
    "authority_labels",
    metadata,
    Column("authority", String(36), ForeignKey("authorities.id"), primary_key=True),
    Column("fold", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Index("ix_authority_labels_kind_fold", "kind", "fold"),
)

asset_authorities = Table(
    "asset_authorities",
    metadata,
    Column("asset", String(36), ForeignKey("assets.id"), primary_key=True),
    Column("authority", String(36), ForeignKey("authorities.id"), primary_key=True, index=True),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("params", String(200), nullable=False),
    Column("queue", String(16), nullable=False),
    Column("state", String(10), nullable=False),
    Column("run_after", Instant, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("tag", String(8)),
    Column("lease_owner", String(120)),
    Column("lease_until", Instant),
    Column("progress", Float),
    Column("remaining_seconds", Float),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("error_class", String(64)),
    Column("error", Text),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    UniqueConstraint("kind", "subject", "params"),
    Index("ix_jobs_queue_state_run_after", "queue", "state", "run_after"),
    Index("ix_jobs_subject", "subject"),
)

queue_pauses = Table(
    "queue_pauses",
    metadata,
    Column("queue", String(16), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("asset", String(36), ForeignKey("assets.id"), nullable=False, index=True),
    Column("type", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("agent", String(36)),
    Column("software", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("agent", String(36)),
    Column("via", String(16), nullable=False),
    Column("act", String(48), nullable=False),
    Column("object", String(80), nullable=False, index=True),
    Column("detail", Document),
)

index_due = Table(
    "index_due",
    metadata,
    Column("asset", String(36), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("since", Instant, nullable=False, index=True),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("until", Instant, nullable=False),
)
