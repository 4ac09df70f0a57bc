"""Signing in: guessing is limited per account and per network, and the same answer is given for every wrong pair."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.catalogue.accounts import Account
from archive.catalogue.engine import Catalogue
from archive.errors import Conflict, Invalid, MediatekaError, NotFound, TooManyRequests
from archive.model.agent import Role
from web.auth import secrets

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_NETWORK = 50
FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=15)
SETUP_LIFETIME = timedelta(minutes=30)


class WrongPassword(MediatekaError):
    """The address and the password do not belong together."""

    code = "wrong-password"


class LinkUsed(NotFound):
    """A one-time link that is used up, too old, or was never one."""

    code = "link-used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to sign in: from where, at what instant; `key` makes the kept subjects unreadable."""

    email: str
    password: str
    address: str
    now: datetime
    key: bytes
    known_device: bool = False


def sign_in(attempt: Attempt, *, catalogue: Catalogue) -> Account:
    """The account, when address and password belong together. Raises WrongPassword, TooManyRequests.

    After ten wrong tries for an account or fifty from a network within fifteen minutes further ones wait ever longer; a
    device that signed in to this account before is not held up by what others guess.
    """
    subjects = (
        (_subject(attempt, "account", attempt.email.casefold()), PER_ACCOUNT, attempt.known_device),
        (
            _subject(attempt, "network", _network(attempt.address)),
            PER_NETWORK,
            attempt.known_device,
        ),
    )
    _require_patience(subjects, attempt.now, catalogue)
    with catalogue.reading() as tx:
        account = tx.accounts.by_email(attempt.email)
    usable = account if account and account.disabled_at is None else None
    if not secrets.verify_password(usable.password_hash if usable else None, attempt.password):
        with catalogue.noting() as tx:
            for subject, _, _ in subjects:
                tx.sign_in_attempts.record(subject)
        raise WrongPassword("wrong address or password")
    if usable is None:
        raise WrongPassword("wrong address or password")
    _welcome(usable, attempt, subjects[0][0], catalogue)
    return usable


def begin_session(account: Account, *, shared: bool, catalogue: Catalogue) -> str:
    """Begin a session; returns the cookie's value, of which only a digest is kept."""
    value = secrets.new_secret()
    with catalogue.writing() as tx:
        tx.sessions.add(
            id_hash=secrets.digest(value),
            account=account.id,
            csrf=secrets.new_secret(),
            shared=shared,
        )
        tx.audit.record("session.begun", account.id, agent=account.id, via="page")
    return value


def offer_setup(catalogue: Catalogue) -> str | None:
    """On an empty house: make the one-time set-up link's secret, in place of any earlier one; None once there are accounts."""
    with catalogue.writing() as tx:
        if tx.accounts.count():
            return None
        secret = secrets.new_secret()
        tx.setup_links.replace(secrets.digest(secret), SETUP_LIFETIME)
    return secret


def require_setup(secret: str, *, catalogue: Catalogue) -> None:
    """LinkUsed unless the link is good and the house still empty."""
    with catalogue.reading() as tx:
        if tx.accounts.count() or not tx.setup_links.is_valid(secrets.digest(secret)):
            raise LinkUsed("this link is used up or too old")


def set_up(secret: str, *, email: str, name: str, password: str, catalogue: Catalogue) -> Account:
    """Make the first admin with the set-up link's secret, which is used up thereby."""
    hashed = _checked(email, password)
    with catalogue.writing() as tx:
        if tx.accounts.count() or not tx.setup_links.is_valid(secrets.digest(secret)):
            raise LinkUsed("this link is used up or too old")
        tx.setup_links.clear()
        account = tx.accounts.add(
            email=email, name=name or email, role=Role.ADMIN, password_hash=hashed
        )
        tx.audit.record(
            "account.created", account.id, agent=account.id, via="page", detail={"role": "admin"}
        )
    return account


def add_account(
    *, email: str, name: str, role: Role, password: str | None, catalogue: Catalogue, via: str
) -> Account:
    """Make an account; Invalid or Conflict when address or password will not do."""
    hashed = _checked(email, password) if password is not None else None
    _require_address(email)
    with catalogue.writing() as tx:
        if tx.accounts.by_email(email):
            raise Conflict(f"there is an account for {email} already")
        account = tx.accounts.add(email=email, name=name or email, role=role, password_hash=hashed)
        tx.setup_links.clear()
        tx.audit.record("account.created", account.id, agent=None, via=via, detail={"role": role})
    return account


def _checked(email: str, password: str) -> str:
    _require_address(email)
    return secrets.hash_password(password)


def _require_address(email: str) -> None:
    local, at, domain = email.partition("@")
    if not (local and at and domain) or len(email) > 320 or any(char.isspace() for char in email):
        raise Invalid(f"not a mail address: {email!r}", field="email")


def _welcome(account: Account, attempt: Attempt, subject: str, catalogue: Catalogue) -> None:
    """Forget the wrong tries; hash anew when the parameters have risen."""
    kept = account.password_hash or ""
    renewed = secrets.hash_password(attempt.password) if secrets.needs_rehash(kept) else None
    with catalogue.writing() as tx:
        tx.sign_in_attempts.clear(subject)
        if renewed:
            tx.accounts.set_password(account.id, renewed)


def _require_patience(
    subjects: tuple[tuple[str, int, bool], ...], now: datetime, catalogue: Catalogue
) -> None:
    with catalogue.reading() as tx:
        for subject, allowed, excused in subjects:
            wrong = tx.sign_in_attempts.since(subject, WINDOW)
            over = len(wrong) - allowed
            if over < 0 or excused:
                continue
            delay = min(FIRST_DELAY * 2 ** min(over, 12), LONGEST_DELAY)
            if now < wrong[-1] + delay:
                raise TooManyRequests("too many wrong passwords; wait a little")


def _subject(attempt: Attempt, kind: str, value: str) -> str:
    keyed = hmac.new(attempt.key, f"{kind}:{value}".encode(), hashlib.sha256)
    return f"{kind}:{keyed.hexdigest()[:40]}"


def _network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: what one subscriber holds."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
