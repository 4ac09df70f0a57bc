"""The edit form of one material: three languages side by side, and nobody's words lost when two people write."""

from collections.abc import Mapping
from dataclasses import replace

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.describing import describe
from archive.errors import Forbidden
from archive.model.asset import Asset, Visibility
from archive.model.multilingual import LANGUAGES
from archive.rights import Act
from web.auth.bodies import takes_texts
from web.i18n.catalogue import marked as _m
from web.pages.blueprint import LANGUAGE, pages
from web.pages.comparing import Comparison, Form, say
from web.pages.editing import FAULTS, KINDS, change_of, held, normal, units
from web.pages.search import viewer
from web.pages.shown import shown_of
from web.pages.threeway import Merged
from web.pages.words import Mark, mark_of
from web.parts import parts
from web.rules import On, may, rule

LABELS = {
    "title": _m("Title"),
    "description": _m("Caption"),
    "keywords": _m("Keywords"),
    "alt_text": _m("Alternative text"),
    "credit": _m("Credit line"),
    "usage_terms": _m("Terms of use"),
    "copyright": _m("Rights"),
    "people": _m("People"),
    "places": _m("Places"),
    "occasion": _m("Event"),
    "taken_at": _m("Date taken"),
    "embargo_until": _m("Embargo until"),
}
HINTS = {
    "keywords": _m("One a line, or with commas between them."),
    "alt_text": _m("What the picture shows, for those who do not see it."),
    "people": _m(
        "One name a line, in the same order in each language; a hyphen where a name is not known."
    ),
    "places": _m(
        "One name a line, in the same order in each language; a hyphen where a name is not known."
    ),
}


@pages.get(f"{LANGUAGE}/assets/<asset_id>/edit")
@rule(Act.DESCRIBE, on=On.ASSET)
def edit(asset_id: str) -> str:  # noqa: ARG001 - the gate loaded it
    """The form with what is there now."""
    return _page(g.asset, _comparison().opened(g.asset))


@pages.post(f"{LANGUAGE}/assets/<asset_id>/edit")
@rule(Act.DESCRIBE, on=On.ASSET)
@takes_texts
def save(asset_id: str) -> AnyResponse | tuple[str, int]:  # noqa: ARG001 - the gate loaded it
    """Keep what was typed; where somebody else changed the same, show both and keep neither yet."""
    if again := _comparison().save(request.form):
        asset, form, status = again
        return _page(asset, form), status
    return redirect(url_for("pages.asset", asset_id=g.asset.id), 303)


def _comparison() -> Comparison[Asset]:
    return Comparison(
        units=units(),
        labels=LABELS,
        normal=normal,
        values=lambda asset: held(asset, parts().settings.zone),
        read=_read,
        keep=_keep,
    )


def _read() -> Asset:
    with parts().catalogue.reading() as tx:
        return tx.assets.get(g.asset.id)


def _keep(asset: Asset, merged: Merged) -> dict[str, str]:
    """Save; the faults when it cannot be. Raises Stale."""
    house = parts()
    if not merged.mine:
        return {}
    meant = change_of(
        merged, asset, catalogue=house.catalogue, now=house.clock(), zone=house.settings.zone
    )
    if meant.change is None:
        return {name: say(fault) for name, fault in meant.faults.items()}
    try:
        describe(
            asset.id,
            meant.change,
            revision=asset.revision,
            catalogue=house.catalogue,
            agent=g.agent,
            now=house.clock(),
            via="page",
        )
    except Forbidden:
        if "embargo_until" not in merged.mine:
            raise
        return {"embargo_until": say(FAULTS["embargo-forbidden"])}
    return {}


def _page(asset: Asset, form: Form) -> str:
    said = asset.description
    published = asset.visibility is Visibility.PUBLISHED
    drafts = [
        f"{name}.{tag}"
        for name in ("title", "description")
        for tag in LANGUAGES
        if mark_of(getattr(said, name), tag) is Mark.DRAFT
    ]
    return render_template(
        "edit.html",
        shown=shown_of(asset, viewer()),
        form=replace(form, faults=_placed(form.faults)),
        labels={name: say(label) for name, label in LABELS.items()},
        hints={name: say(hint) for name, hint in HINTS.items()},
        languages=LANGUAGES,
        kinds=tuple(KINDS),
        drafts=drafts,
        zone=parts().settings.zone.key,
        may_embargo=not published or may(Act.PUBLISH, asset),
    )


def _placed(faults: Mapping[str, str]) -> dict[str, str]:
    """Every fault under the value's name; the first name leads the reader there."""
    order = list(units())
    return dict(
        sorted(faults.items(), key=lambda one: order.index(one[0]) if one[0] in order else -1)
    )
