"""The Exif reader: runs as a sandboxed child (`python -m ingest.readers.exif FILE DECODER`) and reports in two lines of JSON.

The first line is the header of the picture (size, orientation, mode, frames), the second the Exif tags: a file whose Exif
kills the reader has then still told its size.
"""

import importlib
import json
import sys
import warnings
from typing import Any, BinaryIO

import exifread
import PIL.Image
from exifread.tags import IGNORE_TAGS

COMMENT_CHARSETS = {b"ASCII\0\0\0": "ascii", b"\0" * 8: "utf-8"}
UNICODE = b"UNICODE\0"
UTF_16 = ("utf-16-le", "utf-16-be")
LONGEST_TEXT = 64 * 1024
MOST_VALUES = 64
TURNED = frozenset({5, 6, 7, 8})
ORIENTATION = 0x0112
COMMENT, COMMENT_TAG = "EXIF UserComment", 0x9286


def main(arguments: list[str]) -> int:
    """Report on the file at the first argument, opening it with the one decoder named by the second."""
    path, decoder = arguments
    with open(path, "rb") as stream:  # noqa: PTH123 - no pathlib: every import is paid per photo
        _say(header(stream, decoder))
        stream.seek(0)
        _say(tags(stream))
    return 0


def prepare() -> None:
    """Load what nearly every file needs, before any file is there."""
    PIL.Image.preinit()
    importlib.import_module("PIL.TiffImagePlugin")  # reads the Exif of every format


def _say(report: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


def header(stream: BinaryIO, decoder: str) -> dict[str, Any]:
    """What the header claims, nothing decoded: `width`, `height` (upright), `mode`; `error` when it cannot be read."""
    if decoder == "HEIF":
        import pillow_heif  # noqa: PLC0415 - costs 30 ms, needed by one format

        pillow_heif.register_heif_opener()
    PIL.Image.MAX_IMAGE_PIXELS = (
        None  # the caller compares with the budget; nothing is decoded here
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = PIL.Image.open(stream, formats=[decoder])
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    width, height = picture.size
    if orientation(picture) in TURNED:
        width, height = height, width
    versions = {"exifread": exifread.__version__, "Pillow": PIL.__version__}
    return {"width": width, "height": height, "mode": picture.mode, "versions": versions}


def orientation(picture: PIL.Image.Image) -> int:
    """The orientation the decoder offers, 1 where it offers none (packed Exif in PNG makes Pillow 13 raise ValueError)."""
    try:
        value = picture.getexif().get(ORIENTATION, 1)
    except (ValueError, SyntaxError, OSError, TypeError):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def tags(stream: BinaryIO) -> dict[str, Any]:
    """Every Exif tag by exifread's name: text as text, numbers as lists of decimal texts, comments decoded by their marker."""
    if (
        COMMENT_TAG in IGNORE_TAGS
    ):  # left out without details, which cost a maker note's 80 ms and more
        IGNORE_TAGS.remove(COMMENT_TAG)
    read: dict[str, Any] = exifread.process_file(
        stream, details=False, extract_thumbnail=False, truncate_tags=False
    )
    return {
        name: _plain(name, tag)
        for name, tag in read.items()
        if not isinstance(tag, bytes) and not name.startswith("Thumbnail")
    }


def _plain(name: str, tag: Any) -> Any:
    values = getattr(tag, "values", tag)
    if name == COMMENT:
        return comment(bytes(values) if isinstance(values, list) else str(values).encode())
    if isinstance(values, bytes):  # text in no character set exifread knows: the caller decides
        return {"octets": values[:LONGEST_TEXT].hex()}
    if isinstance(values, str):
        return values[:LONGEST_TEXT].strip("\0 ")
    if not isinstance(values, list):
        return str(values)
    numbers = [_number(value) for value in values[:MOST_VALUES]]
    return {"values": numbers, "text": getattr(tag, "printable", "")[:LONGEST_TEXT]}


def _number(value: Any) -> str:
    """A ratio as a fraction, so that the caller divides; anything else as it prints."""
    numerator, denominator = getattr(value, "num", None), getattr(value, "den", None)
    return str(value) if denominator is None else f"{numerator}/{denominator}"


def comment(raw: bytes) -> str | None:
    """A UserComment by its 8-byte marker (Exif 2.32, 4.6.5); None when it cannot be told."""
    marker, body = raw[:8], raw[8 : 8 + LONGEST_TEXT]
    if marker == UNICODE:
        return _utf_16(body)
    charset = COMMENT_CHARSETS.get(marker)
    try:
        return body.decode(charset).strip("\0 ") if charset else None
    except UnicodeDecodeError:
        return None


def _utf_16(body: bytes) -> str | None:
    """UTF-16 whose byte order nobody says: the order that gives fewer different high bytes is the language's own."""
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body.decode("utf-16", "ignore").strip("\0 ")
    body = body[: len(body) // 2 * 2]
    little = len(set(body[1::2])) <= len(set(body[0::2]))
    try:
        return body.decode(UTF_16[0] if little else UTF_16[1]).strip("\0 ")
    except UnicodeDecodeError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
