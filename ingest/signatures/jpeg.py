"""JPEG: its version, and what else lies in the same file."""

from collections.abc import Iterator

from ingest.signatures import tiff
from ingest.signatures.window import Match, Window

JFIF_PUIDS = {(1, 0): "fmt/42", (1, 1): "fmt/43", (1, 2): "fmt/44"}
EXIF_PUIDS = {
    b"0200": "x-fmt/398",
    b"0210": "x-fmt/390",
    b"0220": "x-fmt/391",
    b"0221": "fmt/645",
    b"0230": "fmt/1507",
    b"0231": "fmt/1507",
    b"0232": "fmt/1507",
}
APP0, APP1, APP2, COMMENT, START_OF_SCAN = 0xE0, 0xE1, 0xE2, 0xFE, 0xDA
PAGES = (b"<html", b"<script", b"<!doctype", b"<svg", b"<?php")
MOTION = (b'MotionPhoto="1"', b'MicroVideo="1"', b"MotionPhoto>1<", b"MotionPhoto_Data")
ZIP_END = b"PK\x05\x06"


def match(window: Window) -> Match | None:
    """Recognise JPEG, with its Exif or JFIF version, gain maps, motion trailers and polyglots."""
    if not window.head.startswith(b"\xff\xd8\xff"):
        return None
    puid: str | None = None
    facts: set[str] = set()
    for marker, start, stop in segments(window.head):
        body = window.head[start:stop]
        if marker == APP0 and body.startswith(b"JFIF\0"):
            puid = puid or JFIF_PUIDS.get((body[5], body[6])) if len(body) > 6 else puid
        elif marker == APP1 and body.startswith(b"Exif\0"):
            puid = _exif_puid(window, start + 6) or puid
        elif marker == APP2 and body.startswith(b"MPF\0"):
            facts.add("multi-picture")
        elif marker == COMMENT and any(page in body.lower() for page in PAGES):
            facts.add("polyglot")
    return Match("jpeg", puid, tuple(sorted(facts | _trailer_facts(window))))


def segments(head: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, stop) of every segment's body before the first scan, as far as they are in sight."""
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        length = int.from_bytes(head[at + 2 : at + 4], "big")
        if marker == START_OF_SCAN or length < 2:
            return
        yield marker, at + 4, min(at + 2 + length, len(head))
        at += 2 + length


def _exif_puid(window: Window, base: int) -> str | None:
    order = tiff.byte_order(window.at(base, 2))
    first = tiff.directory(window, base, tiff.number(window.at(base + 4, 4), order), order)
    pointer = tiff.number(first.get(tiff.EXIF_IFD, b""), order)
    found = tiff.directory(window, base, pointer, order) if pointer else {}
    return EXIF_PUIDS.get(found.get(tiff.EXIF_VERSION, b""))


def _trailer_facts(window: Window) -> set[str]:
    facts = set()
    if any(mark in window.head or mark in window.tail for mark in MOTION):
        facts.add("motion-photo")
    if ZIP_END in window.tail or ZIP_END in window.head:
        facts.add("polyglot")
    return facts
