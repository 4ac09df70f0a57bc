"""Curating: the forms that make, describe, order and remove collections, for archivists; whole without script."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive import collecting
from archive.collecting import House, Words
from archive.errors import Conflict, Invalid, Stale
from archive.model.collection import Collection
from archive.model.multilingual import LANGUAGES
from archive.rights import Act
from ingest.cleaning import clean
from web.api.models import LONGEST_TITLE
from web.auth.bodies import takes_texts
from web.i18n import words
from web.i18n.catalogue import marked as _m
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.collection import PAGE, shown_collection
from web.pages.editing import is_too_long
from web.pages.search import viewer
from web.pages.threeway import Columns, Merged, merge, read_base, without, write_base
from web.pages.tiles import tiles_of
from web.parts import parts
from web.rules import On, rule
from web.seen import Seen, seen_collection

STEPS = {"up": -1, "down": 1, "first": -(10**9)}
ATTEMPTS = 5
LONGEST_PLACE = 9
LABELS = {"title": _m("Title"), "text": _m("Text"), "slug": _m("Address")}
FAULTS = {
    "title": _m("Write a title in one language at least."),
    "slug": _m("An address has small Latin letters, digits and hyphens: open-day-2026."),
    "taken": _m("Another collection has this address."),
    "title-long": _m("A title has at most 300 characters."),
    "text-long": _m("This is too long. Shorten it to 16,000 letters at most."),
}
Values = dict[str, Columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form of a collection's words: texts and faults by the name of their input, and what others changed meanwhile."""

    texts: Mapping[str, str]
    base: str = "{}"
    faults: Mapping[str, str]
    clashes: tuple[tuple[str, str, str, str], ...] = ()
    clashing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The member that was moved last, so that the same button has the focus again, without script."""

    asset: str
    act: str

    def button(self, position: int, count: int) -> str:
        """The button pressed, or at an end of the list the one that is left."""
        if position == 1:
            return "down"
        return "up" if position == count and self.act == "down" else self.act


@pages.get(f"{LANGUAGE}/collections/new")
@rule(Act.ARRANGE, on=On.HOUSE)
def new_collection() -> str:
    """An empty form; with `asset` in the address the material goes into what is made."""
    return _new_page(Form(texts={}, faults={}))


@pages.post(f"{LANGUAGE}/collections")
@rule(Act.ARRANGE, on=On.HOUSE)
@takes_texts
def make_collection() -> AnyResponse | tuple[str, int]:
    """Make it, and show it."""
    typed = _typed()
    faults = _lengths(typed)
    if not faults:
        try:
            made = collecting.make(_words(typed, frozenset(typed)), _house())
        except (Invalid, Conflict) as trouble:
            faults = _fault(trouble)
    if faults:
        return _new_page(Form(texts=_flat(typed), faults=faults)), 400
    if asset := request.form.get("asset", ""):
        return redirect(_with(asset, made), 303)
    return redirect(url_for("pages.edit_collection", slug=made.slug), 303)


@pages.get(f"{LANGUAGE}/collections/<slug>/edit")
@rule(Act.ARRANGE, on=On.HOUSE)
def edit_collection(slug: str) -> str:
    """The words of a collection, its order, and how to remove it."""
    seen = _seen(slug)
    now = _held(seen.collection)
    return _edit_page(seen, Form(texts=_flat(now), base=write_base(now), faults={}))


@pages.post(f"{LANGUAGE}/collections/<slug>/edit")
@rule(Act.ARRANGE, on=On.HOUSE)
@takes_texts
def save_collection(slug: str) -> AnyResponse | tuple[str, int]:
    """Keep the words; where somebody else changed the same, show both."""
    typed, base = _typed(), read_base(request.form.get("base", ""))
    if request.form.get("keep") == "theirs":
        typed = without(typed, request.form.getlist("clash"))
    for _ in range(ATTEMPTS):
        seen = _seen(slug)
        now = _held(seen.collection)
        merged = merge(typed, base, now)
        if merged.clashes:
            return _edit_page(seen, _clashing(merged, now)), 412
        faults = _lengths(merged.values)
        try:
            if not faults:
                saved = _keep(seen.collection, merged)
                return redirect(url_for("pages.collection", slug=saved.slug), 303)
        except Stale:  # somebody was quicker by a moment: compare with what is there now
            continue
        except (Invalid, Conflict) as trouble:
            faults = _fault(trouble)
        base_text = request.form.get("base", "{}")
        form = Form(texts=_flat(merged.values), base=base_text, faults=faults)
        return _edit_page(seen, form), 400
    raise Stale("others are saving this collection at this moment")


def _keep(held: Collection, merged: Merged) -> Collection:
    change = _words(merged.values, merged.mine)
    return collecting.describe(held.id, change, _house(), revision=held.revision)


@pages.post(f"{LANGUAGE}/collections/<slug>/delete")
@rule(Act.ARRANGE, on=On.HOUSE)
def remove_collection(slug: str) -> AnyResponse:
    """Remove the collection; its material stays in the archive."""
    collecting.remove(slug, _house())
    return redirect(url_for("pages.collections"), 303)


@pages.post(f"{LANGUAGE}/collections/<slug>/assets/<asset_id>")
@rule(Act.ARRANGE, on=On.ASSET)
def place_in_collection(slug: str, asset_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Move a member up, down or to the front, or take it out; back to where it stands now."""
    act = request.form.get("act", "")
    if act == "remove":
        collecting.take_out(slug, g.asset.id, _house())
        after = place_of(request.form.get("after", ""))
        back = url_for("pages.edit_collection", slug=slug, after=after or None, _anchor="order")
        return redirect(back, 303)
    if act not in STEPS:
        raise Invalid("no such move", field="act")
    place = collecting.move(slug, g.asset.id, STEPS[act], _house())
    after = (place - 1) // PAGE * PAGE
    back = url_for(
        "pages.edit_collection", slug=slug, after=after or None, moved=g.asset.id, act=act
    )
    return redirect(back, 303)


