"""Languages on reading: what a tag found in a file becomes, and which language an untagged text is in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from archive.languages import language_of
from archive.model.multilingual import LANGUAGES, UNDETERMINED, Multilingual, Value
from archive.text import normalise

DEFAULT = "x-default"
SAME = {"aze": "az", "azj": "az", "eng": "en", "rus": "ru"}
MARKED = re.compile(
    r"(?:(?<=\s)|\A)(AZ|AZE|EN|ENG|RU|RUS)\s?[:：]\s*(?=\S)|(?:(?<=\s)|\A)\[(AZ|EN|RU)\]\s*"
)
MARKS = {"AZ": "az", "AZE": "az", "EN": "en", "ENG": "en", "RU": "ru", "RUS": "ru"}


@dataclass(frozen=True, slots=True)
class Hints:
    """What helps to guess: the language the depositor declared, the file's own default, all it tags its texts with."""

    declared: str | None = None
    default: str | None = None
    spoken: frozenset[str] = frozenset()


def tag_becomes(tag: str) -> str:
    """The language a tag stands for: az, en, ru by RFC 4647 lookup, az-Cyrl kept apart, any other under its own tag."""
    parts = tag.replace("_", "-").split("-")
    language = SAME.get(parts[0].lower(), parts[0].lower())
    if language == "az" and any(part.lower() == "cyrl" for part in parts[1:]):
        return "az-Cyrl"
    return language if language in LANGUAGES else "-".join([language, *parts[1:]])


def guess(text: str, hints: Hints) -> str:
    """The language of an untagged text: as declared, else by its words, else the file's own, else undetermined."""
    return hints.declared or language_of(text) or hints.default or UNDETERMINED


def default_language(values: Mapping[str, str]) -> str | None:
    """The language whose tagged text equals the `x-default` one: the language the file was written in."""
    if (default := values.get(DEFAULT)) is None:
        return None
    for tag, text in values.items():
        if tag != DEFAULT and normalise(text).strip() == normalise(default).strip():
            return tag_becomes(tag)
    return None


def of_tagged(values: Mapping[str, str], source: str, hints: Hints) -> Multilingual:
    """A lang-alt as languages. The plain tag wins over `en-GB`, then the first listed; an own `x-default` is guessed."""
    chosen: dict[str, Value] = {}
    exact = {tag.lower() for tag in values}
    for tag, text in values.items():
        language = tag_becomes(tag)
        plain_follows = tag.lower() != language.lower() and language.lower() in exact
        if tag != DEFAULT and language not in chosen and not plain_follows:
            chosen[language] = Value(text=text, source=source)
    default = values.get(DEFAULT)
    if default and not any(normalise(text.text) == normalise(default) for text in chosen.values()):
        chosen = _lone_default(default, source, hints, beside=bool(chosen)) | chosen
    return Multilingual(chosen)


def _lone_default(text: str, source: str, hints: Hints, *, beside: bool) -> dict[str, Value]:
    """A default text that no tagged one repeats. Beside tagged ones the file's own language says nothing about it."""
    own = Hints(declared=hints.declared) if beside else hints
    return dict(of_untagged(text, source, own).values)


def of_untagged(text: str, source: str, hints: Hints) -> Multilingual:
    """An untagged text: split where the writer marked the languages (`AZ: … EN: … RU: …`), else guessed as a whole."""
    if parts := split_marked(text):
        return Multilingual({tag: Value(text=part, source=source) for tag, part in parts.items()})
    return Multilingual({guess(text, hints): Value(text=text, source=source, guessed=True)})


def split_marked(text: str) -> dict[str, str]:
    """The parts of a text whose languages are marked beyond doubt: it begins with a mark, and two or more differ, none twice."""
    marks = list(MARKED.finditer(text))
    languages = [MARKS[mark[1] or mark[2]] for mark in marks]
    if len(marks) < 2 or marks[0].start() != 0 or len(set(languages)) != len(languages):
        return {}
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]
    return dict(zip(languages, parts, strict=True)) if all(parts) else {}
