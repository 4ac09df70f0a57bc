"""What is typed in the box becomes a tree and a list of notes; nothing typed is ever an error.

White space means AND and OR binds weaker; operators count in capitals or as signs, in three languages. Unclosed quotes and
brackets close themselves, stray signs and empty brackets vanish, and what goes beyond the limits is ignored with a note.
"""

import re
from dataclasses import dataclass, field

from archive.text import fold, fold_phrase, normalise
from search.analysis.words import is_latin_query, query_words, to_latin
from search.query import dates
from search.query.lexer import Kind, Piece, pieces
from search.query.plan import Note
from search.query.tree import (
    EVERYTHING,
    Choice,
    Like,
    Quoted,
    Start,
    Tree,
    Word,
    every,
    negated,
    some,
)
from search.query.vocabulary import (
    CLOSED_FIELDS,
    DATE_FIELDS,
    NAME_FIELDS,
    NOT_SIGNS,
    TEXT_FIELDS,
    field_named,
    operator,
    value_named,
)

MOST_CHARACTERS = 2_000
MOST_ITEMS = 64
MOST_BRACKETS = 8
SHORTEST_START = 2

_FIELD = re.compile(r"([^\W\d_]+):(.*)", re.DOTALL)
_FUZZY = re.compile(r"~\d?$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree of a query, and what is worth saying about it."""

    tree: Tree
    notes: tuple[Note, ...] = ()


def parse(text: str) -> Parsed:
    """The tree and the notes of any text."""
    parser = _Parser(normalise(text))
    return Parsed(parser.query(None, 0), tuple(parser.notes))


@dataclass
class _Parser:
    """Reads pieces from left to right; `query` reads to a closing bracket or the end."""

    text: str
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.text) > MOST_CHARACTERS:
            self._too_long()
        self._latin = is_latin_query(self.text)
        self._pieces = list(pieces(self.text[:MOST_CHARACTERS]))
        self._place = 0
        self._items = 0

    def query(self, within: str | None, depth: int) -> Tree:
        """Everything up to a closing bracket (left standing) or the end; `within` is the field a bracket stands in."""
        alternatives: list[list[Tree]] = [[]]
        negate = False
        while (piece := self._peek()) and (piece.kind is not Kind.CLOSE or depth == 0):
            match operator(piece.text) if piece.kind is Kind.RUN else None:
                case "or":
                    self._place += 1
                    alternatives.append([])
                case "and":
                    self._place += 1
                case "not":
                    self._place += 1
                    negate = True
                    continue
                case _:
                    item = self._item(within, depth)
                    if item != EVERYTHING:
                        alternatives[-1].append(negated(item) if negate else item)
            negate = False
        return some(every(items) for items in alternatives if items)

    def _peek(self) -> Piece | None:
        return self._pieces[self._place] if self._place < len(self._pieces) else None

    def _next_is_joined(self) -> bool:
        following = self._peek()
        return following is not None and following.is_joined and following.kind is not Kind.CLOSE

    def _item(self, within: str | None, depth: int) -> Tree:
        piece = self._pieces[self._place]
        self._place += 1
        match piece.kind:
            case Kind.OPEN:
                return self._group(within, depth + 1)
            case Kind.QUOTED:
                return self._quoted(within, piece.text)
            case Kind.CLOSE:
                return EVERYTHING
            case _:
                return self._run(within, depth, piece.text)

    def _group(self, within: str | None, depth: int) -> Tree:
        if depth > MOST_BRACKETS:
            self._skip_group()
            return EVERYTHING
        tree = self.query(within, depth)
        self._place += 1
        return tree

    def _skip_group(self) -> None:
        self._too_long()
        open_brackets = 1
        while open_brackets and (piece := self._peek()):
            open_brackets += (piece.kind is Kind.OPEN) - (piece.kind is Kind.CLOSE)
            self._place += 1

    def _run(self, within: str | None, depth: int, run: str) -> Tree:
        bare = run.lstrip("".join(NOT_SIGNS))
        if not bare:
            is_negation = self._next_is_joined()
            return negated_item(self._item(within, depth)) if is_negation else EVERYTHING
        item = self._clause(within, depth, bare)
        return item if bare == run else negated_item(item)

    def _clause(self, within: str | None, depth: int, run: str) -> Tree:
        named = _FIELD.fullmatch(run)
        if not named:
            return self._value(within, run)
        known, value = field_named(named[1]), named[2]
        if known and value:
            return self._value(known, value)
        if known and depth < MOST_BRACKETS and self._field_goes_on():
            return self._item(known, depth + 1)
        if not known and value:
            self.notes.append(Note("unknown_field", {"field": named[1]}))
        return self._value(within, run)

    def _field_goes_on(self) -> bool:
        """A known field name may be followed by spaces after the colon."""
        following = self._peek()
        if following is None or following.kind is Kind.CLOSE:
            return False
        return following.kind is not Kind.RUN or operator(following.text) is None

    def _value(self, within: str | None, value: str) -> Tree:
        if within is None or within in TEXT_FIELDS:
            return self._worded(within, value)
        read = self._exact(within, value.split(","), value)
        return self._words(None, value) if read is None else read

    def _quoted(self, within: str | None, text: str) -> Tree:
        if within in NAME_FIELDS:
            return self._words(within, text)
        if within is None or within in TEXT_FIELDS:
            return self._phrase(within, text)
        read = self._exact(within, [text], text)
        return self._phrase(None, text) if read is None else read

    def _exact(self, name: str, values: list[str], text: str) -> Tree | None:
        """A clause of an exact field, or None (with a note) when its value cannot be read."""
        if name in DATE_FIELDS or name == "duration":
            leaf, notes = (
                dates.read_days(name, text) if name in DATE_FIELDS else dates.read_seconds(text)
            )
            self.notes.extend(notes)
            return leaf if leaf is None else self._counted([leaf])
        known = [(value, _exact_value(name, value)) for value in values if value.strip()]
        for value, canonical in known:
            if canonical is None:
                self.notes.append(Note("bad_value", {"field": name, "value": value}))
        kept = tuple(dict.fromkeys(canonical for _, canonical in known if canonical))
        return self._counted([Choice(name, kept)]) if kept else None

    def _worded(self, within: str | None, value: str) -> Tree:
        fuzzy = _FUZZY.search(value)
        kind = Start if value.endswith("*") else Like if fuzzy else Word
        words = self._cut(_FUZZY.sub("", value).rstrip("*?"))
        leaves: list[Tree] = [Word(word, within) for word in words]
        if words and kind is Start and len(start_letters(words[-1])) >= SHORTEST_START:
            leaves[-1] = Start(words[-1], within)
        elif words and kind is Like:
            leaves[-1] = Like(words[-1], within)
        return self._counted(leaves)

    def _words(self, within: str | None, text: str) -> Tree:
        return self._counted([Word(word, within) for word in self._cut(text)])

    def _phrase(self, within: str | None, text: str) -> Tree:
        phrase = to_latin(text) if self._latin else text
        return self._counted([Quoted(phrase, within)] if query_words(phrase) else [])

    def _cut(self, text: str) -> list[str]:
        """The words of a run; one that would read as an operator is written small, so that it stays a word."""
        words = query_words(to_latin(text) if self._latin else text)
        return [fold(word) if operator(word) else word for word in words if fold(word)]

    def _counted(self, leaves: list[Tree]) -> Tree:
        room = MOST_ITEMS - self._items
        if len(leaves) > room:
            self._too_long()
        self._items += len(leaves[:room])
        return every(leaves[:room])

    def _too_long(self) -> None:
        note = Note("too_long", {})
        if note not in self.notes:
            self.notes.append(note)


def negated_item(item: Tree) -> Tree:
    """The opposite of an item that may have vanished."""
    return item if item == EVERYTHING else negated(item)


def start_letters(word: str) -> str:
    """The letters and digits a word's token begins with, all that a prefix may hold."""
    return "".join(sign for sign in fold(word) if sign.isalnum())


def _exact_value(name: str, value: str) -> str | None:
    value = value.strip()
    if name in CLOSED_FIELDS:
        return value_named(name, value)
    if name == "rights":
        return fold_phrase(value) or None
    return fold(value) if name == "lang" else value
