"""Ids of the things the catalogue keeps: UUIDv7 text, each kind its own type."""

import secrets
import uuid
from datetime import datetime
from typing import NewType

AssetId = NewType("AssetId", str)
AgentId = NewType("AgentId", str)
AuthorityId = NewType("AuthorityId", str)
CollectionId = NewType("CollectionId", str)
EventId = NewType("EventId", str)
JobId = NewType("JobId", str)
UploadId = NewType("UploadId", str)


def new_id(now: datetime) -> str:
    """Mint a UUIDv7 (RFC 9562, 5.7) for an aware instant: 48 bits of milliseconds, then random bits."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    bits = (
        milliseconds << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    return str(uuid.UUID(int=bits))


def is_id(text: str) -> bool:
    """Say whether a text is a UUID as we spell it: lower case, with hyphens."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def new_tag() -> str:
    """Draw the 8 hex digits that name one attempt's files (no two attempts write the same key)."""
    return secrets.token_hex(4)
