"""The way in: `/` leads to the reader's language; the home page shows the newest."""

import logging

from flask import g, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import SearchUnavailable
from archive.rights import Act
from search.find import SearchRequest
from search.index.port import Sort
from web.i18n import error_text
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.look import look
from web.pages.search import viewer
from web.pages.tiles import tiles_of
from web.rules import On, rule

log = logging.getLogger(__name__)
NEWEST = 30


@pages.get("/")
@rule(None, on=On.PUBLIC)
def front_door() -> AnyResponse:
    """To the language last read in, else the browser's wish, else the house's first."""
    answer = redirect(f"/{language()}/", 302)
    answer.vary.add("Accept-Language")
    answer.vary.add("Cookie")
    return answer


@pages.get(f"{LANGUAGE}/")
@rule(Act.DISCOVER, on=On.HOUSE)
def home() -> str:
    """The search field and the newest material; while search is away, the way to what opens without it."""
    asked = SearchRequest(sort=Sort.NEWEST, limit=NEWEST, language=language())
    try:
        found = look(asked, g.agent)
    except SearchUnavailable as trouble:
        log.warning("the home page shows nothing new: %s", trouble)
        return render_template("home.html", away=error_text(trouble.code, language()))
    return render_template("home.html", tiles=tiles_of(found.items, viewer()), total=found.total)
