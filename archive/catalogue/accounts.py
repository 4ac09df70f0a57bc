"""People who may sign in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from archive.catalogue.tables import accounts
from archive.clock import Clock
from archive.errors import Conflict
from archive.model.agent import Agent, Role
from archive.model.ids import AgentId, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's account; `password_hash` is argon2id text or None when no password was set."""

    id: AgentId
    email: str
    name: str
    role: Role
    password_hash: str | None
    created: datetime
    disabled_at: datetime | None

    @property
    def agent(self) -> Agent:
        """The person as an agent, with the full reach of the role."""
        return Agent(id=self.id, role=self.role, name=self.name)


class Accounts:
    """The rows of accounts. Addresses are compared without regard to case."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, *, email: str, name: str, role: Role, password_hash: str | None) -> Account:
        """Make an account; Conflict when the address has one."""
        if self.by_email(email):
            raise Conflict(f"there is an account for {email} already")
        now = self._clock()
        account = Account(
            id=AgentId(new_id(now)),
            email=email.casefold(),
            name=name,
            role=role,
            password_hash=password_hash,
            created=now,
            disabled_at=None,
        )
        values = {field: getattr(account, field) for field in Account.__dataclass_fields__}
        self._connection.execute(accounts.insert().values(values))
        return account

    def get(self, account: AgentId) -> Account | None:
        """One account that is not disabled, or None."""
        return self._one((accounts.c.id == account) & accounts.c.disabled_at.is_(None))

    def by_email(self, email: str) -> Account | None:
        """The account of an address, or None."""
        return self._one(accounts.c.email == email.casefold())

    def first_admin(self) -> Account | None:
        """The oldest admin, for the command line; None on an empty house."""
        return self._one((accounts.c.role == Role.ADMIN) & accounts.c.disabled_at.is_(None))

    def count(self) -> int:
        """How many accounts there are."""
        return self._connection.execute(select(func.count()).select_from(accounts)).scalar_one()

    def names(self, ids: set[AgentId]) -> dict[AgentId, str]:
        """Names of accounts by id, also of disabled ones."""
        rows = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(ids))
        return {AgentId(row.id): row.name for row in self._connection.execute(rows)}

    def set_password(self, account: AgentId, password_hash: str) -> None:
        """Keep a new password hash."""
        here = accounts.c.id == account
        self._connection.execute(update(accounts).where(here).values(password_hash=password_hash))

    def _one(self, which: ColumnElement[bool]) -> Account | None:
        rows = select(accounts).where(which).order_by(accounts.c.created).limit(1)
        row = self._connection.execute(rows).first()
        return _account(row) if row else None


def _account(row: Row[Any]) -> Account:
    values = {name: getattr(row, name) for name in Account.__dataclass_fields__}
    return Account(**values | {"role": Role(row.role)})
