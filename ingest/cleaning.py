"""Cleaning: what may be shown of a text found in a file. The text as found stays in the raw findings."""

import unicodedata
from collections.abc import Iterable

LONGEST_VALUE_BYTES = 32 * 1024
LONGEST_ASSET_BYTES = 2 * 1024 * 1024
MOST_KEYWORDS = 500
CUT = "metadata-cut"


def clean(text: object) -> str:
    """NFC, trimmed, no control characters but the line feed, at most 32 kB; a text that says nothing becomes empty."""
    plain = str(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(sign for sign in plain if sign == "\n" or unicodedata.category(sign) != "Cc")
    return cut(unicodedata.normalize("NFC", kept).strip(), LONGEST_VALUE_BYTES)


def cut(text: str, most_bytes: int) -> str:
    """The longest beginning of a text that fits into so many bytes of UTF-8."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= most_bytes else raw[:most_bytes].decode("utf-8", "ignore")


def clean_all(values: Iterable[object]) -> list[str]:
    """Every value that says something, each once, in order."""
    return list(dict.fromkeys(text for value in values if (text := clean(value))))
