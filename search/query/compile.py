"""A tree becomes a plan: each word a group of terms, over the roles it may stand in and the stems it may share."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from archive.text import fold, has_cyrillic
from search.analysis.chains import Token, is_stop_word, token, tokens_of
from search.facts import microseconds, running_order
from search.fields import CAPTION, EXTRA, KEYWORDS, NAMES, ROLES, TITLE, Role
from search.query import dates
from search.query.parse import start_letters
from search.query.plan import (
    All,
    Best,
    Between,
    Everything,
    Fuzzy,
    In,
    Node,
    Phrase,
    Plan,
    Prefix,
    Term,
    Without,
    both,
    either,
)
from search.query.tree import (
    Choice,
    DateWord,
    Days,
    Every,
    Like,
    Not,
    Quoted,
    Seconds,
    Some,
    Start,
    Tree,
    Word,
)

TIE = 0.1
FUZZY_WEIGHT = 0.3  # of the field's boost
SHORTEST_FUZZY = 4
TWO_TYPOS_FROM = 8
_FUZZY_ROLES = (TITLE, KEYWORDS, NAMES)
_ROLE_OF = {"title": TITLE, "caption": CAPTION, "keyword": KEYWORDS}
_MEMBERS_OF = {
    "person": (NAMES, "people_t"),
    "place": (NAMES, "places_t"),
    "event": (CAPTION, "occasions_t"),
    "author": (EXTRA, "authors_t"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What words of time mean: the present instant, and the house's time zone that its days are counted in."""

    now: datetime
    zone: ZoneInfo


NO_NAMES: Mapping[str, str] = {}


def compile_tree(tree: Tree, calendar: Calendar, collections: Mapping[str, str] = NO_NAMES) -> Plan:
    """The plan of a tree; rights and the chosen facets are added by those who ask.

    `collections` gives the ids of the collections that the tree names otherwise.
    """
    compiler = _Compiler(
        calendar, collections, keeps_stop_words=not any(map(_has_weight, _wanted_leaves(tree)))
    )
    strict = compiler.node(tree) or Everything()
    return Plan(strict=strict, relaxed=compiler.relaxed(tree), is_scored=_is_scored(strict))


def narrowed(plan: Plan, filters: Iterable[Node]) -> Plan:
    """The plan where these filters hold too, in both tiers."""
    kept = list(filters)
    return Plan(
        strict=both([plan.strict, *kept]),
        relaxed=plan.relaxed and both([plan.relaxed, *kept]),
        is_scored=plan.is_scored,
    )


def member_filter(field: str, text: str) -> Node | None:
    """Every word of a text among the people, places, occasions or authors of an asset, unscored; None without a word."""
    member = _MEMBERS_OF[field][1]
    words = tokens_of(text, None)
    nodes: list[Node] = [In(member, tuple(dict.fromkeys((w.fold, *w.stems)))) for w in words]
    return both(nodes) if nodes else None


def days_filter(leaf: Days | DateWord, calendar: Calendar) -> Node:
    """Assets whose date may lie in these days: one known only to the year matches every day of it."""
    span = (
        dates.span_of(leaf, calendar.now, calendar.zone)
        if isinstance(leaf, DateWord)
        else dates.Span(leaf.first, leaf.last)
    )
    start, end = dates.instants(span, calendar.zone)
    if leaf.field == "added":
        low = None if start is None else running_order(start, 0)
        return Between("added", low, None if end is None else running_order(end, 0) - 1)
    nodes: list[Node] = [Between("date_end", microseconds(start), None)] if start else []
    if end or not start:
        nodes.append(Between("date", None, microseconds(end) - 1 if end else None))
    return both(nodes)


