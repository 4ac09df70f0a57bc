"""Curating: the forms that make, describe, order and remove collections, for archivists; whole without script."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive import collecting
from archive.collecting import Words
from archive.errors import Conflict, Invalid
from archive.model.collection import Collection
from archive.model.multilingual import LANGUAGES
from archive.rights import Act
from web.api.models import LONGEST_TITLE
from web.auth.bodies import takes_texts
from web.i18n.catalogue import marked as _m
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.collection import PAGE, shown_collection
from web.pages.comparing import TOO_LONG, Comparison, Form, is_too_long, say, tidy
from web.pages.search import viewer
from web.pages.threeway import Columns, Merged
from web.pages.tiles import tiles_of
from web.parts import acting, parts
from web.rules import On, rule
from web.seen import Seen, seen_collection

STEPS = {"up": -1, "down": 1, "first": -(10**9)}
LONGEST_PLACE = 9
LABELS = {"title": _m("Title"), "text": _m("Text"), "slug": _m("Address")}
FAULTS = {
    "title": _m("Write a title in one language at least."),
    "slug": _m("An address has small Latin letters, digits and hyphens: open-day-2026."),
    "taken": _m("Another collection has this address."),
    "title-long": _m("A title has at most 300 characters."),
    "text-long": TOO_LONG,
}
Values = dict[str, Columns]
UNITS = {
    name: (name,)
    for name in (*(f"{stem}.{tag}" for stem in ("title", "text") for tag in LANGUAGES), "slug")
}


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
    comparison = _comparison("")
    typed = comparison.typed(request.form)
    faults = _lengths(typed)
    if not faults:
        try:
            made = collecting.make(_words(typed, frozenset(typed)), acting("page"))
        except (Invalid, Conflict) as trouble:
            faults = _fault(trouble)
    if faults:
        return _new_page(Form(texts=comparison.texts(typed), faults=faults)), 400
    if asset := request.form.get("asset", ""):
        return redirect(_with(asset, made), 303)
    return redirect(url_for("pages.edit_collection", slug=made.slug), 303)


@pages.get(f"{LANGUAGE}/collections/<slug>/edit")
@rule(Act.ARRANGE, on=On.HOUSE)
def edit_collection(slug: str) -> str:
    """The words of a collection, its order, and how to remove it."""
    seen = _seen(slug)
    return _edit_page(seen, _comparison(seen.collection.id).opened(seen))


@pages.post(f"{LANGUAGE}/collections/<slug>/edit")
@rule(Act.ARRANGE, on=On.HOUSE)
@takes_texts
def save_collection(slug: str) -> AnyResponse | tuple[str, int]:
    """Keep the words; where somebody else changed the same, show both."""
    held = _seen(slug).collection.id  # its address may change, by this form or by others
    if again := _comparison(held).save(request.form):
        seen, form, status = again
        return _edit_page(seen, form), status
    return redirect(url_for("pages.collection", slug=_seen(held).collection.slug), 303)


@pages.post(f"{LANGUAGE}/collections/<slug>/delete")
@rule(Act.ARRANGE, on=On.HOUSE)
def remove_collection(slug: str) -> AnyResponse:
    """Remove the collection; its material stays in the archive."""
    collecting.remove(slug, acting("page"))
    return redirect(url_for("pages.collections"), 303)


@pages.post(f"{LANGUAGE}/collections/<slug>/assets/<asset_id>")
@rule(Act.ARRANGE, on=On.ASSET)
@takes_texts
def place_in_collection(slug: str, asset_id: str) -> AnyResponse | tuple[str, int]:  # noqa: ARG001 - the gate loaded it
    """Move a member up, down or to the front, or take it out; back to where it stands now.

    The words typed on the same page are kept first; while they cannot be, nothing moves.
    """
    act = request.form.get("act", "")
    if act != "remove" and act not in STEPS:
        raise Invalid("no such move", field="act")
    held = _seen(slug).collection.id
    if again := _comparison(held).save(request.form):
        seen, form, status = again
        return _edit_page(seen, form), status
    return redirect(_arranged(held, act), 303)


def _arranged(name: str, act: str) -> str:
    """The address to go back to, once the member is moved or taken out."""
    if act == "remove":
        collecting.take_out(name, g.asset.id, acting("page"))
        return _page_address(_seen(name), place_of(request.form.get("after", "")))
    place = collecting.move(name, g.asset.id, STEPS[act], acting("page"))
    return url_for(
        "pages.edit_collection",
        slug=_seen(name).collection.slug,  # the words kept may have changed it
        after=(place - 1) // PAGE * PAGE or None,
        moved=g.asset.id,
        act=act,
    )


@pages.post(f"{LANGUAGE}/assets/<asset_id>/collections")
@rule(Act.ARRANGE, on=On.ASSET)
def add_to_collection(asset_id: str) -> AnyResponse:  # noqa: ARG001 - the gate loaded it
    """Put this material into the chosen collection, and show it again."""
    collecting.put(request.form.get("collection", ""), g.asset.id, acting("page"))
    found = request.form.get("found", "") or None
    back = url_for("pages.asset", asset_id=g.asset.id, found=found, _anchor="collections")
    return redirect(back, 303)


def _with(asset: str, made: Collection) -> str:
    """Put the material in that the form was opened for; where that is gone, the collection is there all the same."""
    with parts().catalogue.reading() as tx:
        found = tx.assets.find([asset])  # type: ignore[list-item] # an id as it came in the form
    if not found:
        return url_for("pages.edit_collection", slug=made.slug)
    collecting.put(made.id, next(iter(found)), acting("page"))
    return url_for("pages.asset", asset_id=next(iter(found)), _anchor="collections")


def place_of(text: str) -> int:
    """The place behind which a page begins, as its address says to those who arrange; Invalid for what is none."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST_PLACE):
        raise Invalid("not a page of this collection", field="after")
    return int(text or 0)


