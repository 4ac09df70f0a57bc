"""A tree written back as the text of the box, in any of the three languages; that text parses to the same tree."""

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
from search.query.vocabulary import (
    WRITTEN_OR,
    written_date_word,
    written_field,
    written_value,
)


def write(tree: Tree, language: str = "en") -> str:
    """The text of a tree in `language` (az, en or ru)."""
    match tree:
        case Every(items):
            return " ".join(
                f"({write(item, language)})" if isinstance(item, Some) else write(item, language)
                for item in items
            )
        case Some(items):
            return f" {WRITTEN_OR[language]} ".join(write(item, language) for item in items)
        case Not(Every() | Some() as item):
            return f"-({write(item, language)})"
        case Not(item):
            return f"-{write(item, language)}"
        case _:
            return _field(tree, language) + _leaf(tree, language)


def _field(leaf: Tree, language: str) -> str:
    match leaf:
        case Seconds():
            return written_field("duration", language) + ":"
        case (
            Word(field=str(name))
            | Start(field=str(name))
            | Like(field=str(name))
            | Quoted(field=str(name))
            | Choice(field=name)
            | Days(field=name)
            | DateWord(field=name)
        ):
            return written_field(name, language) + ":"
        case _:
            return ""


def _leaf(leaf: Tree, language: str) -> str:
    match leaf:
        case Word(text):
            return text
        case Start(text):
            return f"{text}*"
        case Like(text):
            return f"{text}~"
        case Quoted(text):
            return f'"{text}"'
        case Choice(name, values):
            return _values([written_value(name, value, language) for value in values])
        case _:
            return _span(leaf, language)


def _span(leaf: Tree, language: str) -> str:
    match leaf:
        case Days():
            return _range(*(day.isoformat() if day else "" for day in (leaf.first, leaf.last)))
        case Seconds():
            return _range(*("" if end is None else str(end) for end in (leaf.low, leaf.high)))
        case DateWord(_, code):
            return _values([written_date_word(code, language)])
        case _:
            raise AssertionError(leaf)


def _values(values: list[str]) -> str:
    if len(values) == 1 and not all(sign.isalnum() or sign in "-_." for sign in values[0]):
        return f'"{values[0]}"'
    return ",".join(values)


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low}..{high}"