class _Compiler:
    def __init__(
        self, calendar: Calendar, collections: Mapping[str, str], *, keeps_stop_words: bool
    ) -> None:
        self._calendar = calendar
        self._collections = collections
        self._keeps_stop_words = keeps_stop_words

    def node(self, tree: Tree) -> Node | None:
        """The node of a tree, or None when nothing of it is left to ask for."""
        match tree:
            case Every(items):
                return _with_exclusions(self._nodes(items), self._excluded(items))
            case Some(items):
                found = [node for item in items if (node := self.node(item))]
                return either(found) if found else None
            case Not():
                return _with_exclusions([], self._excluded((tree,)))
            case _:
                return self._leaf(tree)

    def relaxed(self, tree: Tree) -> Node | None:
        """Any of the words of a plain list, all else still required; None when it is no plain list of two or more."""
        if not isinstance(tree, Every) or any(isinstance(item, Some) for item in tree.items):
            return None
        loose = [item for item in tree.items if _is_plain_word(item)]
        words = self._nodes(loose)
        if len(words) < 2:
            return None
        rest = self._nodes([item for item in tree.items if not _is_plain_word(item)])
        return _with_exclusions([either(words), *rest], self._excluded(tree.items))

    def _nodes(self, items: Iterable[Tree]) -> list[Node]:
        wanted = (item for item in items if not isinstance(item, Not))
        return [node for item in wanted if (node := self.node(item))]

    def _excluded(self, items: Iterable[Tree]) -> list[Node]:
        unwanted = (item.item for item in items if isinstance(item, Not))
        return [node for item in unwanted if (node := self.node(item))]

    def _leaf(self, leaf: Tree) -> Node | None:
        match leaf:
            case Word(text, field):
                if field is None and not self._keeps_stop_words and is_stop_word(text):
                    return None
                return _placed(field, token(text, None), [])
            case Like(text, field):
                return _placed(field, token(text, None), list(_fuzzy_terms(fold(text), field)))
            case Start(text, field):
                starts = [
                    Prefix(role.folds, start_letters(text), role.fold_boost)
                    for role in _roles(field)
                ]
                return Best(tuple(starts), TIE)
            case Quoted(text, field):
                return _phrase(text, _roles(field))
            case _:
                return self._filter(leaf)

    def _filter(self, leaf: Tree) -> Node:
        match leaf:
            case Choice("is", values):
                return either([self._is(value) for value in values])
            case Choice("collection", values):
                ids = (self._collections.get(value, value) for value in values)
                return In("collection_id", tuple(ids))
            case Choice(field, values):
                return In(field, values)
            case Days() | DateWord():
                return days_filter(leaf, self._calendar)
            case Seconds(low, high):
                return Between("duration", low, high)
            case _:
                raise AssertionError(leaf)

    def _is(self, value: str) -> Node:
        if value != "embargoed":
            return In("is", (value,))
        return Between("embargo_until", microseconds(self._calendar.now) + 1, None)


def _with_exclusions(wanted: list[Node], unwanted: list[Node]) -> Node | None:
    if not unwanted:
        return both(wanted) if wanted else None
    return Without(both(wanted), either(unwanted))


def _roles(field: str | None) -> tuple[Role, ...]:
    if field is None:
        return ROLES
    return (_ROLE_OF[field],) if field in _ROLE_OF else (_MEMBERS_OF[field][0],)


def _placed(field: str | None, word: Token, more: list[Node]) -> Node:
    """A word's group in the roles of its field; a name's group only where the name is one of the asset's."""
    group = Best((*_terms(word, _roles(field)), *more), TIE)
    if field not in _MEMBERS_OF:
        return group
    forms = tuple(dict.fromkeys((word.fold, *word.stems)))
    return All((group, In(_MEMBERS_OF[field][1], forms)))


def _terms(word: Token, roles: tuple[Role, ...]) -> Iterator[Node]:
    for role in roles:
        yield Term(role.folds, word.fold, role.fold_boost)
        for stem in word.stems:
            yield Term(role.stems, stem, role.stem_boost)


def _fuzzy_terms(token_text: str, field: str | None) -> Iterator[Node]:
    if len(token_text) < SHORTEST_FUZZY:
        return
    distance = 2 if len(token_text) >= TWO_TYPOS_FROM else 1
    roles = _FUZZY_ROLES if field is None else _roles(field)
    for role in roles:
        yield Fuzzy(role.folds, token_text, distance, role.fold_boost * FUZZY_WEIGHT)


def _phrase(text: str, roles: tuple[Role, ...]) -> Node | None:
    """The words side by side: as folds, and as principal stems of each language the text may be in."""
    found: dict[Node, None] = {}
    for language in ("ru", "az") if has_cyrillic(text) else ("az", "en"):
        tokens = tokens_of(text, language)
        folds = tuple(word.fold for word in tokens)
        stems = tuple(word.principal for word in tokens)
        for role in roles if tokens else ():
            found[_side_by_side(role.folds, folds, role.fold_boost)] = None
            found[_side_by_side(role.stems, stems, role.stem_boost)] = None
    return Best(tuple(found), TIE) if found else None


def _side_by_side(field: str, tokens: tuple[str, ...], boost: float) -> Node:
    return Phrase(field, tokens, boost) if len(tokens) > 1 else Term(field, tokens[0], boost)


def _is_plain_word(item: Tree) -> bool:
    return isinstance(item, Word | Start | Like) and item.field is None


def _has_weight(leaf: Tree) -> bool:
    """Whether a leaf asks for words that say something, so that stop words beside it may go."""
    if isinstance(leaf, Word) and leaf.field is None:
        return not is_stop_word(leaf.text)
    return isinstance(leaf, Word | Start | Like | Quoted)


def _wanted_leaves(tree: Tree) -> Iterator[Tree]:
    match tree:
        case Every(items) | Some(items):
            for item in items:
                yield from _wanted_leaves(item)
        case Not():
            return
        case _:
            yield tree


def _is_scored(node: Node) -> bool:
    match node:
        case All(nodes):
            return any(map(_is_scored, nodes))
        case Without(wanted, _):
            return _is_scored(wanted)
        case Everything() | In() | Between():
            return False
        case _:
            return True
