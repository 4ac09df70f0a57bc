"""Collecting: make, describe, arrange and remove collections. One transaction each, decided by the rights, with an audit row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from archive.acting import Acting
from archive.catalogue.transaction import Transaction
from archive.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from archive.model.collection import Collection
from archive.model.ids import AssetId, CollectionId, is_id
from archive.model.multilingual import LANGUAGES
from archive.rights import Act, decide
from archive.text import cut, fold, normalise

Texts = Mapping[str, str | None]
LONGEST_SLUG = 80
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = frozenset({"new"})  # pages of their own
WITHOUT_LETTERS = "collection"
# The romanisation of Russian passports (ICAO Doc 9303), which readers of addresses know.
_ROMAN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziiklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch"}
    | {"ъ": "ie", "ь": "", "ю": "iu", "я": "ia"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A change of words: by language, None removes, an absent language stays. `slug` None leaves the address."""

    title: Texts | None = None
    text: Texts | None = None
    slug: str | None = None


def make(words: Words, by: Acting) -> Collection:
    """Make an empty collection; without an address it gets one from its title.

    Raises Invalid for a missing title or a malformed address, Conflict for one that is taken.
    """
    _require(by)
    title = _said({}, words.title)
    _require_title(title)
    with by.catalogue.writing() as tx:
        slug = _free(tx, words.slug) if words.slug else _address(tx, title)
        made = tx.collections.add(slug=slug, title=title, text=_said({}, words.text))
        _note(tx, "collection.made", made.id, by, slug=slug)
    return made


def describe(name: str, words: Words, by: Acting, *, revision: int | None = None) -> Collection:
    """Change title, text or address, made on `revision` (None: on whatever is there).

    Raises NotFound, Stale when it changed since, Invalid when no title would be left, Conflict for an address that is taken.
    """
    _require(by)
    with by.catalogue.writing() as tx:
        held = _held(tx, name, revision)
        slug = held.slug
        if words.slug is not None and words.slug != slug:
            slug = _free(tx, words.slug)
        changed = replace(
            held,
            slug=slug,
            title=_said(held.title, words.title),
            text=_said(held.text, words.text),
        )
        _require_title(changed.title)
        if changed == held:
            return held
        saved = tx.collections.save(changed)
        fields = [
            field
            for field in ("title", "text", "slug")
            if getattr(changed, field) != getattr(held, field)
        ]
        _note(tx, "collection.described", held.id, by, fields=fields)
    return saved


def put(
    name: str,
    asset: AssetId,
    by: Acting,
    *,
    position: int | None = None,
    revision: int | None = None,
) -> int:
    """Put an asset into a collection, or a member to another place; returns its place, counted from 1.

    Without `position` a new one goes to the end and a member stays; one beyond the end is the end.
    """
    _require(by)
    with by.catalogue.writing() as tx:
        held = _held(tx, name, revision)
        tx.assets.get(asset)
        order = [member.asset for member in tx.collections.members(held.id)]
        before = order.index(asset) + 1 if asset in order else None
        if before is not None and position in {None, before}:
            return before
        rest = [one for one in order if one != asset]
        place = len(rest) + 1 if position is None else max(1, min(position, len(rest) + 1))
        if place == before:
            return place
        tx.collections.arrange(held.id, [*rest[: place - 1], asset, *rest[place - 1 :]])
        if before is None:
            tx.assets.touch([asset])
        act = "collection.asset-added" if before is None else "collection.asset-moved"
        _note(tx, act, held.id, by, asset=asset, position=place)
    return place


def move(name: str, asset: AssetId, steps: int, by: Acting) -> int:
    """Move a member by so many places from where it is now; NotFound when it is no member. Returns its place."""
    _require(by)
    with by.catalogue.writing() as tx:
        held = _held(tx, name, None)
        order = [member.asset for member in tx.collections.members(held.id)]
        if asset not in order:
            raise NotFound(f"{asset} is not in {name}")
        before = order.index(asset)
        place = max(0, min(before + steps, len(order) - 1))
        if place == before:
            return place + 1
        order.insert(place, order.pop(before))
        tx.collections.arrange(held.id, order)
        facts = {"asset": asset, "position": place + 1}
        _note(tx, "collection.asset-moved", held.id, by, **facts)
    return place + 1


def take_out(name: str, asset: AssetId, by: Acting, *, revision: int | None = None) -> None:
    """Take an asset out of a collection; one that is not in it stays so."""
    _require(by)
    with by.catalogue.writing() as tx:
        held = _held(tx, name, revision)
        order = [member.asset for member in tx.collections.members(held.id)]
        if asset not in order:
            return
        tx.collections.arrange(held.id, [one for one in order if one != asset])
        tx.assets.touch([asset])
        _note(tx, "collection.asset-removed", held.id, by, asset=asset)


def remove(name: str, by: Acting, *, revision: int | None = None) -> None:
    """Remove a collection. The assets in it stay, and lose only this mention."""
    _require(by)
    with by.catalogue.writing() as tx:
        held = _held(tx, name, revision)
        members = tx.collections.remove(held.id)
        tx.assets.touch(members)
        facts = {"slug": held.slug, "title": dict(held.title), "members": len(members)}
        _note(tx, "collection.removed", held.id, by, **facts)


def slug_of(text: str) -> str:
    """An address made of a text's words in Latin letters without marks; empty when it has none."""
    words = (fold(word).translate(_ROMAN) for word in cut(normalise(text)))
    plain = (re.sub("[^a-z0-9]+", "", word) for word in words)
    return "-".join(word for word in plain if word)[:LONGEST_SLUG].strip("-")


def _require(by: Acting) -> None:
    decision = decide(by.agent, None, Act.ARRANGE, by.now)
    if not decision.allowed:
        raise Forbidden("you may not arrange collections", reason=decision.reason)


def _held(tx: Transaction, name: str, revision: int | None) -> Collection:
    held = tx.collections.resolve(name)
    if revision is not None and revision != held.revision:
        raise Stale("somebody changed it since you looked", revision=held.revision)
    return held


def _said(below: Mapping[str, str], change: Texts | None) -> dict[str, str]:
    laid = {**below, **(change or {})}
    return {tag: text.strip() for tag, text in laid.items() if text and text.strip()}


def _require_title(title: Mapping[str, str]) -> None:
    if not title:
        raise Invalid("a collection has a title in one language at least", field="title")


def _free(tx: Transaction, slug: str) -> str:
    if (
        not SLUG.fullmatch(slug)
        or len(slug) > LONGEST_SLUG
        or slug in RESERVED
        or is_id(slug)  # an id names one collection already
    ):
        raise Invalid("an address is of small Latin letters, digits and hyphens", field="slug")
    if tx.collections.is_taken(slug):
        raise Conflict(f"the address {slug} is taken", field="slug")
    return slug


def _address(tx: Transaction, title: Mapping[str, str]) -> str:
    """Of the first title that has letters; a number is added where it is taken."""
    made = (slug_of(title[tag]) for tag in ("en", *LANGUAGES) if tag in title)
    stem = next(filter(None, made), WITHOUT_LETTERS)
    if stem in RESERVED or is_id(stem):
        stem = f"{stem[: LONGEST_SLUG - 11]}-{WITHOUT_LETTERS}"
    slug, number = stem, 1
    while tx.collections.is_taken(slug):
        number += 1
        slug = f"{stem[: LONGEST_SLUG - 8].strip('-')}-{number}"
    return slug


def _note(tx: Transaction, act: str, of: CollectionId, by: Acting, **facts: object) -> None:
    tx.audit.record(act, of, agent=by.agent.id, via=by.via, detail=facts)
