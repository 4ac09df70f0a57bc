"""A secret in every form: the session's own, or a signed cookie's twin for those who are not signed in."""

import hashlib
import hmac

from flask import g, request

from archive.catalogue.doors import Session
from archive.errors import Forbidden
from web.auth import secrets
from web.parts import parts

COOKIE = "mediateka_form"
FIELD = "csrf"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def anonymous_token() -> str:
    """The token for forms of visitors who are not signed in; remembers to set its cookie with this answer."""
    value = request.cookies.get(COOKIE) or g.get("new_form_cookie")
    if not value:
        value = g.new_form_cookie = secrets.new_secret()
    return _sign(value)


def check() -> None:
    """Forbidden unless an unsafe request carries the token that belongs to its session or form cookie.

    A token in the header speaks for itself, and without a session an API call has no standing to abuse.
    """
    is_safe = request.method in SAFE_METHODS or request.endpoint is None
    is_program = "Authorization" in request.headers or request.path.startswith("/api/")
    if not is_safe and (g.session is not None or not is_program):
        _require(g.session)


def _require(session: Session | None) -> None:
    given = request.headers.get(HEADER) or _from_form()
    wanted = session.csrf if session else _sign(request.cookies.get(COOKIE, ""))
    if not given or not secrets.same(given, wanted):
        raise Forbidden("the form is too old; load the page again")


def _from_form() -> str:
    """Only real forms are parsed: an upload's body must stay unread."""
    is_form = (request.mimetype or "") in {
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    }
    return request.form.get(FIELD, "") if is_form else ""


def _sign(value: str) -> str:
    return hmac.new(
        parts().settings.secret_key, f"form:{value}".encode(), hashlib.sha256
    ).hexdigest()
