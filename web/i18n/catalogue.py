"""The message catalogues, read from their sources: no compiled files, no build step."""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from archive.model.multilingual import LANGUAGES

FOLDER = Path(__file__).resolve().parent.parent / "translations"
NAMES = {"az": "Azərbaycanca", "en": "English", "ru": "Русский"}
"""Each language named in itself, in the house's order."""

# CLDR plural categories and a number that stands for each; Azerbaijani says the same after every number.
SAMPLES = {
    "az": {"other": 2},
    "en": {"one": 1, "other": 2},
    "ru": {"one": 1, "few": 2, "many": 5, "other": 5},
}


def marked(message: str) -> str:
    """Mark a message for the collector without translating it here."""
    return message


@dataclass(frozen=True, slots=True)
class Words:
    """One language's messages; an unknown message is said in English, as its id."""

    language: str
    messages: Mapping[str, str | tuple[str, ...]]
    plural: Callable[[int], int]

    def gettext(self, message: str) -> str:
        """The message in this language, placeholders untouched."""
        said = self.messages.get(message) or message
        return said if isinstance(said, str) else said[0]

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The form this language uses after `number`."""
        forms = self.messages.get(singular)
        if not isinstance(forms, tuple):
            return singular if number == 1 else plural
        return forms[self.plural(number)]

    def forms(self, singular: str, plural: str) -> dict[str, str]:
        """Every plural form by CLDR category, for scripts that count by themselves."""
        return {
            category: self.ngettext(singular, plural, sample)
            for category, sample in SAMPLES[self.language].items()
        }


def path_of(language: str) -> Path:
    """Where a language's catalogue lies."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Read a catalogue's source."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


@cache
def words(language: str) -> Words:
    """The messages of `az`, `en` or `ru`; another tag is an error of the caller (KeyError)."""
    if language not in NAMES:
        raise KeyError(language)
    catalogue = read(language)
    said: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            said[message.id] = str(message.string)
        elif message.string and all(message.string):
            said[message.id[0]] = tuple(message.string)
    return Words(language, said, gettext.c2py(catalogue.plural_expr))


__all__ = ["FOLDER", "LANGUAGES", "NAMES", "Words", "marked", "path_of", "read", "words"]
