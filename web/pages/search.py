"""The search page: results as a justified grid, filters with counts, chips, order, paging; all of it in the address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import g, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import Invalid
from archive.model.asset import AssetType
from archive.rights import Act
from search.facets import FacetValue
from search.fields import UNLINKED
from search.find import SearchPage, SearchRequest
from search.index.port import Sort
from search.query.plan import Note
from web.i18n import day_text, note_text, type_text, words
from web.i18n.catalogue import marked
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.dates import Span
from web.pages.look import look
from web.pages.standing import Standing, standings
from web.pages.tiles import Tile, Viewer, tiles_of
from web.parts import parts
from web.rules import On, rule

PAGE = 60
GROUPS = {
    "type": marked("Type"),
    "year": marked("Year"),
    "occasion": marked("Event"),
    "place": marked("Place"),
    "person": marked("Person"),
    "keyword": marked("Subject"),
    "collection": marked("Collection"),
    "author": marked("Author"),
}
"""The filters shown, in this order, by the name they have in the address."""
ORDERS = {
    Sort.RELEVANCE: marked("Best match"),
    Sort.NEWEST: marked("Newest first"),
    Sort.OLDEST: marked("Oldest first"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One row of a filter."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One filter with its rows, chosen ones first."""

    name: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A chosen value and the address without it."""

    name: str
    label: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShown:
    """A sentence about the query, and where it leads if it offers another one."""

    text: str
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the template shows."""

    total: int
    tiles: list[Tile]
    relaxed: list[Tile]
    standings: list[Standing]
    groups: list[Group]
    chips: list[Chip]
    notes: list[NoteShown]
    orders: list[tuple[str, str]]
    sort: str
    next: str | None
    more: int
    date_from: str
    date_to: str


@pages.get(f"{LANGUAGE}/search")
@rule(Act.DISCOVER, on=On.HOUSE)
def search() -> str | AnyResponse:
    """Results of a query; a wrong query never errors."""
    query = request.args.get("q", "").strip()
    span = Span.read(request.args)
    sort = sort_of(request.args.get("sort", ""), query)
    asked = SearchRequest(
        q=query,
        filters=filters_of(request.args, span),
        sort=sort,
        limit=PAGE,
        cursor=request.args.get("cursor") or None,
        language=language(),
    )
    try:
        page = look(asked, g.agent)
    except Invalid:
        if asked.cursor is None:
            raise
        return redirect(_address(), 303)  # the list it pointed into is gone: begin again
    return render_template("search.html", query=query, found=_found(page, query, sort, span))


def sort_of(wanted: str, query: str) -> Sort:
    """The order asked for; without one, by relevance where there are words and newest first where there are none."""
    if wanted in set(Sort):
        return Sort(wanted)
    return Sort.RELEVANCE if query else Sort.NEWEST


def viewer() -> Viewer:
    """Who looks at this page."""
    house = parts()
    return Viewer(
        language=language(), role=g.agent.role, now=house.clock(), zone=house.settings.zone
    )


def filters_of(args: MultiDict[str, str], span: Span) -> dict[str, list[str]]:
    """The filters of an address: any of the values of one name, all of the names."""
    chosen = {name: list(dict.fromkeys(filter(None, args.getlist(name)))) for name in GROUPS}
    if span:
        chosen["date"] = [span.text]
    return {name: values for name, values in chosen.items() if values}


def _found(page: SearchPage, query: str, sort: Sort, span: Span) -> Found:
    groups = list(_groups(page))
    said = words(language())
    strict = len(page.items) if page.relaxed_from is None else page.relaxed_from
    return Found(
        total=page.total,
        tiles=tiles_of(page.items[:strict], viewer()),
        relaxed=tiles_of(page.items[strict:], viewer()),
        standings=list(standings(query)) if viewer().is_inside else [],
        groups=groups,
        chips=[*_chips(groups), *_unseen_chips(groups), *_span_chip(span)],
        notes=[*(_unread(text) for text in span.unread), *(_note(note) for note in page.notes)],
        orders=[(value, said.gettext(label)) for value, label in ORDERS.items()],
        sort=sort,
        next=_address(cursor=page.next) if page.next else None,
        more=min(PAGE, max(page.total - len(page.items), 1)),
        date_from=span.first,
        date_to=span.last,
    )


def _note(note: Note) -> NoteShown:
    offered = note.facts.get("query")
    return NoteShown(
        text=note_text(note.code, note.facts, language()),
        href=_address(query=offered) if offered else None,
    )


def _unread(text: str) -> NoteShown:
    return NoteShown(text=note_text("bad_date", {"value": text[:40]}, language()), href=None)


def _groups(page: SearchPage) -> Iterator[Group]:
    for name, label in GROUPS.items():
        values = [_value(name, value) for value in page.facets.get(name, [])]
        if values:
            values.sort(key=lambda value: not value.chosen)
            yield Group(name=name, label=words(language()).gettext(label), values=tuple(values))


def _value(group: str, value: FacetValue) -> Value:
    known = group == "type" and value.value in set(AssetType)
    written = (value.label or value.value).removeprefix(UNLINKED)
    label = type_text(value.value, language()) if known else written
    return Value(value=value.value, label=label, count=value.count, chosen=value.chosen)


def _chips(groups: Iterable[Group]) -> Iterator[Chip]:
    for group in groups:
        for value in group.values:
            if value.chosen:
                without = _address(without=(group.name, value.value))
                yield Chip(name=group.label, label=value.label, without=without)


def _unseen_chips(groups: Iterable[Group]) -> Iterator[Chip]:
    """Values in the address that no filter lists, say because nothing holds them: they can be taken off all the same."""
    listed = {(group.name, value.value) for group in groups for value in group.values}
    for name, label in GROUPS.items():
        for value in dict.fromkeys(filter(None, request.args.getlist(name))):
            if (name, value) not in listed:
                said = words(language()).gettext(label)
                shown = value.removeprefix(UNLINKED)
                yield Chip(name=said, label=shown, without=_address(without=(name, value)))


def _span_chip(span: Span) -> Iterator[Chip]:
    if span:
        said = words(language())
        today = viewer().now.date()
        first, last = (day and day_text(day, language(), today=today) for day in span.days)
        if first and last:
            label = first if first == last else f"{first} – {last}"
        else:
            label = said.gettext(SINCE if first else UNTIL) % {"date": first or last}
        yield Chip(
            name=said.gettext("Taken"), label=label, without=_address(drop={"from", "to", "date"})
        )


def _address(
    *,
    cursor: str | None = None,
    query: str | None = None,
    without: tuple[str, str] | None = None,
    drop: Iterable[str] = (),
) -> str:
    """The address of this page, changed in one thing; another page always starts at its beginning."""
    left = {"cursor", *drop, *(["q"] if query else [])}
    pairs = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in left and (name, value) != without and value
    ]
    if query:
        pairs.insert(0, ("q", query))
    if cursor:
        pairs.append(("cursor", cursor))
    return f"{request.path}?{urlencode(pairs)}" if pairs else request.path


SAID = marked("Taken")
SINCE = marked("since %(date)s")
UNTIL = marked("until %(date)s")
