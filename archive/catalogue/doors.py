"""The ways in: sessions, API tokens, the set-up link, and how often somebody guessed. Only hashes of secrets are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from archive.catalogue.holding import held
from archive.catalogue.tables import sessions, setup_links, sign_in_attempts, tokens
from archive.clock import Clock
from archive.model.agent import TokenScope
from archive.model.ids import AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A visit after sign-in; `id_hash` is the SHA-256 (hex) of the cookie's value."""

    id_hash: str
    account: AgentId
    csrf: str
    shared: bool
    created: datetime
    last_seen: datetime


class Sessions:
    """The rows of sessions."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, *, id_hash: str, account: AgentId, csrf: str, shared: bool) -> None:
        """Begin a session now."""
        now = self._clock()
        row = {"id_hash": id_hash, "account": account, "csrf": csrf, "shared": shared}
        self._connection.execute(sessions.insert().values(row | {"created": now, "last_seen": now}))

    def get(self, id_hash: str) -> Session | None:
        """One session, or None."""
        row = self._connection.execute(
            select(sessions).where(sessions.c.id_hash == id_hash)
        ).first()
        if row is None:
            return None
        return Session(**{name: getattr(row, name) for name in Session.__dataclass_fields__})

    def touch(self, id_hash: str) -> None:
        """Note that the session was used now."""
        here = sessions.c.id_hash == id_hash
        self._connection.execute(update(sessions).where(here).values(last_seen=self._clock()))

    def end(self, id_hash: str) -> None:
        """End one session."""
        self._connection.execute(delete(sessions).where(sessions.c.id_hash == id_hash))

    def forget_before(self, instant: datetime) -> None:
        """Remove sessions begun before an instant."""
        self._connection.execute(delete(sessions).where(sessions.c.created < instant))


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token without its secret."""

    id: str
    account: AgentId
    secret_hash: str
    scopes: frozenset[TokenScope]
    created: datetime
    expires: datetime
    last_used: datetime | None = None


class Tokens:
    """The rows of API tokens."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, token: Token) -> None:
        """Keep a new token."""
        values = {name: getattr(token, name) for name in Token.__dataclass_fields__}
        self._connection.execute(tokens.insert().values(values | {"scopes": sorted(token.scopes)}))

    def get(self, token: str) -> Token | None:
        """One token that has not expired, or None."""
        live = (tokens.c.id == token) & (tokens.c.expires > self._clock())
        row = self._connection.execute(select(tokens).where(live)).first()
        if row is None:
            return None
        values = {name: getattr(row, name) for name in Token.__dataclass_fields__}
        return Token(**values | {"scopes": frozenset(TokenScope(scope) for scope in row.scopes)})

    def used(self, token: str) -> None:
        """Note that the token was used now."""
        here = tokens.c.id == token
        self._connection.execute(update(tokens).where(here).values(last_used=self._clock()))


class SetupLinks:
    """The one-time link of an empty house."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def replace(self, secret_hash: str, lifetime: timedelta) -> None:
        """Make this the only link."""
        self.clear()
        expires = self._clock() + lifetime
        self._connection.execute(
            setup_links.insert().values(secret_hash=secret_hash, expires=expires)
        )

    def is_valid(self, secret_hash: str) -> bool:
        """Say whether this is the link and its time is not over; held where this transaction may use it up."""
        live = (setup_links.c.secret_hash == secret_hash) & (setup_links.c.expires > self._clock())
        link = held(self._connection, select(setup_links).where(live))
        return self._connection.execute(link).first() is not None

    def clear(self) -> None:
        """Remove every link: the house has an admin now."""
        self._connection.execute(delete(setup_links))


class SignInAttempts:
    """Wrong passwords, counted in the database because several processes serve. Subjects are keyed hashes."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def record(self, subject: str) -> None:
        """Count one wrong attempt now."""
        self._connection.execute(
            sign_in_attempts.insert().values(subject=subject, at=self._clock())
        )

    def since(self, subject: str, window: timedelta) -> list[datetime]:
        """The instants of the wrong attempts within the window, oldest first."""
        recent = (sign_in_attempts.c.subject == subject) & (
            sign_in_attempts.c.at > self._clock() - window
        )
        rows = select(sign_in_attempts.c.at).where(recent).order_by(sign_in_attempts.c.at)
        return list(self._connection.execute(rows).scalars())

    def clear(self, subject: str) -> None:
        """Forget the attempts of a subject: it got in."""
        self._connection.execute(
            delete(sign_in_attempts).where(sign_in_attempts.c.subject == subject)
        )

    def count(self) -> int:
        """How many attempts are kept."""
        return self._connection.execute(
            select(func.count()).select_from(sign_in_attempts)
        ).scalar_one()

    def forget_before(self, instant: datetime) -> None:
        """Remove attempts older than an instant."""
        self._connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.at < instant))
