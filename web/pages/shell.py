"""What every template may use: words, figures, addresses, the built client, and what the person may do."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, g, request
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

from archive.errors import Misconfigured
from archive.rights import Act, decide
from web.auth.csrf import anonymous_token
from web.i18n import LANGUAGES, NAMES, error_text, number_text, reason_text, size_text, words
from web.pages.blueprint import language, pages
from web.pages.front import front_picture
from web.parts import parts

STATIC = Path(__file__).resolve().parent.parent / "static"
THEMES = ("light", "dark")
CAPITALS = {"az": "AZ", "en": "EN", "ru": "RU"}
LANGUAGE_COOKIE = "mediateka_language"
YEAR_SECONDS = 365 * 24 * 3600


@cache
def manifest() -> dict[str, str]:
    """The built client: plain names to names that carry the content's hash."""
    try:
        names: dict[str, str] = json.loads((STATIC / "manifest.json").read_text("utf-8"))
    except FileNotFoundError as exc:
        raise Misconfigured("web/static is not built: run `make setup`") from exc
    return names


def static_url(name: str) -> str:
    """The address of a built file, good for a year."""
    return f"/static/{manifest()[name]}"


@cache
def sprite() -> Markup:
    """The icons in use, to stand once in each page; our own build's output, not anyone's input."""
    return Markup((STATIC / manifest()["sprite.svg"]).read_text("utf-8"))  # noqa: S704 - built by us


def language_links() -> list[tuple[str, str, bool]]:
    """(language, address, is this one) for the three forms of this page; the query is kept.

    A page that answers a form stands at the address of what it shows (`g.stands_at`).
    """
    head, *rest = g.get("stands_at", request.path).lstrip("/").split("/")
    query = request.args.copy()
    if found := g.get("found"):
        query["found"] = found  # the results a reader came from outlive a change of language
    links = []
    for tag in LANGUAGES:
        if head in LANGUAGES:
            path = "/".join(["", tag, *rest])
        else:
            path = request.path
            query["language"] = tag
        asked = urlencode(list(query.items(multi=True)))
        links.append((tag, quote(path) + (f"?{asked}" if asked else ""), tag == language()))
    return links


def here() -> str:
    """The address of this page with its query, for coming back."""
    return request.full_path.rstrip("?")


def csrf_token() -> str:
    """The token every form that changes something carries."""
    session = g.get("session")
    token: str = session.csrf if session else anonymous_token()
    return token


def sign_in_address() -> str:
    """Where to sign in, and come back to this page afterwards."""
    door = f"/{language()}/sign-in"
    ours = request.method == "GET" and request.path.startswith(f"/{language()}/")
    worth = ours and not request.path.endswith(("/sign-in", f"/{language()}/"))
    return f"{door}?{urlencode({'next': here()})}" if worth else door


def may_deposit() -> bool:
    """Whether the person may bring something in."""
    return decide(g.agent, None, Act.DEPOSIT, parts().clock()).allowed


def initials(name: str) -> str:
    """Two letters for the round sign, as written: no change of case, which would turn i and ı about."""
    return "".join(word[0] for word in name.replace("@", " ").split()[:2])


def theme() -> str | None:
    """The theme chosen, or None to follow the system."""
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else None


def gettext(message: str) -> str:
    """A message in the page's language."""
    return words(language()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """A message after a number in the page's language."""
    return words(language()).ngettext(singular, plural, number)


def _spoken(speak: Callable[[Any, str], str]) -> Callable[[Any], str]:
    """A formatter bound to the page's language at the time it is called."""
    return lambda value: speak(value, language())


@pages.record_once
def teach(state: BlueprintSetupState) -> None:
    """Give the templates their words and functions."""
    environment = state.app.jinja_env
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.globals.update(
        static_url=static_url,
        sprite=sprite,
        names=NAMES,
        capitals=CAPITALS,
        number=_spoken(number_text),
        size=_spoken(size_text),
        refusal=_spoken(reason_text),
        error_text=_spoken(error_text),
        initials=initials,
        language_links=language_links,
        here=here,
        csrf_token=csrf_token,
        sign_in_address=sign_in_address,
        sign_out_address=lambda: f"/{language()}/sign-out",
        setup_address=lambda token: f"/setup?{urlencode({'language': language(), 'token': token})}",
        may_deposit=may_deposit,
        front_picture=front_picture,
    )


@pages.app_context_processor
def around() -> dict[str, Any]:
    """What differs from request to request."""
    session = g.get("session")
    return {
        "language": language(),
        "theme": theme(),
        "account": g.get("account"),
        "shared": bool(session and session.shared),
    }


@pages.after_request
def remember_language(response: Response) -> Response:
    """The language last read in is the one `/` leads to; a shared computer keeps nothing."""
    session = g.get("session")
    head = request.path.split("/")[1]
    if (
        head in LANGUAGES
        and request.cookies.get(LANGUAGE_COOKIE) != head
        and not (session and session.shared)
    ):
        response.set_cookie(
            LANGUAGE_COOKIE,
            head,
            max_age=YEAR_SECONDS,
            samesite="Lax",
            secure=parts().settings.secure_cookies,
        )
    return response
