"""Prove that every word of the interface is said in three languages, and said in the house's words."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from babel.messages.catalog import Catalog, Message

from web.i18n.catalogue import LANGUAGES, read
from web.i18n.collect import WEB, collected

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
# The law of words: upload is yüklə, download is endir; загрузить is upload only; subtitles are subtitr.
FORBIDDEN = {
    "az": [
        ("", re.compile(r"altyazı", re.IGNORECASE)),
        ("download", re.compile(r"yüklə", re.IGNORECASE)),
    ],
    "en": [("", re.compile(r"\b(please|successfully|asset|oops)\b|!", re.IGNORECASE))],
    "ru": [
        ("download", re.compile(r"загру[зж]", re.IGNORECASE)),
        ("", re.compile(r"\bпожалуйста\b|!", re.IGNORECASE)),
    ],
}
TEXT_ATTRIBUTES = {"title", "alt", "aria-label", "placeholder"}
TEMPLATE_CODE = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
TRANSLATED_BLOCK = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}", re.DOTALL)
LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names that are the same in every language: the three languages' marks, and the house's own name in its mark.
SAME_EVERYWHERE = {"AZ", "EN", "RU", "Mediateka", "SHA"}


def faults() -> list[str]:
    """Every fault found, one line each; empty when all is well."""
    wanted = collected()
    found = [fault for language in LANGUAGES for fault in _catalogue_faults(language, wanted)]
    return found + list(template_faults())


def _catalogue_faults(language: str, wanted: Catalog) -> Iterator[str]:
    catalogue = read(language)
    ids = {message.id for message in wanted if message.id}
    for message in catalogue:
        if message.id and message.id not in ids:
            yield f"{language}: obsolete: {message.id!r}"
    if catalogue.obsolete:
        yield f"{language}: {len(catalogue.obsolete)} obsolete messages"
    for identity in sorted(ids, key=str):
        said = catalogue.get(identity)
        if said is None:
            yield f"{language}: missing: {identity!r}"
        else:
            yield from message_faults(language, said, catalogue.num_plurals)


def message_faults(language: str, message: Message, plurals: int) -> Iterator[str]:
    """What is wrong with one translated message."""
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
    if not all(strings) or (message.pluralizable and len(strings) != plurals):
        yield f"{language}: untranslated: {message.id!r}"
        return
    if message.fuzzy:
        yield f"{language}: fuzzy: {message.id!r}"
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    asked = _placeholders(ids)
    for string in strings:
        if _placeholders([string]) != asked:
            yield f"{language}: unequal placeholders: {message.id!r}"
        for about, pattern in FORBIDDEN[language]:
            if about in ids[0].lower() and pattern.search(string):
                yield f"{language}: forbidden word in: {string!r}"


def _placeholders(texts: list[str]) -> set[str]:
    return {name for text in texts for pair in PLACEHOLDER.findall(text) for name in pair if name}


def template_faults() -> Iterator[str]:
    """Bare text in templates: text nodes and text attributes that do not pass through a message."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        yield from bare_text(path.read_text("utf-8"), path.name)


def bare_text(source: str, name: str) -> Iterator[str]:
    """The bare text of one template."""
    blank = re.compile(r"[^\n]")
    without = TRANSLATED_BLOCK.sub(lambda found: blank.sub(" ", found[0]), source)
    reader = _BareText()
    reader.feed(TEMPLATE_CODE.sub(lambda found: blank.sub(" ", found[0]), without))
    reader.close()
    for line, text in reader.found:
        yield f"{name}:{line}: bare text: {text!r}"


class _BareText(HTMLParser):
    """Collects letters that stand in text nodes and in attributes people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        self._note(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Attributes that are read out or shown."""
        del tag
        for attribute, value in attrs:
            if attribute in TEXT_ATTRIBUTES:
                self._note(value or "")

    def _note(self, text: str) -> None:
        bare = [word for word in LETTERS.findall(text) if word not in SAME_EVERYWHERE]
        if bare:
            self.found.append((self.getpos()[0], " ".join(text.split())[:60]))
