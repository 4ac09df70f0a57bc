"""The tree of a query as typed: what the box and the filter panel edit, and saved searches keep."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Word:
    """One required word, anywhere or in `field`."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """A word that begins so."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Like:
    """A word like this one, a letter or two apart."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words side by side, as they stand."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """An exact field holds any of these values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """A date field lies in these days of the house's time zone, both included; None is open."""

    field: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class DateWord:
    """A date field lies in a span counted from today: `today`, `yesterday`, `last-week`, …, `7d`, `2w`, `3m`, `1y`."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Seconds:
    """A duration lies between these whole seconds, both included; None is open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Every:
    """All of the items; of none: everything."""

    items: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the items, two or more."""

    items: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but this."""

    item: "Tree"


Leaf = Word | Start | Like | Quoted | Choice | Days | DateWord | Seconds
Tree = Leaf | Every | Some | Not
EVERYTHING = Every()


def every(items: Iterable[Tree]) -> Tree:
    """All of the items: nested ones laid flat, a single one as itself."""
    flat = [part for item in items for part in (item.items if isinstance(item, Every) else (item,))]
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def some(items: Iterable[Tree]) -> Tree:
    """Any of the items: nested ones laid flat, a single one as itself; of none: everything."""
    flat = [part for item in items for part in (item.items if isinstance(item, Some) else (item,))]
    if not flat:
        return EVERYTHING
    return flat[0] if len(flat) == 1 else Some(tuple(flat))


def negated(item: Tree) -> Tree:
    """The opposite of an item."""
    return item.item if isinstance(item, Not) else Not(item)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Every leaf of a tree, the excluded ones too."""
    match tree:
        case Every(items) | Some(items):
            for item in items:
                yield from leaves(item)
        case Not(item):
            yield from leaves(item)
        case _:
            yield tree
