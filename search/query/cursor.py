"""The cursor: where the next page begins, opaque and signed, good for the same query only."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from archive.errors import Invalid
from search.index.port import Place

_SIGNATURE_BYTES = 16
_PURPOSE = b"mediateka search cursor 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place, the digest of the query it belongs to, and the index build that named it.

    `by_relevance`: the place counts hits, and means nothing in another build.
    """

    query: str
    build: str
    place: Place
    by_relevance: bool


def query_digest(*parts: object) -> str:
    """A short digest of all that makes a query: its text, filters and order."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def seal(cursor: Cursor, secret: bytes) -> str:
    """The cursor as text for the outside."""
    place = cursor.place
    facts: list[object] = [cursor.query, cursor.build, cursor.by_relevance]
    facts += [place.relaxed, place.passed, place.order]
    payload = json.dumps(facts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(payload, secret) + payload).decode().rstrip("=")


def unseal(text: str, secret: bytes, *, query: str) -> Cursor:
    """Read what `seal` wrote; Invalid for anything else, and for the cursor of another query."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as trouble:
        raise Invalid("this is no cursor", field="cursor") from trouble
    signature, payload = sealed[:_SIGNATURE_BYTES], sealed[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(payload, secret)):
        raise Invalid("this is no cursor", field="cursor")
    digest, build, by_relevance, relaxed, passed, order = json.loads(payload)
    if digest != query:
        raise Invalid("this cursor belongs to another query", field="cursor")
    return Cursor(
        query=digest,
        build=build,
        place=Place(relaxed=relaxed, passed=passed, order=order),
        by_relevance=by_relevance,
    )


def _signature(payload: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, _PURPOSE + payload, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
