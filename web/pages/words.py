"""The words an asset is shown with: title, caption, alternative text, and the state of each language."""

import re
from enum import StrEnum

from archive.model.asset import Asset
from archive.model.description import Keyword, Link
from archive.model.multilingual import Multilingual, Value
from web.i18n import words

SENTENCE = re.compile(r"^.{20,}?[.!?…](?=\s|$)", re.DOTALL)


class Mark(StrEnum):
    """How far a caption has come in one language."""

    APPROVED = "approved"
    DRAFT = "draft"
    MISSING = "missing"


def title_of(asset: Asset, language: str) -> tuple[str, str]:
    """(language, title): the title, else the headline, else the caption's first sentence, else the file's name."""
    said = asset.description
    for text in (said.title, said.headline):
        if found := text.best(language):
            return found
    if found := said.description.best(language):
        return found[0], first_sentence(found[1])
    return language, asset.original.filename


def caption_of(asset: Asset, language: str) -> tuple[str, str] | None:
    """(language, caption) for a reader of `language`, or None where nobody wrote one."""
    return asset.description.description.best(language)


def alt_of(asset: Asset, language: str) -> tuple[str, str]:
    """(language, alternative text): never the file's name."""
    said = asset.description
    if found := said.alt_text.best(language):
        return found
    if found := said.description.best(language):
        return found[0], first_sentence(found[1])
    for text in (said.title, said.headline):
        if found := text.best(language):
            return found
    return language, words(language).gettext("Photo without a caption")


def first_sentence(text: str) -> str:
    """The first sentence, or the whole text if it is one; at most 160 characters."""
    found = SENTENCE.match(text)
    sentence = " ".join((found[0] if found else text).split())
    return sentence if len(sentence) <= 160 else sentence[:159].rstrip() + "…"


def mark_of(text: Multilingual, language: str) -> Mark:
    """Approved, draft (translated by program, or a guessed language) or missing."""
    value = text.values.get(language)
    if value is None:
        return Mark.MISSING
    return Mark.DRAFT if _is_draft(value) else Mark.APPROVED


def _is_draft(value: Value) -> bool:
    return value.guessed or value.source.startswith("translated:")


def label_of(link: Link | Keyword, language: str) -> tuple[str, str]:
    """(language, label) of a link in the reader's language, else az, en, ru, else any."""
    if isinstance(link, Keyword):
        return link.language, link.text
    for tag in (language, "az", "en", "ru", *link.labels):
        if tag in link.labels:
            return tag, link.labels[tag]
    return language, ""
