"""The edit form of one material: three languages side by side, and nobody's words lost when two people write."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.describing import describe
from archive.errors import Forbidden, Stale
from archive.model.asset import Asset, Visibility
from archive.model.multilingual import LANGUAGES
from archive.rights import Act
from web.auth.bodies import takes_texts
from web.i18n import words
from web.i18n.catalogue import marked as _m
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.editing import FAULTS, KINDS, NAMES, change_of, held, normal, units
from web.pages.search import viewer
from web.pages.shown import shown_of
from web.pages.threeway import Columns, Merged, merge, read_base, without, write_base
from web.pages.words import Mark, mark_of
from web.parts import parts
from web.rules import On, may, rule

ATTEMPTS = 5
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
    "keywords": _m("One a line."),
    "alt_text": _m("What the picture shows, for those who do not see it."),
    "people": _m(
        "One name a line, in the same order in each language; a hyphen where a name is not known."
    ),
    "places": _m(
        "One name a line, in the same order in each language; a hyphen where a name is not known."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """One value that two people changed: its name in words, and both versions, column by column."""

    label: str
    mine: tuple[tuple[str, str], ...]
    theirs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form with all that it shows: texts by the name of their input, faults by the name of the value."""

    texts: Mapping[str, str]
    base: str
    faults: Mapping[str, str]
    clashes: tuple[Clash, ...] = ()
    clashing: tuple[str, ...] = ()


@pages.get(f"{LANGUAGE}/assets/<asset_id>/edit")
@rule(Act.DESCRIBE, on=On.ASSET)
def edit(asset_id: str) -> str:  # noqa: ARG001 - the gate loaded it
    """The form with what is there now."""
    now = held(g.asset, parts().settings.zone)
    return _page(g.asset, Form(texts=_texts(now), base=write_base(now), faults={}))


@pages.post(f"{LANGUAGE}/assets/<asset_id>/edit")
@rule(Act.DESCRIBE, on=On.ASSET)
@takes_texts
def save(asset_id: str) -> AnyResponse | tuple[str, int]:  # noqa: ARG001 - the gate loaded it
    """Keep what was typed; where somebody else changed the same, show both and keep neither yet."""
    typed, base = _typed(), read_base(request.form.get("base", ""))
    if request.form.get("keep") == "theirs":
        typed = without(typed, request.form.getlist("clash"))
    asset = g.asset
    for _ in range(ATTEMPTS):
        now = held(asset, parts().settings.zone)
        merged = merge(typed, base, now)
        if merged.clashes:
            return _page(asset, _clashing(merged, now)), 412
        faults = _keep(asset, merged)
        if faults is None:
            return redirect(url_for("pages.asset", asset_id=asset.id), 303)
        if faults:
            form = Form(
                texts=_texts(merged.values), base=request.form.get("base", ""), faults=faults
            )
            return _page(asset, form), 400
        asset = _again(asset)
    form = Form(
        texts=_texts(merged.values), base=write_base(now), faults={"": _say(FAULTS["busy"])}
    )
    return _page(asset, form), 412


def _keep(asset: Asset, merged: Merged) -> dict[str, str] | None:
    """Save; None when it is done, the faults when it cannot be, no fault at all when somebody was quicker."""
    house = parts()
    if not merged.mine:
        return None
    meant = change_of(
        merged, asset, catalogue=house.catalogue, now=house.clock(), zone=house.settings.zone
    )
    if meant.change is None:
        return {name: _say(fault) for name, fault in meant.faults.items()}
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
    except Stale:
        return {}
    except Forbidden:
        if "embargo_until" not in merged.mine:
            raise
        return {"embargo_until": _say(FAULTS["embargo-forbidden"])}
    return None


def _again(asset: Asset) -> Asset:
    with parts().catalogue.reading() as tx:
        return tx.assets.get(asset.id)


def _typed() -> dict[str, Columns]:
    """What the form sent, each value whole; one of which an input is missing was not sent."""
    sent = request.form
    return {
        name: normal(name, tuple(sent[one] for one in inputs))
        for name, inputs in units().items()
        if all(one in sent for one in inputs)
    }


def _texts(values: Mapping[str, Columns]) -> dict[str, str]:
    return {
        one: text
        for name, inputs in units().items()
        for one, text in zip(inputs, values[name], strict=True)
    }


def _clashing(merged: Merged, now: Mapping[str, Columns]) -> Form:
    """Mine in the fields, theirs beside; the form now stands on theirs, so that one press keeps either."""
    clashes = tuple(
        Clash(
            label=_label(name),
            mine=tuple(_columns(name, merged.values[name])),
            theirs=tuple(_columns(name, now[name])),
        )
        for name in merged.clashes
    )
    return Form(
        texts=_texts(merged.values),
        base=write_base(now),
        faults={},
        clashes=clashes,
        clashing=merged.clashes,
    )


def _columns(name: str, columns: Columns) -> Iterator[tuple[str, str]]:
    """(language or nothing, text) of each column that says something."""
    tags = LANGUAGES if name in NAMES else (name.partition(".")[2],)
    return ((tag, text) for tag, text in zip(tags, columns, strict=True) if text)


def _label(name: str) -> str:
    stem, _, tag = name.partition(".")
    return f"{_say(LABELS[stem])}, {tag}" if tag else _say(LABELS[stem])


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
        labels={name: _say(label) for name, label in LABELS.items()},
        hints={name: _say(hint) for name, hint in HINTS.items()},
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


def _say(message: str) -> str:
    return words(language()).gettext(message)
