"""The span of days in a search address: `from` and `to` as a form sends them, or `date` as a range."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

RANGE = re.compile(r"(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?|(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """First and last day, each as ISO text or empty; false when both are open. What is no date is `unread`, and counts as open."""

    first: str = ""
    last: str = ""
    unread: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.first or self.last)

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Span":
        """From an address; the form's own fields win over `date`. A span the wrong way round is turned."""
        texts = args.get("from", ""), args.get("to", "")
        if not any(texts):
            texts = _ends(args.get("date", ""))
        first, last = map(_day, texts)
        read = zip(texts, (first, last), strict=True)
        unread = dict.fromkeys(text for text, day in read if text and not day)
        if first and last and first > last:
            first, last = last, first
        return cls(first=first, last=last, unread=tuple(unread))

    @property
    def text(self) -> str:
        """As the query language writes a range of days."""
        return f"{self.first}..{self.last}"

    @property
    def days(self) -> tuple[date | None, date | None]:
        """First and last as days."""
        first = date.fromisoformat(self.first) if self.first else None
        last = date.fromisoformat(self.last) if self.last else None
        return first, last


def _ends(span: str) -> tuple[str, str]:
    found = RANGE.fullmatch(span)
    return (found[1] or found[3] or "", found[2] or found[3] or "") if found else (span, "")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
