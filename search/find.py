"""Finding assets: the one way in for the API, the pages and the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from archive.catalogue.engine import Catalogue
from archive.errors import NotFound
from archive.model.agent import Agent
from archive.model.asset import Asset
from archive.rights import Act, decide, facts_of, scope_of
from search.facets import FacetCounter, FacetValue
from search.index.port import DEEPEST, Found, Place, SearchIndex, Sort
from search.query.compile import Calendar, compile_tree, narrowed
from search.query.cursor import Cursor, query_digest, seal, unseal
from search.query.filters import FILTERS, read_filters
from search.query.parse import parse
from search.query.plan import Node, Note, Plan
from search.query.tree import Choice, Tree, leaves
from search.similar import Similar

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What somebody looks for.

    `q` is the text of the box. `filters` are any of: the facets' names with chosen values (as the facets give them, or names
    in words), `date` with spans such as `2024..2025`. `language` is the interface's (az, en, ru). `limit` is kept in 1 to 200.
    """

    q: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    limit: int = 60
    cursor: str | None = None
    language: str = "az"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """A page of assets the asker may discover.

    `total` and the facets count the assets that have all the words (those with any of them, where none has all).
    `relaxed_from` is where in `items` the assets with only some of the words begin, None when there are none here.
    """

    total: int
    items: list[Asset]
    facets: dict[str, list[FacetValue]]
    next: str | None
    notes: list[Note]
    relaxed_from: int | None


def find(  # noqa: PLR0913 - every part it works with, by keyword
    request: SearchRequest,
    *,
    index: SearchIndex,
    catalogue: Catalogue,
    agent: Agent,
    now: datetime,
    secret: bytes,
    zone: ZoneInfo,
) -> SearchPage:
    """Find assets. No query is an error; a cursor that is not of this query is Invalid. `secret` signs the cursors."""
    scope = scope_of(agent, now)
    question = _read(request, catalogue, Calendar(now=now, zone=zone))
    place, notes = _place(request, question.digest, secret, index)
    found = index.search(
        narrowed(question.plan, question.chosen.values()),
        scope,
        sort=request.sort,
        size=max(1, min(LARGEST_PAGE, request.limit)),
        place=place,
    )
    similar = Similar(
        index=index, catalogue=catalogue, agent=agent, calendar=Calendar(now=now, zone=zone)
    )
    lacks_a_word = place is None and (not found.total or found.counts_relaxed)
    counter = FacetCounter(index=index, catalogue=catalogue, scope=scope, language=request.language)
    items, relaxed_from = _items(found, catalogue, agent, now)
    return SearchPage(
        total=found.total,
        items=items,
        facets=counter.count(question.plan, question.chosen, found),
        next=_next(found, question.digest, secret),
        notes=[
            *question.notes,
            *notes,
            *_notes(found),
            *(similar.note(request.q, question.tree) if lacks_a_word else []),
        ],
        relaxed_from=relaxed_from,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A request read: the tree and the plan of the box, the chosen filters, and the digest that its cursors belong to."""

    tree: Tree
    plan: Plan
    chosen: Mapping[str, Node]
    notes: list[Note]
    digest: str


def _read(request: SearchRequest, catalogue: Catalogue, calendar: Calendar) -> _Question:
    parsed = parse(request.q)
    chosen = {name: list(request.filters.get(name, ())) for name in FILTERS}
    names = [*chosen["collection"], *_collections_named(parsed.tree)]
    collections = _collection_ids(names, catalogue) if names else {}
    chosen["collection"] = [collections.get(name, name) for name in chosen["collection"]]
    nodes, notes = read_filters(chosen, calendar)
    return _Question(
        tree=parsed.tree,
        plan=compile_tree(parsed.tree, calendar, collections),
        chosen=nodes,
        notes=[*parsed.notes, *notes],
        digest=query_digest(request.q, chosen, request.sort),
    )


def _collections_named(tree: Tree) -> list[str]:
    return [
        value
        for leaf in leaves(tree)
        if isinstance(leaf, Choice) and leaf.field == "collection"
        for value in leaf.values
    ]


def _collection_ids(names: Sequence[str], catalogue: Catalogue) -> dict[str, str]:
    """Collections go by their id or their public address."""
    ids: dict[str, str] = {}
    with catalogue.reading() as tx:
        for name in names:
            try:
                ids[name] = tx.collections.resolve(name).id
            except NotFound:
                ids[name] = name  # a name that finds nothing
    return ids


def _place(
    request: SearchRequest, digest: str, secret: bytes, index: SearchIndex
) -> tuple[Place | None, list[Note]]:
    """Where the page begins. After a rebuild date orders go on, and relevance, counted in hits, begins again."""
    if not request.cursor:
        return None, []
    cursor = unseal(request.cursor, secret, query=digest)
    if cursor.build != index.versions().build and cursor.by_relevance:
        return None, [Note("restarted", {})]
    return cursor.place, []


def _items(
    found: Found, catalogue: Catalogue, agent: Agent, now: datetime
) -> tuple[list[Asset], int | None]:
    """The assets of the hits as they are now, checked again: the index may lag by a moment."""
    with catalogue.reading() as tx:
        assets = tx.assets.find([hit.id for hit in found.hits])
    items: list[Asset] = []
    relaxed_from = None
    for position, hit in enumerate(found.hits):
        if position == found.relaxed_from:
            relaxed_from = len(items)
        asset = assets.get(hit.id)
        if asset and decide(agent, facts_of(asset), Act.DISCOVER, now).allowed:
            items.append(asset)
    return items, relaxed_from if relaxed_from != len(items) else None


def _next(found: Found, digest: str, secret: bytes) -> str | None:
    if found.next is None:
        return None
    cursor = Cursor(
        query=digest, build=found.build, place=found.next, by_relevance=found.by_relevance
    )
    return seal(cursor, secret)


def _notes(found: Found) -> list[Note]:
    notes = [Note("relaxed", {})] if found.relaxed_from is not None else []
    return [*notes, Note("narrow", {"most": str(DEEPEST)})] if found.is_cut else notes
