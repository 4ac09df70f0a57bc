"""The filter panel: chosen facet values and a span of dates, each a filter of its own beside the box."""

from collections.abc import Callable, Mapping, Sequence

from archive.model.ids import is_id
from archive.text import fold
from search.facts import unlinked_value
from search.fields import FACETS, UNLINKED
from search.query.compile import Calendar, days_filter, member_filter
from search.query.dates import read_days
from search.query.plan import In, Node, Note, either
from search.query.vocabulary import value_named

# The facets whose values are names, and the field of the box that finds one by its words.
_WORDS_OF = {"person": "person", "place": "place", "occasion": "event", "author": "author"}
FILTERS = (*FACETS, "date")

Read = tuple[Node | None, list[Note]]


def read_filters(
    chosen: Mapping[str, Sequence[str]], calendar: Calendar
) -> tuple[dict[str, Node], list[Note]]:
    """A node per filter with a readable value: any of its values. What cannot be read is noted and asks for nothing found."""
    nodes: dict[str, Node] = {}
    notes: list[Note] = []
    for name in FILTERS:
        values = [value.strip() for value in chosen.get(name, ()) if value.strip()]
        if values:
            found = [_value(name, value, calendar) for value in dict.fromkeys(values)]
            nodes[name] = either([node for node, _ in found if node])
            notes += [note for _, told in found for note in told]
    return nodes, notes


def _value(name: str, value: str, calendar: Calendar) -> Read:
    if name == "date":
        leaf, notes = read_days("date", value)
        return (days_filter(leaf, calendar), notes) if leaf else (None, notes)
    read: Callable[[str, str], Node | None] = {
        "type": _closed,
        "orientation": _closed,
        "year": _number,
        "month": _number,
        "lang": _language,
        "collection": _exact,
    }.get(name, _name)
    node = read(name, value)
    if node is None:
        return None, [Note("bad_value", {"field": name, "value": value})]
    return node, []


def _closed(name: str, value: str) -> Node | None:
    known = value_named(name, value)
    return In(FACETS[name], (known,)) if known else None


def _number(name: str, value: str) -> Node | None:
    """A year `2024` or a month `2024-05`."""
    digits = value.replace("-", "")
    length = 4 if name == "year" else 6
    is_number = digits.isascii() and digits.isdigit() and len(digits) == length
    return In(FACETS[name], (int(digits),)) if is_number else None


def _language(name: str, value: str) -> Node:
    return In(FACETS[name], (fold(value),))


def _exact(name: str, value: str) -> Node:
    return In(FACETS[name], (value,))


def _name(name: str, value: str) -> Node | None:
    """A facet's value (an authority's id, or an unlinked name's fold), else a name in words."""
    if is_id(value) or value.startswith(UNLINKED):
        return In(FACETS[name], (value,))
    if name in _WORDS_OF:
        return member_filter(_WORDS_OF[name], value)
    return In(FACETS[name], (unlinked_value(value),))
