"""Two tiers, one page: the strict hits, then, where they are few, the relaxed ones. The same for every keeper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from search.index.port import DEEPEST, RELAXED_BELOW, Found, Hit, Place, Sort
from search.query.plan import Node, Plan, Without


class Pages(Protocol):
    """What a keeper can do with one node, the viewer's scope already in it."""

    def page(self, node: Node, sort: Sort, size: int, place: Place) -> tuple[Sequence[Hit], int]:
        """At most `size` hits after `place` (`passed` by relevance, `order` in date orders), and how many there are in all."""
        ...

    def total(self, node: Node) -> int:
        """How many hits the node has in all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tier:
    hits: tuple[Hit, ...]
    total: int
    next: Place | None


def find_page(
    pages: Pages, plan: Plan, *, sort: Sort, size: int, place: Place | None, build: str
) -> Found:
    """The page after `place`; relevance of a plan without scores is the newest first."""
    if not plan.is_scored and sort is Sort.RELEVANCE:
        sort = Sort.NEWEST
    place = place or Place()
    if place.relaxed:
        strict = _Tier(hits=(), total=pages.total(plan.strict), next=None)
    else:
        strict = _tier(pages, plan.strict, sort, size, place)
    relaxed = _Tier(hits=(), total=0, next=None)
    if plan.relaxed and strict.total < RELAXED_BELOW and strict.next is None:
        start = place if place.relaxed else Place(relaxed=True)
        others = Without(plan.relaxed, plan.strict)
        relaxed = _tier(pages, others, sort, size - len(strict.hits), start)
    following = strict.next or relaxed.next
    is_cut = following is not None and sort is Sort.RELEVANCE and following.passed >= DEEPEST
    return Found(
        hits=(*strict.hits, *relaxed.hits),
        total=strict.total or relaxed.total,
        relaxed_from=len(strict.hits) if relaxed.hits else None,
        next=None if is_cut else following,
        build=build,
        is_cut=is_cut,
        counts_relaxed=not strict.total and relaxed.total > 0,
        by_relevance=sort is Sort.RELEVANCE,
    )


def _tier(pages: Pages, node: Node, sort: Sort, size: int, place: Place) -> _Tier:
    """One tier's part of a page; where no room is left, only its total and where it begins."""
    room = max(0, min(size, DEEPEST - place.passed) if sort is Sort.RELEVANCE else size)
    # One more than there is room for says whether a page follows; totals change while pages are read.
    found, total = pages.page(node, sort, room + 1, place)
    hits = tuple(found[:room])
    last = hits[-1].order if hits else place.order
    more = Place(relaxed=place.relaxed, passed=place.passed + len(hits), order=last)
    return _Tier(hits=hits, total=total, next=more if len(found) > room else None)
