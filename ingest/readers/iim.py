"""The IIM reader: our own parser of the raw block (IPTC-NAA IIM 4.2), because its character set must be decided, not assumed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.model.iptc import CODED_CHARACTER_SET

TAG_MARK = 0x1C
EXTENDED = 0x8000
APPLICATION_RECORD = 2
MOST_DATASETS = 5000
MARKERS = {
    b"\x1b%G": "utf-8",
    b"\x1b-A": "latin-1",
    b"\x1b.A": "latin-1",
    b"\x1b-L": "iso8859-5",
    b"\x1b-M": "iso8859-9",
}
RUSSIAN_SHARE = 0.6
CHARSET_GUESSED, FALSE_CHARSET, DAMAGED = "charset-guessed", "false-charset", "metadata-damaged"
NOT_TEXT = frozenset({(2, 0), (2, 200), (2, 201), (2, 202)})

Dataset = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block as read: values by dataset in their order, the character set they were read in, its digest and remarks."""

    values: dict[Dataset, list[str]] = field(default_factory=dict)
    lengths: dict[Dataset, int] = field(default_factory=dict)
    charset: str | None = None
    digest: str | None = None
    flags: tuple[str, ...] = ()

    def first(self, dataset: Dataset) -> str | None:
        """The first value that says something."""
        return next((value for value in self.values.get(dataset, ()) if value.strip()), None)


def parse(raw: bytes) -> Block:
    """Read a block; what is malformed ends it and is flagged."""
    datasets: list[tuple[Dataset, bytes]] = []
    end = 0
    for dataset, value, end in _datasets(raw):  # noqa: B007 - where reading stopped is wanted
        datasets.append((dataset, value))
    texts = [value for dataset, value in datasets if _is_text(dataset)]
    marker = next((value for dataset, value in datasets if dataset == CODED_CHARACTER_SET), b"")
    charset, flags = decide_charset(texts, marker)
    if raw[end:].strip(b"\0"):
        flags = (*flags, DAMAGED)
    values: dict[Dataset, list[str]] = {}
    lengths: dict[Dataset, int] = {}
    for dataset, value in datasets:
        if _is_text(dataset):
            values.setdefault(dataset, []).append(decode(value, charset))
            lengths[dataset] = max(lengths.get(dataset, 0), len(value))
    digest = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    return Block(values=values, lengths=lengths, charset=charset, digest=digest, flags=flags)


def _is_text(dataset: Dataset) -> bool:
    return dataset[0] == APPLICATION_RECORD and dataset not in NOT_TEXT


def _datasets(raw: bytes) -> Iterator[tuple[Dataset, bytes, int]]:
    """(dataset, octets, where it ends); stops at the first thing that is none."""
    at = 0
    for _ in range(MOST_DATASETS):
        if at + 5 > len(raw) or raw[at] != TAG_MARK:
            return
        length, start = int.from_bytes(raw[at + 3 : at + 5], "big"), at + 5
        if length & EXTENDED:
            octets = length & ~EXTENDED
            start += octets
            length = int.from_bytes(raw[at + 5 : start], "big") if octets <= 4 else len(raw)
        if start + length > len(raw):
            return
        at, dataset = start + length, (raw[at + 1], raw[at + 2])
        yield dataset, raw[start:at], at


def decide_charset(texts: list[bytes], marker: bytes) -> tuple[str, tuple[str, ...]]:
    """One decision for the whole block: (character set, flags).

    What dataset 1:90 claims, if the octets fit; else strict UTF-8; else Cyrillic or Turkish by the share of high octets
    among the letters; Latin-1 never fails. Anything but a claim that holds is flagged as guessed.
    """
    flags: tuple[str, ...] = ()
    claimed = MARKERS.get(marker.strip(b"\0 "))
    if claimed and _fits(texts, claimed):
        return claimed, ()
    if claimed:
        flags = (FALSE_CHARSET,)
    if not any(octet >= 0x80 for text in texts for octet in text):
        return "ascii", flags
    for charset in ("utf-8", *_legacy(texts)):
        if _fits(texts, charset):
            return charset, (*flags, CHARSET_GUESSED)
    return "latin-1", (*flags, CHARSET_GUESSED)


def _legacy(texts: list[bytes]) -> tuple[str, str]:
    """Russian comes in runs of high octets, Turkish and Azerbaijani as Latin with single accents."""
    octets = b"".join(texts)
    high = sum(octet >= 0xC0 for octet in octets)
    latin = sum(chr(octet).isalpha() for octet in octets if octet < 0x80)
    russian = high >= RUSSIAN_SHARE * (high + latin)
    return ("cp1251", "cp1254") if russian else ("cp1254", "cp1251")


def _fits(texts: list[bytes], charset: str) -> bool:
    return all(_strict(text, charset) is not None for text in texts)


def _strict(text: bytes, charset: str) -> str | None:
    """The text, or None where it does not fit; a last letter cut in two by the field's limit is dropped."""
    try:
        return text.decode(charset)
    except UnicodeDecodeError as error:
        cut = charset == "utf-8" and error.reason == "unexpected end of data"
        return text[: error.start].decode(charset) if cut else None


def decode(text: bytes, charset: str) -> str:
    """Octets as text in the character set decided for them; never fails."""
    found = _strict(text, charset)
    return text.decode("latin-1") if found is None else found
