"""Text: what claims to be a medium and is a list of other files, a drawing, a page, or simply words."""

import re

from archive.model.asset import Reason
from ingest.signatures.window import Window

LOOKED_AT = 4096
CONTROLS = frozenset(range(32)) - {7, 8, 9, 10, 12, 13, 27}

PLAYLISTS = (
    re.compile(r"\A#EXTM3U"),
    re.compile(r"\Affconcat\s+version", re.IGNORECASE),
    re.compile(r"\A(?:#[^\n]*\n|\s)*(?:file|stream|option)\s+['\"]?\S", re.IGNORECASE),
    re.compile(r"\A(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:\w+:)?MPD[\s>]", re.DOTALL),
    re.compile(r"\A(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:smil|SmoothStreamingMedia)[\s>]", re.DOTALL),
    re.compile(r"\Av=0\r?\n(?:[a-z]=[^\n]*\r?\n)*?[os]="),
    re.compile(r"\A\s*\[Script Info\]", re.IGNORECASE),
    re.compile(r"\A\s*\[playlist\]", re.IGNORECASE),
)
DRAWINGS = (
    re.compile(r"\A(?:#[^\n]*\n|\s)*(?:push\s+graphic-context|viewbox\s+\d)", re.IGNORECASE),
    re.compile(r"\A(?:[^\n]*\n){0,20}?\s*image\s+over\s+[-\d.]+", re.IGNORECASE),
    re.compile(r"\A\s*(?:#[^\n]*\n\s*)*(?:fill|stroke)\s+['\"]?url\(", re.IGNORECASE),
)
SVG = re.compile(r"\A(?:<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE.*?>|\s)*<(?:\w+:)?svg[\s>]", re.DOTALL)
ENTITIES = re.compile(r"\A.*?<!DOCTYPE\s+svg\b", re.DOTALL | re.IGNORECASE)
COMPANIONS = (
    re.compile(r"\AWEBVTT(?:\s|\Z)"),
    re.compile(r"\A\d+\r?\n\d\d:\d\d:\d\d,\d{3}\s*-->"),
    re.compile(r"\A\s*(?:<\?xpacket\s[^>]*>\s*)?<x:xmpmeta[\s>]"),
)


def judge(window: Window) -> tuple[Reason, str]:
    """Why bytes that no signature claims are refused: (reason, finer code)."""
    if b"%PDF-" in window.head[:1024]:
        return Reason.UNSUPPORTED, "pdf"
    text = as_text(window.head[:LOOKED_AT])
    if text is None:
        return Reason.NOT_MEDIA, "unknown-bytes"
    text = text.lstrip("\ufeff").lstrip()
    if any(pattern.match(text) for pattern in PLAYLISTS):
        return Reason.DISGUISED, "playlist"
    if any(pattern.match(text) for pattern in DRAWINGS):
        return Reason.DISGUISED, "drawing-commands"
    if SVG.match(text) or ENTITIES.match(text):
        return Reason.UNSUPPORTED, "svg"
    if any(pattern.match(text) for pattern in COMPANIONS):
        return Reason.UNSUPPORTED, "companion"
    return Reason.NOT_MEDIA, "text"


def as_text(raw: bytes) -> str | None:
    """The bytes as text when they can be one: UTF-16 with a mark, UTF-8, or any 8-bit page without control characters."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", "replace")
    if CONTROLS & set(raw):
        return None
    return raw.decode("utf-8", "replace")
