"""The page of one material, and the two acts that change who sees it."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive import work
from archive.model.asset import Asset, Visibility
from archive.model.ids import JobId
from archive.publishing import publish as publish_asset
from archive.publishing import withdraw as withdraw_asset
from archive.rights import Act
from web.i18n import error_text, words
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.collection import best_of
from web.pages.player import player_policy, player_words
from web.pages.search import viewer
from web.pages.shown import LinkShown, shown_of
from web.parts import acting, parts
from web.rules import On, may, rule

LONGEST_REASON = 2000
WITHIN = "in"


@pages.get(f"{LANGUAGE}/assets/<asset_id>")
@rule(Act.VIEW, on=On.ASSET)
def asset(asset_id: str) -> Response:  # noqa: ARG001 - the gate loaded it
    """The picture, its captions, its rights, and the original to take away."""
    return _page(g.asset)


@pages.post(f"{LANGUAGE}/assets/<asset_id>/publish")
@rule(Act.PUBLISH, on=On.ASSET)
def publish(asset_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Publish, and show the material again; what has no title is asked about once."""
    if _is_untitled(g.asset) and not request.form.get("untitled"):
        return _page(g.asset, asks_untitled=True)
    house = parts()
    publish_asset(g.asset.id, catalogue=house.catalogue, agent=g.agent, now=house.clock())
    return _again()


@pages.post(f"{LANGUAGE}/assets/<asset_id>/withdraw")
@rule(Act.WITHDRAW, on=On.ASSET)
def withdraw(asset_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Withdraw with a reason, and show the material again; without one, ask for it."""
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        answer = _page(g.asset, error_text("reason-missing", language()))
        answer.status_code = 400
        return answer
    house = parts()
    withdraw_asset(
        g.asset.id, reason=reason, catalogue=house.catalogue, agent=g.agent, now=house.clock()
    )
    return _again()


@pages.post(f"{LANGUAGE}/assets/<asset_id>/jobs/<job_id>/cancel")
@rule(Act.DESCRIBE, on=On.ASSET)
def cancel_job(asset_id: str, job_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Have a render that waits or runs given up, and show the material again."""
    work.cancel(g.asset.id, JobId(job_id), acting("page"))
    return _again()


@pages.post(f"{LANGUAGE}/assets/<asset_id>/jobs/<job_id>/retry")
@rule(Act.DESCRIBE, on=On.ASSET)
def retry_job(asset_id: str, job_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Have work that stopped done after all, and show the material again."""
    work.retry(g.asset.id, JobId(job_id), acting("page"))
    return _again()


def _again() -> AnyResponse:
    """The material once more, still knowing which results the reader came from."""
    return redirect(url_for("pages.asset", asset_id=g.asset.id, found=_query() or None), 303)


def _is_untitled(asset: Asset) -> bool:
    """Whether readers would first meet it with nothing that was written as its title."""
    said = asset.description
    is_named = any(text.values for text in (said.title, said.headline))
    return asset.visibility is not Visibility.PUBLISHED and not is_named


def _page(asset: Asset, problem: str = "", *, asks_untitled: bool = False) -> Response:
    query = g.found = _query()
    g.stands_at = url_for("pages.asset", asset_id=asset.id)
    shown = shown_of(asset, viewer())
    collected = _collected(asset)
    page = render_template(
        "asset.html",
        shown=shown,
        player_words=player_words(language()) if shown.playing else {},
        back=_back(query, collected["collections"]),
        origin=query,
        problem=problem,
        asks_untitled=asks_untitled,
        may_publish=asset.visibility is not Visibility.PUBLISHED and may(Act.PUBLISH, asset),
        may_withdraw=asset.visibility is not Visibility.WITHDRAWN and may(Act.WITHDRAW, asset),
        may_edit=may(Act.DESCRIBE, asset),
        **collected,
    )
    answer = Response(page)
    if shown.playing:
        answer.headers["Content-Security-Policy"] = player_policy()
    return answer


def _back(query: str, collections: list[LinkShown]) -> LinkShown:
    """Where the reader came from: a collection this is in, else the results."""
    if slug := dict(parse_qsl(query)).get(WITHIN):
        here = url_for("pages.collection", slug=slug)
        return next((link for link in collections if link.href == here), _results(""))
    return _results(query)


def _results(query: str) -> LinkShown:
    results = url_for("pages.search")
    label = words(language()).gettext("Results")
    return LinkShown(
        label=label, language=language(), href=f"{results}?{query}" if query else results
    )


def _collected(asset: Asset) -> dict[str, Any]:
    """The collections it is in, and for those who arrange them the ones it could go into."""
    may_arrange = may(Act.ARRANGE, asset)
    with parts().catalogue.reading() as tx:
        held = tx.collections.find(asset.collections)
        others = [one for one in tx.collections.all() if one.id not in held] if may_arrange else []
    links = []
    for one in sorted(held.values(), key=lambda one: one.id, reverse=True):
        spoken, title = best_of(one.title) or (language(), one.slug)
        href = url_for("pages.collection", slug=one.slug)
        links.append(LinkShown(label=title, language=spoken, href=href))
    titles = [(one.slug, (best_of(one.title) or ("", one.slug))[1]) for one in others]
    return {"collections": links, "choices": titles, "may_arrange": may_arrange}


def _query() -> str:
    """The query of the results the reader came from, or `in=` a collection: as this page hands it on, or the browser tells."""
    if handed := request.values.get("found", ""):
        # Only ever a query: it can lead nowhere but to our results and collections.
        return urlencode(parse_qsl(handed))
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host:
        return ""
    head, _, last = came.path.rpartition("/")
    if head == f"/{language()}/collections":
        return urlencode({WITHIN: last})
    return came.query if came.path == f"/{language()}/search" else ""