@pages.post(f"{LANGUAGE}/assets/<asset_id>/collections")
@rule(Act.ARRANGE, on=On.ASSET)
def add_to_collection(asset_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Put this material into the chosen collection, and show it again."""
    collecting.put(request.form.get("collection", ""), g.asset.id, _house())
    found = request.form.get("found", "") or None
    back = url_for("pages.asset", asset_id=g.asset.id, found=found, _anchor="collections")
    return redirect(back, 303)


def _with(asset: str, made: Collection) -> str:
    """Put the material in that the form was opened for; where that is gone, the collection is there all the same."""
    with parts().catalogue.reading() as tx:
        found = tx.assets.find([asset])  # type: ignore[list-item] # an id as it came in the form
    if not found:
        return url_for("pages.edit_collection", slug=made.slug)
    collecting.put(made.id, next(iter(found)), _house())
    return url_for("pages.asset", asset_id=next(iter(found)), _anchor="collections")


def place_of(text: str) -> int:
    """The place behind which a page begins, as its address says to those who arrange; Invalid for what is none."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST_PLACE):
        raise Invalid("not a page of this collection", field="after")
    return int(text or 0)


def _house() -> House:
    return House(catalogue=parts().catalogue, agent=g.agent, now=parts().clock(), via="page")


def _seen(slug: str) -> Seen:
    return seen_collection(slug, place=place_of(request.values.get("after", "")), limit=PAGE)


def _names() -> list[str]:
    return [f"{name}.{tag}" for name in ("title", "text") for tag in LANGUAGES] + ["slug"]


def _typed() -> Values:
    sent = request.form
    return {name: (_tidy(name, sent[name]),) for name in _names() if name in sent}


def _tidy(name: str, text: str) -> str:
    if is_too_long(text):
        return text.replace("\r\n", "\n")
    plain = clean(text)
    return plain if name.startswith("text") else " ".join(plain.split())


def _held(held: Collection) -> Values:
    said = {"title": held.title, "text": held.text}
    values: Values = {
        f"{name}.{tag}": (_tidy(name, texts.get(tag, "")),)
        for name, texts in said.items()
        for tag in LANGUAGES
    }
    return values | {"slug": (held.slug,)}


def _words(values: Mapping[str, Columns], changed: frozenset[str]) -> Words:
    said: dict[str, dict[str, str | None]] = {"title": {}, "text": {}}
    for name in changed - {"slug"}:
        stem, _, tag = name.partition(".")
        said[stem][tag] = values[name][0] or None
    slug = values["slug"][0] or None if "slug" in changed else None
    return Words(title=said["title"] or None, text=said["text"] or None, slug=slug)


def _flat(values: Mapping[str, Columns]) -> dict[str, str]:
    return {name: text for name, (text,) in values.items()}


def _lengths(values: Mapping[str, Columns]) -> dict[str, str]:
    long = {
        name: "title-long"
        for name, (text,) in values.items()
        if name.startswith("title") and len(text) > LONGEST_TITLE
    }
    long |= {name: "text-long" for name, (text,) in values.items() if is_too_long(text)}
    return {name: _say(FAULTS[fault]) for name, fault in long.items()}


def _fault(trouble: Invalid | Conflict) -> dict[str, str]:
    """The sentence beside the field at fault; a title missing is said at the reader's own language."""
    if isinstance(trouble, Conflict):
        return {"slug": _say(FAULTS["taken"])}
    name = str(trouble.facts.get("field"))
    return {name if name == "slug" else f"title.{language()}": _say(FAULTS[name])}


def _clashing(merged: Merged, now: Values) -> Form:
    clashes = []
    for name in merged.clashes:
        stem, _, tag = name.partition(".")
        label = _say(LABELS[stem])
        clashes.append((label, tag, merged.values[name][0], now[name][0]))
    return Form(
        texts=_flat(merged.values),
        base=write_base(now),
        faults={},
        clashes=tuple(clashes),
        clashing=merged.clashes,
    )


def _new_page(form: Form) -> str:
    asset = request.values.get("asset", "")
    return render_template("collection_new.html", form=form, asset=asset, **_labels())


def _edit_page(seen: Seen, form: Form) -> str:
    after = place_of(request.values.get("after", ""))
    tiles = tiles_of(seen.assets, viewer())
    members = list(zip(seen.assets, tiles, seen.positions, strict=True))
    return render_template(
        "collection_edit.html",
        form=form,
        shown=shown_collection(seen.collection, seen.count, seen.cover),
        members=members,
        after=after,
        moved=Moved(asset=request.args.get("moved", ""), act=request.args.get("act", "")),
        before=_page_address(seen, max(0, after - PAGE)) if after else None,
        more=_page_address(seen, seen.positions[-1]) if seen.left else None,
        **_labels(),
    )


def _page_address(seen: Seen, after: int) -> str:
    return url_for(
        "pages.edit_collection", slug=seen.collection.slug, after=after or None, _anchor="order"
    )


def _labels() -> dict[str, object]:
    return {
        "labels": {name: _say(label) for name, label in LABELS.items()},
        "languages": LANGUAGES,
    }


def _say(message: str) -> str:
    return words(language()).gettext(message)
