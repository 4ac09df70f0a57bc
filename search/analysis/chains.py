"""Which stems a word gets: one chain per language, chosen by the value's language and the word's own script.

A Cyrillic word gets the Russian chain and a Latin word of unknown language both others, in values and in queries alike, so
that a query word, whose language nobody knows, always meets the stems its asset was given.
"""

from dataclasses import dataclass
from functools import lru_cache

from archive.languages import language_of
from archive.text import fold, has_cyrillic
from search.analysis import azerbaijani, english, russian
from search.analysis.words import words

CACHED_WORDS = 200_000
CACHED_NAMES = 50_000
LONGEST_NAME = 40
TAGGED = frozenset({"az", "en", "ru"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word made searchable: its fold, the principal stem for running text, and every stem (the principal among them)."""

    fold: str
    principal: str
    stems: tuple[str, ...]


# Each list serves every query, whatever its language: nobody knows it. Patronymic particles say nothing about a person.
_STOP_WORDS = (
    "və ilə bir bu o da də ki üçün olan "
    "the a an of in on at and by from to for "
    "в во на и из о об от с со по к для "
    "oğlu oglu oglı ogly ogli oghlu оглы оглу оғлу qızı qizi qyzy kizi kyzy gizi gyzy кызы гызы"
)
STOP_WORDS = frozenset(fold(word) for word in _STOP_WORDS.split())


def is_stop_word(word: str) -> bool:
    """Whether a query may lose this word without losing anything."""
    return fold(word) in STOP_WORDS


def language_of_value(tag: str | None, text: str) -> str | None:
    """The language a value is cut and stemmed by: its tag's, else what its words say; None is az or en."""
    base = (tag or "").split("-", 1)[0].lower()
    return base if base in TAGGED else language_of(text)


def tokens_of(text: str, language: str | None) -> tuple[Token, ...]:
    """The tokens of a value, in order."""
    return _of_name(text, language) if len(text) <= LONGEST_NAME else _tokens(text, language)


def _tokens(text: str, language: str | None) -> tuple[Token, ...]:
    return tuple(found for word in words(text, language) if (found := token(word, language)).fold)


# Names and keywords come again and again as whole values.
_of_name = lru_cache(CACHED_NAMES)(_tokens)


@lru_cache(CACHED_WORDS)
def token(word: str, language: str | None) -> Token:
    """One word of a value in `language`; None means az and en, and for a query word: whichever its script allows."""
    folded = fold(word)
    if has_cyrillic(folded):
        stem = russian.stem(folded)
        return Token(folded, stem, (stem,))
    if language == "en":
        stem = english.stem(word)
        return Token(folded, stem, (stem,))
    stems = azerbaijani.stems(folded) if folded else ("",)
    principal = stems[1] if len(stems) > 1 else stems[0]
    if language != "az":
        stems = tuple(dict.fromkeys((*stems, english.stem(word))))
    return Token(folded, principal, stems)
