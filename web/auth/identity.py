"""Find out who asks, before the rules are applied: a token in the header, or the site's session with its CSRF token."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g, request

from archive.catalogue.accounts import Account
from archive.catalogue.doors import Session
from archive.catalogue.transaction import Transaction
from archive.errors import Forbidden, NoRoom, Unauthenticated, Unavailable
from archive.model.agent import ANONYMOUS, Agent, Role, TokenScope
from web.auth import csrf, secrets
from web.parts import parts

log = logging.getLogger(__name__)

TOKEN_PREFIX = "med_"  # noqa: S105 - the public prefix
ABSOLUTE = timedelta(days=7)
ABSOLUTE_SHARED = timedelta(hours=4)
IDLE = timedelta(hours=12)
IDLE_STAFF = timedelta(minutes=30)
IDLE_SHARED = timedelta(minutes=10)
TOUCH = timedelta(seconds=60)
SAME_SITE = frozenset({"same-origin", "none"})  # none: typed in, or a bookmark

SCOPES_OF_ROLE = {
    Role.JOURNALIST: frozenset({TokenScope.READ}),
    Role.PHOTOGRAPHER: frozenset({TokenScope.READ, TokenScope.UPLOAD, TokenScope.EDIT}),
    Role.ARCHIVIST: frozenset(TokenScope) - {TokenScope.ADMIN},
    Role.ADMIN: frozenset(TokenScope),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the agent the rules know, and the account and session behind it, if any."""

    agent: Agent
    account: Account | None = None
    session: Session | None = None


def cookie_name() -> str:
    """The session cookie's name; the prefix makes browsers insist on https and on this very host."""
    return "__Host-mediateka" if parts().settings.secure_cookies else "mediateka"


def identify_visitor() -> None:
    """Set g.agent, g.account and g.session. A token that does not hold is an error, a session that ended is not."""
    header = request.headers.get("Authorization")
    visitor = _by_token(header) if header else _by_session()
    g.agent, g.account, g.session = visitor.agent, visitor.account, visitor.session
    if request.method not in csrf.SAFE_METHODS and header is None:
        _require_same_site()


def _by_token(header: str) -> Visitor:
    scheme, _, value = header.partition(" ")
    identifier, _, secret = value.strip().removeprefix(TOKEN_PREFIX).partition("_")
    if scheme.lower() != "bearer" or not value.strip().startswith(TOKEN_PREFIX) or not secret:
        raise Unauthenticated("not a token of ours")
    with parts().catalogue.reading() as tx:
        token = tx.tokens.get(identifier)
        account = tx.accounts.get(token.account) if token else None
    if (
        token is None
        or account is None
        or not secrets.same(token.secret_hash, secrets.digest(secret))
    ):
        raise Unauthenticated("the token is unknown or has expired")
    if token.last_used is None or parts().clock() - token.last_used > TOUCH:
        _note(lambda tx: tx.tokens.used(token.id))
    scopes = token.scopes & SCOPES_OF_ROLE[account.role]
    agent = Agent(id=account.id, role=account.role, name=account.name, scopes=scopes)
    return Visitor(agent, account)


def _by_session() -> Visitor:
    value = request.cookies.get(cookie_name())
    if not value:
        return Visitor(ANONYMOUS)
    id_hash = secrets.digest(value)
    now = parts().clock()
    with parts().catalogue.reading() as tx:
        session = tx.sessions.get(id_hash)
        account = tx.accounts.get(session.account) if session else None
    if session is None or account is None:
        return Visitor(ANONYMOUS)
    if _is_over(session, account, now):
        _note(lambda tx: tx.sessions.end(id_hash))
        return Visitor(ANONYMOUS)
    if now - session.last_seen > TOUCH:
        _note(lambda tx: tx.sessions.touch(id_hash))
    return Visitor(account.agent, account, session)


def _note(act: Callable[[Transaction], None]) -> None:
    """Write down that somebody was here; a busy or full catalogue is no reason to turn a reader away."""
    try:
        with parts().catalogue.noting() as tx:
            act(tx)
    except (Unavailable, NoRoom) as trouble:
        log.warning("a visit was not noted: %s", trouble)


def _is_over(session: Session, account: Account, now: datetime) -> bool:
    staff = account.role in {Role.ARCHIVIST, Role.ADMIN}
    idle = IDLE_SHARED if session.shared else IDLE_STAFF if staff else IDLE
    absolute = ABSOLUTE_SHARED if session.shared else ABSOLUTE
    return now - session.last_seen > idle or now - session.created > absolute


def _require_same_site() -> None:
    """A browser says where an unsafe request comes from; other sites have no business here."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in SAME_SITE:
        raise Forbidden("this request comes from another site")
    origin = request.headers.get("Origin")
    own = {parts().settings.public_url, request.host_url.rstrip("/")}
    if origin is not None and origin not in own:
        raise Forbidden("this request comes from another site")
