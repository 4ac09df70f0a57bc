"""Secrets: drawn at random, shown once, kept as digests; passwords by argon2id, never more than two at once."""

import hashlib
import hmac
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from archive.errors import Invalid, TooManyRequests

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
AT_ONCE = 2
WAITING = 20

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_slots = threading.BoundedSemaphore(AT_ONCE)
_queue = threading.BoundedSemaphore(AT_ONCE + WAITING)


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret: SHA-256, hex. The secret is random, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def hash_password(password: str) -> str:
    """The argon2id hash of a new password; Invalid when it is too short or too long."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"a password has at least {SHORTEST_PASSWORD} characters", field="password")
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(f"a password has at most {LONGEST_PASSWORD} characters", field="password")
    with _slot():
        return _hasher.hash(_normal(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Say whether this is the password; takes as long when there is none. TooManyRequests when too many ask at once."""
    with _slot():
        try:
            _hasher.verify(kept or _decoy(), _normal(password[:LONGEST_PASSWORD]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Say whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


@cache
def _decoy() -> str:
    """The hash of no password: an unknown address costs as much time as a known one."""
    return _hasher.hash(new_secret())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


@contextmanager
def _slot() -> Iterator[None]:
    """Two hashes at once and twenty waiting; beyond that, sign-ins would become the way to bring the house down."""
    if not _queue.acquire(blocking=False):
        raise TooManyRequests("too many sign-ins at this moment")
    try:
        with _slots:
            yield
    finally:
        _queue.release()
