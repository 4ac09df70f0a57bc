"""Text made comparable: normalising a value, folding a word to its token.

The rules are our own and know no locale, so that people who type without the letters of Azerbaijani still meet them, and so
that every part of the house (search, authorities, metadata) compares alike.
"""

import re
import unicodedata
from functools import lru_cache

TOKEN_LENGTH = 64
CACHED_WORDS = 200_000

_APOSTROPHES = "’‘ʼ´ʹʺ′`"
# Soft hyphen, zero-width characters, word joiner, byte order mark: they split words without being seen.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# The turned e of gazetteers is not the letter of the alphabet.
_ALIKE = str.maketrans(
    {**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_INVISIBLE, ""), "ǝ": "ə", "Ǝ": "Ə"}
)
_ODD = re.compile(f"[{_APOSTROPHES}{_INVISIBLE}ǝƎ\u0307]")
# Lower-casing elsewhere makes an i with a loose dot of İ; NFC does not join it, and it would cut the word in two.
_LOOSE_DOT = re.compile("(?<=[iI])\u0307+")
# A loose mark stays in its word (a Russian stress mark); the fold drops it.
_WORD = re.compile("[^\\W_][^\\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\\W_]*)*")
_CYRILLIC = re.compile("[\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f]")
_DOTS = str.maketrans("Iİı", "iii", "'")
_LETTERS = str.maketrans(
    {"ə": "e", "ё": "е", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"}
)


def normalise(text: str) -> str:
    """The text in Unicode NFC, without invisible characters, with one apostrophe and one schwa. Idempotent."""
    if text.isascii():
        return text.replace("`", "'")
    # Composing may bring odd signs forth (U+1FEF is a grave accent) and removing them lets others compose.
    composed = unicodedata.normalize("NFC", text)
    while _ODD.search(composed):
        cleaned = _LOOSE_DOT.sub("", composed.translate(_ALIKE))
        again = unicodedata.normalize("NFC", cleaned)
        if again == composed:
            break
        composed = again
    return composed


def has_cyrillic(text: str) -> bool:
    """Whether any letter is Cyrillic."""
    return _CYRILLIC.search(text) is not None


def is_cyrillic(letter: str) -> bool:
    """Whether this one letter is Cyrillic."""
    return _CYRILLIC.match(letter) is not None


@lru_cache(CACHED_WORDS)
def fold(word: str) -> str:
    """A word's token: lower case, all four i alike, without apostrophes and marks, at most 64 characters. Idempotent.

    Cyrillic words are not decomposed, or й would become и; only ё is written е.
    """
    lower = word.translate(_DOTS).lower()
    if lower.isascii():
        return lower[:TOKEN_LENGTH]
    if not has_cyrillic(lower):
        lower = unicodedata.normalize("NFD", lower)
    bare = "".join(sign for sign in lower if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare.translate(_LETTERS))[:TOKEN_LENGTH]


def cut(text: str) -> list[str]:
    """The words of a normalised text: the longest runs of letters and digits, single apostrophes inside a word kept."""
    return _INNER.findall(text)


def fold_phrase(text: str) -> str:
    """The fold of a whole label: its words folded, joined by one space. Labels with the same fold count as the same."""
    return " ".join(folded for word in cut(normalise(text)) if (folded := fold(word)))


_INNER = re.compile(f"{_WORD.pattern}(?:'{_WORD.pattern})*")
