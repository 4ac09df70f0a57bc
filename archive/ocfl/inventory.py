"""OCFL 1.1 inventories as values: what version 1 of an asset's object says, and its exact bytes.

Source: https://ocfl.io/1.1/spec/, section 3.5; the rules that avoid its warnings W001 to W016 are kept: sha512 manifest, URI as
id, message and user with an address in every version, contentDirectory set from version 1.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SPECIFICATION = "https://ocfl.io/1.1/spec/#inventory"
OBJECT_DECLARATION = ("0=ocfl_object_1.1", b"ocfl_object_1.1\n")
ROOT_DECLARATION = ("0=ocfl_1.1", b"ocfl_1.1\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file of an object: where its bytes lie (from the object's root), its name for people, its digests (hex)."""

    path: str
    logical: str
    sha512: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who made a version: a name and the URL of the agent, which outlives a mail address."""

    name: str
    address: str


def first_inventory(
    identifier: str, contents: list[Content], *, created: datetime, message: str, author: Author
) -> dict[str, Any]:
    """The inventory of a new object's version 1."""
    return {
        "id": identifier,
        "type": SPECIFICATION,
        "digestAlgorithm": "sha512",
        "contentDirectory": "content",
        "head": "v1",
        "manifest": _by_digest({item.path: item.sha512 for item in contents}),
        "fixity": {"sha256": _by_digest({item.path: item.sha256 for item in contents})},
        "versions": {
            "v1": {
                "created": spell_instant(created),
                "message": message,
                "user": {"name": author.name, "address": author.address},
                "state": _by_digest({item.logical: item.sha512 for item in contents}),
            }
        },
    }


def _by_digest(digests: Mapping[str, str]) -> dict[str, list[str]]:
    turned: dict[str, list[str]] = {}
    for path in sorted(digests):
        turned.setdefault(digests[path], []).append(path)
    return turned


def spell_instant(instant: datetime) -> str:
    """An instant in UTC with microseconds and a Z, as all documents in storage write it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def spell(document: Mapping[str, Any]) -> bytes:
    """The one way a JSON document is written in storage: UTF-8, unescaped, sorted keys, two spaces, a line feed at the end."""
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def sidecar(inventory: bytes) -> bytes:
    """The sidecar that proves an inventory: its SHA-512, a space, its name."""
    return f"{hashlib.sha512(inventory).hexdigest()} inventory.json\n".encode()