def _seen(slug: str) -> Seen:
    return seen_collection(slug, place=place_of(request.values.get("after", "")), limit=PAGE)


def _comparison(name: str) -> Comparison[Seen]:
    return Comparison(
        units=UNITS,
        labels=LABELS,
        normal=_normal,
        values=lambda seen: _held(seen.collection),
        read=lambda: _seen(name),
        keep=_keep,
    )


def _keep(seen: Seen, merged: Merged) -> dict[str, str]:
    """Save; the faults when it cannot be. Raises Stale."""
    held, faults = seen.collection, _lengths(merged.values)
    if faults:
        return faults
    change = _words(merged.values, merged.mine)
    try:
        collecting.describe(held.id, change, acting("page"), revision=held.revision)
    except (Invalid, Conflict) as trouble:
        return _fault(trouble)
    return {}


def _normal(name: str, columns: Columns) -> Columns:
    return tuple(tidy(text, in_one_line=not name.startswith("text")) for text in columns)


def _held(held: Collection) -> Values:
    said = {"title": held.title, "text": held.text}
    values: Values = {
        f"{name}.{tag}": _normal(name, (texts.get(tag, ""),))
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


def _lengths(values: Mapping[str, Columns]) -> dict[str, str]:
    long = {
        name: "title-long"
        for name, (text,) in values.items()
        if name.startswith("title") and len(text) > LONGEST_TITLE
    }
    long |= {name: "text-long" for name, (text,) in values.items() if is_too_long(text)}
    return {name: say(FAULTS[fault]) for name, fault in long.items()}


def _fault(trouble: Invalid | Conflict) -> dict[str, str]:
    """The sentence beside the field at fault; a title missing is said at the reader's own language."""
    if isinstance(trouble, Conflict):
        return {"slug": say(FAULTS["taken"])}
    name = str(trouble.facts.get("field"))
    return {name if name == "slug" else f"title.{language()}": say(FAULTS[name])}


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
        action=url_for("pages.edit_collection", slug=seen.collection.id),
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
        "labels": {name: say(label) for name, label in LABELS.items()},
        "languages": LANGUAGES,
    }
