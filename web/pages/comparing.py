"""Forms that are compared three ways: what was typed is laid over what is there now, and kept, or shown again with all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from werkzeug.datastructures import MultiDict

from archive.errors import Stale
from ingest.cleaning import LONGEST_VALUE_BYTES, clean
from web.i18n import words
from web.i18n.catalogue import marked as _m
from web.pages.blueprint import language
from web.pages.threeway import Columns, Merged, merge, read_base, without, write_base

ATTEMPTS = 5
TOO_LONG = _m("This is too long. Shorten it to 16,000 letters at most.")
BUSY = _m("Others are saving this at this moment. Save again.")
Held = TypeVar("Held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """One value that two people changed: its name in words, and both versions as (language or nothing, text)."""

    label: str
    mine: tuple[tuple[str, str], ...]
    theirs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """All that a form shows: texts by the name of their input, faults by the name of the value ("" is the whole form)."""

    texts: Mapping[str, str]
    base: str = "{}"
    faults: Mapping[str, str]
    clashes: tuple[Clash, ...] = ()
    clashing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Generic[Held]):
    """How one kind of thing is edited by a form.

    `units` has the inputs of each value compared whole; `normal` makes a value look the same whichever way it is sent. `keep` saves:
    it returns the faults, none when all is kept, and raises Stale when somebody was quicker.
    """

    units: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    normal: Callable[[str, Columns], Columns]
    values: Callable[[Held], Mapping[str, Columns]]
    read: Callable[[], Held]
    keep: Callable[[Held, Merged], Mapping[str, str]]

    def typed(self, sent: MultiDict[str, str]) -> dict[str, Columns]:
        """What a form sent, each value whole; one of which an input is missing was not sent."""
        return {
            name: self.normal(name, tuple(sent[one] for one in inputs))
            for name, inputs in self.units.items()
            if all(one in sent for one in inputs)
        }

    def opened(self, held: Held) -> Form:
        """The form with what is there now."""
        now = self.values(held)
        return Form(texts=self.texts(now), base=write_base(now), faults={})

    def save(self, sent: MultiDict[str, str]) -> tuple[Held, Form, int] | None:
        """Keep what was sent; otherwise what is there now, the form to show again, and its status."""
        base, typed = sent.get("base", ""), self.typed(sent)
        if sent.get("keep") == "theirs":
            typed = without(typed, sent.getlist("clash"))
        for _ in range(ATTEMPTS):
            held = self.read()
            now = self.values(held)
            merged = merge(typed, read_base(base), now)
            if merged.clashes:
                return held, self._clashing(merged, now), 412
            try:
                faults = self.keep(held, merged)
            except Stale:  # somebody was quicker by a moment: compare with what is there now
                continue
            if not faults:
                return None
            return held, Form(texts=self.texts(merged.values), base=base, faults=faults), 400
        busy = {"": say(BUSY)}
        return held, Form(texts=self.texts(merged.values), base=write_base(now), faults=busy), 412

    def texts(self, values: Mapping[str, Columns]) -> dict[str, str]:
        """The text of each input."""
        return {
            one: text
            for name, columns in values.items()
            for one, text in zip(self.units[name], columns, strict=True)
        }

    def _clashing(self, merged: Merged, now: Mapping[str, Columns]) -> Form:
        """Mine in the fields, theirs beside; the form now stands on theirs, so that one press keeps either."""
        clashes = tuple(
            Clash(
                label=self._label(name),
                mine=self._columns(name, merged.values[name]),
                theirs=self._columns(name, now[name]),
            )
            for name in merged.clashes
        )
        return Form(
            texts=self.texts(merged.values),
            base=write_base(now),
            faults={},
            clashes=clashes,
            clashing=merged.clashes,
        )

    def _label(self, name: str) -> str:
        stem, _, tag = name.partition(".")
        return f"{say(self.labels[stem])}, {tag}" if tag else say(self.labels[stem])

    def _columns(self, name: str, columns: Columns) -> tuple[tuple[str, str], ...]:
        """The columns that say something."""
        tags = (one.partition(".")[2] for one in self.units[name])
        return tuple((tag, text) for tag, text in zip(tags, columns, strict=True) if text)


def is_too_long(text: str) -> bool:
    """Whether a text is more than one value may be; in Cyrillic that is half as many letters as in English."""
    return len(text.encode("utf-8", "replace")) > LONGEST_VALUE_BYTES


def tidy(text: str, *, in_one_line: bool = False) -> str:
    """A text as it is compared and kept; one too long whole, to be refused with all that was typed, not cut without a word."""
    if is_too_long(text):
        return text.replace("\r\n", "\n")
    plain = clean(text)
    return " ".join(plain.split()) if in_one_line else plain


def say(message: str) -> str:
    """A message in the reader's language."""
    return words(language()).gettext(message)
