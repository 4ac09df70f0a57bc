"""The blueprint all pages hang on, and how their addresses carry the language."""

from typing import Any

from flask import Blueprint, g

from web.i18n import LANGUAGES

pages = Blueprint("pages", __name__)

LANGUAGE = f"/<any({', '.join(LANGUAGES)}):language>"
"""What every page's address begins with."""


def language() -> str:
    """The language this request is answered in."""
    spoken: str = g.get("language") or LANGUAGES[0]
    return spoken


@pages.url_value_preprocessor
def take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The language of a page is the one in its address; views need not repeat it."""
    del endpoint
    if values and "language" in values:
        g.language = values.pop("language")


@pages.app_url_defaults
def give_language(endpoint: str, values: dict[str, Any]) -> None:
    """Links between pages stay in the language of the page they stand on."""
    if endpoint in WITHOUT_LANGUAGE or not endpoint.startswith("pages."):
        return
    values.setdefault("language", language())


WITHOUT_LANGUAGE = {"pages.choose_theme", "pages.front_door"}
