"""A value's words: Azerbaijani Cyrillic to Latin, hyphen suffixes off, cut at what is no letter or digit.

A value is cut by its own language. A query is cut without knowing its language: Latin script gets the Azerbaijani steps too,
otherwise the ending of `BMT-nin` would become a required word.
"""

import re

from archive.languages import AZERBAIJANI_CYRILLIC
from archive.text import cut, has_cyrillic, normalise

_RUSSIAN_ONLY = frozenset("щъьёэюяцйЩЪЬЁЭЮЯЦЙ")
_LETTERS = dict(
    zip(
        "абҹчдеәфҝғһхыижкглмноөпрсштуүвјз",
        "abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
        strict=True,
    )
)
# Letters of the spellings before 1958 and of loan words.
_LETTERS |= {"э": "e", "ю": "yu", "я": "ya", "ё": "yo", "й": "y", "ц": "s", "щ": "ş"}
_LETTERS |= {"ъ": "", "ь": ""}


def _capital(latin: str) -> str:
    return "İ" if latin == "i" else latin[:1].upper() + latin[1:]


TO_LATIN = str.maketrans(
    _LETTERS | {letter.upper(): _capital(latin) for letter, latin in _LETTERS.items()}
)
SUFFIX = re.compile(
    "(?<=[^\\W_])[-–'](?:n?[ıiuü]n|[ıiuü]|y?[aə]|n?d[aə]n?|c[ıiuü]|n[ıiuü]|l[aə]r)(?![^\\W_])"
)


def is_azerbaijani_cyrillic(text: str) -> bool:
    """Whether a value called Azerbaijani and written in Cyrillic can be: else it is Russian under a wrong tag."""
    return not AZERBAIJANI_CYRILLIC.isdisjoint(text) or _RUSSIAN_ONLY.isdisjoint(text)


def to_latin(text: str) -> str:
    """Azerbaijani Cyrillic letter by letter in the Latin alphabet; capitals stay capitals."""
    return normalise(text.translate(TO_LATIN))


def words(text: str, language: str | None) -> list[str]:
    """The words of a value in `language` (None: undecided between az and en), in their order, not yet folded."""
    text = normalise(text)
    if language == "az" and has_cyrillic(text):
        if not is_azerbaijani_cyrillic(text):
            return cut(text)
        text = to_latin(text)
    if language in {"az", None}:
        text = SUFFIX.sub("", text)
    return cut(text)


def is_latin_query(text: str) -> bool:
    """Whether a query is to be read in Latin letters as a whole: it has a letter only Azerbaijani Cyrillic has."""
    return not AZERBAIJANI_CYRILLIC.isdisjoint(text)


def query_words(text: str) -> list[str]:
    """The words of a part of a query, normalised."""
    return cut(SUFFIX.sub("", text))
