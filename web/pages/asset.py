"""The page of one material, and the two acts that change who sees it."""

from urllib.parse import urlsplit

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.model.asset import Asset, Visibility
from archive.publishing import publish as publish_asset
from archive.publishing import withdraw as withdraw_asset
from archive.rights import Act
from web.i18n import error_text
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.search import viewer
from web.pages.shown import shown_of
from web.parts import parts
from web.rules import On, may, rule

LONGEST_REASON = 2000


@pages.get(f"{LANGUAGE}/assets/<asset_id>")
@rule(Act.VIEW, on=On.ASSET)
def asset(asset_id: str) -> str:  # noqa: ARG001 - the gate loaded it
    """The picture, its captions, its rights, and the original to take away."""
    return _page(g.asset)


@pages.post(f"{LANGUAGE}/assets/<asset_id>/publish")
@rule(Act.PUBLISH, on=On.ASSET)
def publish(asset_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Publish, and show the material again."""
    house = parts()
    publish_asset(g.asset.id, catalogue=house.catalogue, agent=g.agent, now=house.clock())
    return redirect(url_for("pages.asset", asset_id=g.asset.id), 303)


@pages.post(f"{LANGUAGE}/assets/<asset_id>/withdraw")
@rule(Act.WITHDRAW, on=On.ASSET)
def withdraw(asset_id: str) -> AnyResponse | tuple[str, int]:  # noqa: ARG001 - the gate loaded it
    """Withdraw with a reason, and show the material again; without one, ask for it."""
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        return _page(g.asset, error_text("reason-missing", language())), 400
    house = parts()
    withdraw_asset(
        g.asset.id, reason=reason, catalogue=house.catalogue, agent=g.agent, now=house.clock()
    )
    return redirect(url_for("pages.asset", asset_id=g.asset.id), 303)


def _page(asset: Asset, problem: str = "") -> str:
    return render_template(
        "asset.html",
        shown=shown_of(asset, viewer()),
        back=_back(),
        problem=problem,
        may_publish=asset.visibility is not Visibility.PUBLISHED and may(Act.PUBLISH, asset),
        may_withdraw=asset.visibility is not Visibility.WITHDRAWN and may(Act.WITHDRAW, asset),
    )


def _back() -> str:
    """The results the reader came from, with their query; otherwise the newest."""
    came = urlsplit(request.referrer or "")
    ours = came.netloc == request.host and came.path == f"/{language()}/search"
    return f"{came.path}?{came.query}" if ours and came.query else url_for("pages.search")
