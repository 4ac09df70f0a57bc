"""The box's text in pieces: brackets, quoted texts and runs of everything else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

QUOTES = frozenset('"“”„«»″')
_ENDS_RUN = QUOTES | {"(", ")"}


class Kind(Enum):
    """What a piece is."""

    OPEN = "("
    CLOSE = ")"
    QUOTED = '"'
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text; `is_joined` says that no space parts it from the piece before."""

    kind: Kind
    text: str
    is_joined: bool


def pieces(text: str) -> Iterator[Piece]:
    """Cut a text; an unclosed quote ends with the text."""
    place, joined = 0, False
    while place < len(text):
        sign, start = text[place], place
        if sign.isspace():
            place, joined = place + 1, False
            continue
        if sign in "()":
            place += 1
            yield Piece(Kind(sign), sign, joined)
        elif sign in QUOTES:
            place = _end(text, place + 1, _is_quote)
            yield Piece(Kind.QUOTED, " ".join(text[start + 1 : place].split()), joined)
            place += 1
        else:
            place = _end(text, place, _ends_run)
            yield Piece(Kind.RUN, text[start:place], joined)
        joined = True


def _is_quote(sign: str) -> bool:
    return sign in QUOTES


def _ends_run(sign: str) -> bool:
    return sign.isspace() or sign in _ENDS_RUN


def _end(text: str, start: int, is_end: Callable[[str], bool]) -> int:
    return next((place for place in range(start, len(text)) if is_end(text[place])), len(text))
