"""Authorities: names found in a file become links when they mean exactly one person, place, organisation, subject or occasion."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive.catalogue.transaction import Transaction
from archive.model.asset import Asset
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Description, Keyword, Link
from archive.model.ids import AuthorityId, new_id
from archive.text import fold_phrase

FIELDS = {
    "people": AuthorityKind.PERSON,
    "organisations": AuthorityKind.ORGANISATION,
    "places_created": AuthorityKind.PLACE,
    "places_shown": AuthorityKind.PLACE,
}
Known = Mapping[str, list[Authority]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a name means: its authority, if it means exactly one; `made` when that one is new and still to be saved."""

    authority: Authority | None
    made: Authority | None = None


def recognise(
    tx: Transaction, kind: AuthorityKind, labels: Mapping[str, str], now: datetime
) -> Recognised:
    """Exactly one match links; none makes a record when the labels are in two languages or more; several stay a question."""
    tx.authorities.hold_making()
    found = tx.authorities.matching(kind, [fold_phrase(text) for text in labels.values()])
    matches = {authority.id: authority for some in found.values() for authority in some}
    if len(matches) == 1:
        return Recognised(authority=next(iter(matches.values())))
    if matches or len(labels) < 2:
        return Recognised(authority=None)
    made = Authority(id=AuthorityId(new_id(now)), kind=kind, labels=labels)
    return Recognised(authority=made, made=made)


def with_authorities(tx: Transaction, asset: Asset) -> Asset:
    """A copy whose chosen names are linked to their authorities; what fits none, or several, stays as found."""
    chosen = asset.chosen
    changed: dict[str, Any] = {}  # fields by name
    for name, kind in FIELDS.items():
        links: tuple[Link, ...] = getattr(chosen, name)
        known = tx.authorities.matching(kind, _folds(links))
        changed[name] = _once([_link(link, known) for link in links])
    subjects = tx.authorities.matching(
        AuthorityKind.SUBJECT, {fold_phrase(keyword.text) for keyword in chosen.keywords}
    )
    keywords = tuple(_keyword(keyword, subjects) for keyword in chosen.keywords)
    linked: Description = replace(
        chosen, **changed, keywords=keywords, occasion=_occasion(tx, chosen.occasion)
    )
    return replace(asset, chosen=linked)


def _occasion(tx: Transaction, occasion: Link | None) -> Link | None:
    if occasion is None:
        return None
    return _link(occasion, tx.authorities.matching(AuthorityKind.OCCASION, _folds([occasion])))


def _folds(links: Iterable[Link]) -> set[str]:
    return {fold_phrase(text) for link in links for text in link.labels.values()}


def _link(link: Link, known: Known) -> Link:
    """Linked, with the authority's labels as they read now, when all that its names mean is one authority."""
    meant = {
        authority.id: authority for fold in _folds([link]) for authority in known.get(fold, [])
    }
    if len(meant) != 1:
        return link
    (authority,) = meant.values()
    return replace(link, labels={**link.labels, **authority.labels}, authority=authority.id)


def _keyword(keyword: Keyword, known: Known) -> Keyword:
    meant = {authority.id for authority in known.get(fold_phrase(keyword.text), [])}
    return replace(keyword, authority=meant.pop()) if len(meant) == 1 else keyword


def _once(links: list[Link]) -> tuple[Link, ...]:
    """One link per authority: three spellings of one name are one person."""
    seen: set[str] = set()
    kept = []
    for link in links:
        if link.authority is None or link.authority not in seen:
            kept.append(link)
        if link.authority is not None:
            seen.add(link.authority)
    return tuple(kept)
