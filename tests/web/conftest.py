"""The application over real parts, and visitors of every kind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from archive.catalogue.accounts import Account
from archive.catalogue.doors import Token
from archive.catalogue.engine import Catalogue
from archive.model.agent import Role
from search.index.embedded import EmbeddedIndex
from search.indexer import drain
from web.app import create_app
from web.auth import accounts
from web.auth.secrets import digest
from web.parts import Parts, WebSettings

SECRET = b"a key for tests"
URL = "http://localhost"


@pytest.fixture
def index(tmp_path: Path) -> EmbeddedIndex:
    made = EmbeddedIndex(tmp_path / "index")
    made.prepare()
    return made


@pytest.fixture
def make_app(catalogue, objects, index, receiver, clock) -> Callable[..., Flask]:
    """The application as it is seen from outside under an address."""

    def making(public_url: str = URL, proxies: int = 0) -> Flask:
        settings = WebSettings(
            public_url=public_url, secret_key=SECRET, zone=ZoneInfo("Asia/Baku"), proxies=proxies
        )
        made = create_app(
            Parts(
                catalogue=catalogue,
                objects=objects,
                index=index,
                receiver=receiver,
                clock=clock,
                settings=settings,
            )
        )
        made.testing = False  # errors are answered as for everybody
        return made

    return making


@pytest.fixture
def app(make_app) -> Flask:
    return make_app()


@pytest.fixture
def indexed(catalogue: Catalogue, index: EmbeddedIndex) -> Callable[[], None]:
    def bring_up_to_date() -> None:
        while drain(catalogue=catalogue, index=index):
            pass

    return bring_up_to_date


@dataclass
class Visitor:
    """Somebody who asks: a test client with what makes it this visitor."""

    client: FlaskClient
    headers: dict[str, str]

    def open(self, path: str, method: str = "GET", **more):
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def get(self, path: str, **more):
        return self.open(path, **more)

    def post(self, path: str, **more):
        return self.open(path, "POST", **more)

    def patch(self, path: str, **more):
        return self.open(path, "PATCH", **more)


@pytest.fixture
def visit(app: Flask, catalogue: Catalogue, clock) -> Callable[..., Visitor]:
    """visit() is anonymous, visit(account) has a session, visit(account, scopes) has a token."""

    def visiting(account: Account | None = None, scopes: frozenset | None = None) -> Visitor:
        client = app.test_client()
        if account is None:
            return Visitor(client, {})
        if scopes is not None:
            return Visitor(client, {"Authorization": f"Bearer {token_for(account, scopes)}"})
        value = accounts.begin_session(account, shared=False, catalogue=catalogue)
        client.set_cookie("mediateka", value)
        with catalogue.reading() as tx:
            session = tx.sessions.get(digest(value))
        return Visitor(client, {"X-CSRF-Token": session.csrf})

    def token_for(account: Account, scopes: frozenset) -> str:
        name = f"t{len(scopes)}{abs(hash((account.id, scopes))) % 10**7}"[:10]
        with catalogue.writing() as tx:
            if tx.tokens.get(name) is None:
                tx.tokens.add(
                    Token(
                        id=name,
                        account=account.id,
                        secret_hash=digest("secret"),
                        scopes=scopes,
                        created=clock(),
                        expires=clock() + timedelta(days=90),
                    )
                )
        return f"med_{name}_secret"

    return visiting


@pytest.fixture
def admin(catalogue: Catalogue) -> Account:
    with catalogue.writing() as tx:
        return tx.accounts.add(
            email="admin@media.test", name="Admin", role=Role.ADMIN, password_hash=None
        )


@pytest.fixture
def other_photographer(catalogue: Catalogue) -> Account:
    with catalogue.writing() as tx:
        return tx.accounts.add(
            email="other@media.test", name="Other", role=Role.PHOTOGRAPHER, password_hash=None
        )
