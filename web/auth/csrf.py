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


def anonymous_token() -> str:
    """The token for forms of visitors who are not signed in; remembers to set its cookie with this answer."""
    value = request.cookies.get(COOKIE) or g.get("new_form_cookie")
    if not value:
        value = g.new_form_cookie = secrets.new_secret()
    return _sign(value)


def require(session: Session | None) -> None:
    """Forbidden unless the request carries the token that belongs to its session or form cookie."""
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
