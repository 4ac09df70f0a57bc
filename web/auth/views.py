"""The doors: sign in, sign out, first run. Plain forms; the same answer for every wrong pair."""

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import Conflict, Invalid, TooManyRequests
from web.auth import accounts, csrf, identity, secrets
from web.parts import parts
from web.rules import On, rule

doors = Blueprint("doors", __name__)
WEEK_SECONDS = 7 * 24 * 3600
DEVICE_COOKIE = "mediateka_device"
DEVICE_SECONDS = 365 * 24 * 3600
CLEAR = '"cache", "cookies", "storage"'


@doors.get("/<any(az, en, ru):language>/sign-in")
@rule(None, on=On.PUBLIC)
def sign_in_form(language: str) -> str:  # noqa: ARG001 - read by the language gate
    """The form."""
    return render_template("sign_in.html", error=None, email="", next=safe_next())


@doors.post("/<any(az, en, ru):language>/sign-in")
@rule(None, on=On.PUBLIC)
def sign_in(language: str) -> AnyResponse:
    """Check the pair; on success a new session, on failure the form again with a sentence."""
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    attempt = accounts.Attempt(
        email=email,
        password=password,
        address=request.remote_addr or "",
        now=parts().clock(),
        key=parts().settings.secret_key,
        known_device=_device_of(email) == request.cookies.get(DEVICE_COOKIE),
    )
    try:
        account = accounts.sign_in(attempt, catalogue=parts().catalogue)
    except (accounts.WrongPassword, TooManyRequests) as trouble:
        status = 429 if isinstance(trouble, TooManyRequests) else 403
        page = render_template("sign_in.html", error=trouble.code, email=email, next=safe_next())
        return make_response(page, status)
    if g.session is not None:  # a visit under another name ends here
        with parts().catalogue.writing() as tx:
            tx.sessions.end(g.session.id_hash)
    shared = request.form.get("shared") == "1"
    value = accounts.begin_session(account, shared=shared, catalogue=parts().catalogue)
    response = redirect(safe_next() or f"/{language}/", 303)
    _set_cookie(response, identity.cookie_name(), value, None if shared else WEEK_SECONDS)
    if not shared:
        _set_cookie(response, DEVICE_COOKIE, _device_of(email), DEVICE_SECONDS)
    return response


@doors.post("/<any(az, en, ru):language>/sign-out")
@rule(None, on=On.PUBLIC)
def sign_out(language: str) -> AnyResponse:
    """End the session; on a shared computer the browser is asked to forget everything."""
    response = redirect(f"/{language}/", 303)
    if g.session is not None:
        with parts().catalogue.writing() as tx:
            tx.sessions.end(g.session.id_hash)
            tx.audit.record("session.ended", g.account.id, agent=g.account.id, via="page")
        if g.session.shared:
            response.headers["Clear-Site-Data"] = CLEAR
    response.delete_cookie(identity.cookie_name(), secure=parts().settings.secure_cookies)
    return response


@doors.get("/setup")
@rule(None, on=On.PUBLIC)
def setup_form() -> str:
    """First run: make the first admin. Gone once there is an account."""
    token = request.args.get("token", "")
    accounts.require_setup(token, catalogue=parts().catalogue)
    return render_template("setup.html", token=token, error=None)


@doors.post("/setup")
@rule(None, on=On.PUBLIC)
def set_up() -> AnyResponse:
    """Make the first admin and sign in."""
    token = request.form.get("token", "")
    accounts.require_setup(token, catalogue=parts().catalogue)
    try:
        account = accounts.set_up(
            token,
            email=request.form.get("email", "").strip(),
            name=request.form.get("name", "").strip(),
            password=request.form.get("password", ""),
            catalogue=parts().catalogue,
        )
    except (Invalid, Conflict) as trouble:
        error = trouble.facts.get("field", trouble.code)
        return make_response(render_template("setup.html", token=token, error=error), 400)
    value = accounts.begin_session(account, shared=False, catalogue=parts().catalogue)
    response = redirect(f"/{g.language}/", 303)
    _set_cookie(response, identity.cookie_name(), value, WEEK_SECONDS)
    return response


def safe_next() -> str:
    """Where to go after sign-in: a path of this site, never another host."""
    wanted = request.values.get("next", "")
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if is_path and wanted.isprintable() else ""


def remember_form_cookie(response: Response) -> Response:
    """Set the cookie that belongs to a form shown to somebody who is not signed in."""
    if value := g.get("new_form_cookie"):
        _set_cookie(response, csrf.COOKIE, value, None)
    return response


def _device_of(email: str) -> str:
    """Proof that this browser signed in to this account before."""
    key = parts().settings.secret_key.hex()
    return secrets.digest(f"device:{key}:{email.casefold()}")


def _set_cookie(response: AnyResponse, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=parts().settings.secure_cookies,
        httponly=True,
        samesite="Lax",
    )
