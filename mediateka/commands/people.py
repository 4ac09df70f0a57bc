"""Accounts and API tokens."""

import secrets as randomness
import string
import sys
from datetime import timedelta

import click

from archive.catalogue.doors import Token
from archive.errors import Invalid, NotFound
from archive.model.agent import Role, TokenScope
from mediateka.services import build
from mediateka.settings import read_settings
from web.auth.accounts import add_account
from web.auth.identity import SCOPES_OF_ROLE, TOKEN_PREFIX
from web.auth.secrets import digest, new_secret

TOKEN_LIFETIME = timedelta(days=90)
ID_LENGTH = 10
ID_LETTERS = string.ascii_lowercase + string.digits


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--name", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_user(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make an account; without --password-stdin it asks at a terminal, or the account has no password."""
    if password_stdin:
        password: str | None = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = None
    with build(read_settings()) as services:
        account = add_account(
            email=email,
            name=name,
            role=Role(role),
            password=password,
            catalogue=services.catalogue,
            via="command",
        )
    click.echo(f"{account.email} is {account.role}")


@click.group()
def token() -> None:
    """API tokens."""


@token.command("add")
@click.argument("email")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([str(scope) for scope in TokenScope]),
    help="What it may be used for; by default all that its owner's role allows.",
)
def add_token(email: str, scopes: tuple[str, ...]) -> None:
    """Print a new API token, once."""
    with build(read_settings()) as services, services.catalogue.writing() as tx:
        account = tx.accounts.by_email(email)
        if account is None:
            raise NotFound(f"no account for {email}")
        allowed = SCOPES_OF_ROLE[account.role]
        wanted = frozenset(TokenScope(scope) for scope in scopes) or allowed
        if not wanted <= allowed:
            beyond = ", ".join(sorted(wanted - allowed))
            raise Invalid(f"more than the role {account.role} allows: {beyond}")
        now = services.clock()
        secret = new_secret()
        identifier = "".join(randomness.choice(ID_LETTERS) for _ in range(ID_LENGTH))
        tx.tokens.add(
            Token(
                id=identifier,
                account=account.id,
                secret_hash=digest(secret),
                scopes=wanted,
                created=now,
                expires=now + TOKEN_LIFETIME,
            )
        )
        detail = {"token": identifier, "scopes": sorted(wanted)}
        tx.audit.record("token.created", account.id, agent=None, via="command", detail=detail)
    click.echo(f"{TOKEN_PREFIX}{identifier}_{secret}")
