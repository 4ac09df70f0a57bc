"""The way in: `/` leads to the reader's language; the home page shows the newest."""

from flask import Response, g, redirect, render_template, request

from archive.rights import Act
from search.find import SearchRequest, find
from web.i18n import LANGUAGES
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.search import viewer
from web.pages.tiles import tiles_of
from web.parts import parts
from web.rules import On, rule

NEWEST = 30


@pages.get("/")
@rule(None, on=On.PUBLIC)
def front_door() -> Response:
    """To the language last read in, else the browser's wish, else Azerbaijani."""
    kept = request.cookies.get("language")
    wish = request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0])
    answer = redirect(f"/{kept if kept in LANGUAGES else wish}/", 302)
    answer.vary.add("Accept-Language")
    answer.vary.add("Cookie")
    return answer  # type: ignore[return-value]  # a redirect is a response


@pages.get(f"{LANGUAGE}/")
@rule(Act.DISCOVER, on=On.HOUSE)
def home() -> str:
    """The search field and the newest material."""
    house = parts()
    asked = SearchRequest(
        q="", filters={}, sort="newest", limit=NEWEST, cursor=None, language=language()
    )
    found = find(
        asked,
        index=house.index,
        catalogue=house.catalogue,
        agent=g.agent,
        now=house.clock(),
        secret=house.settings.secret_key,
        zone=house.settings.zone,
    )
    return render_template(
        "home.html", tiles=tiles_of(found.items, viewer()), total=found.total
    )
