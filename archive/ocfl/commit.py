"""The order in which version 1 of an asset's object is written, so that a crash after any step leaves it resumable.

All but the original is a function of what the catalogue's row "storing" holds: a second attempt writes the same bytes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import faults, keys
from archive.errors import FixityMismatch, ObjectMissing
from archive.model.asset import Original
from archive.model.ids import AssetId
from archive.objects.port import ObjectStore
from archive.ocfl.inventory import (
    OBJECT_DECLARATION,
    Author,
    Content,
    first_inventory,
    sidecar,
    spell,
)
from archive.ocfl.root import require_root

RECEIPT_LOGICAL = "provenance/receipt.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """What version 1 of an asset's object says; the same deposit is always written as the same bytes."""

    asset: AssetId
    original: Original
    receipt: Mapping[str, Any]
    created: datetime
    author: Author


def commit_first_version(deposit: Deposit, *, staged: Path | None, objects: ObjectStore) -> str:
    """Adopt the original and declare the object; returns the SHA-512 (hex) of its inventory.

    `staged` is the received file, None when an earlier attempt may have adopted it already: then the bytes at the key are
    hashed, FixityMismatch when they differ. ObjectMissing when the file or the bytes are gone. Done twice, it changes nothing.
    """
    require_root(objects)
    original = deposit.original
    root = keys.object_root(keys.object_id(deposit.asset))
    if staged is None:
        _require_bytes(objects, original)
    else:
        objects.adopt(staged, original.key)
    faults.point("adopt.after_original")
    written = spell(deposit.receipt)
    receipt_path = f"v1/content/provenance/receipt-{original.tag}.json"
    objects.put(f"{root}/{receipt_path}", written)
    faults.point("adopt.after_receipt")
    inventory = _inventory(deposit, root, receipt_path, written)
    _declare(objects, root, inventory)
    return hashlib.sha512(inventory).hexdigest()


def _inventory(deposit: Deposit, root: str, receipt_path: str, receipt: bytes) -> bytes:
    original = deposit.original
    contents = [
        Content(
            path=original.key.removeprefix(f"{root}/"),
            logical=logical_name(original),
            sha512=original.sha512,
            sha256=original.sha256,
        ),
        Content(
            path=receipt_path,
            logical=RECEIPT_LOGICAL,
            sha512=hashlib.sha512(receipt).hexdigest(),
            sha256=hashlib.sha256(receipt).hexdigest(),
        ),
    ]
    return spell(
        first_inventory(
            keys.object_id(deposit.asset),
            contents,
            created=deposit.created,
            message="Deposit",
            author=deposit.author,
        )
    )


def logical_name(original: Original) -> str:
    """`original/<exact name>`, code point by code point; a name that cannot be one path element becomes `unnamed`."""
    name = original.filename
    unfit = original.filename_bytes is not None or name in {"", ".", ".."}
    if unfit or "/" in name or "\0" in name:
        return f"original/unnamed.{original.extension}"
    return f"original/{name}"


def _declare(objects: ObjectStore, root: str, inventory: bytes) -> None:
    """Inventories, sidecars, and last the declaration: the object exists from there on."""
    declaration, declared = OBJECT_DECLARATION
    steps = (
        ("v1/inventory.json", inventory, "version_inventory"),
        ("v1/inventory.json.sha512", sidecar(inventory), "version_sidecar"),
        ("inventory.json", inventory, "root_inventory"),
        ("inventory.json.sha512", sidecar(inventory), "root_sidecar"),
        (declaration, declared, "declaration"),
    )
    for path, data, step in steps:
        objects.put(f"{root}/{path}", data)
        faults.point(f"adopt.after_{step}")


def _require_bytes(objects: ObjectStore, original: Original) -> None:
    found = objects.stat(original.key)
    if found is None:
        raise ObjectMissing(f"no object {original.key}")
    if (
        found.size_bytes != original.size_bytes
        or sha512_of(objects, original.key) != original.sha512
    ):
        raise FixityMismatch(f"{original.key} is not what was received")


def sha512_of(objects: ObjectStore, key: str) -> str:
    """Read an object back from the store and hash it: SHA-512, hex."""
    digest = hashlib.sha512()
    for piece in objects.stream(key):
        digest.update(piece)
    return digest.hexdigest()
