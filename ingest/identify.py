"""Identification: what a file is, told by its bytes alone; the name only earns a flag when it disagrees.

Order: exact magics, container brands, the second tests of RAW and streams, texts last. Nothing is opened and no
decoder runs: the web process may call this on the leading bytes of anything.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from archive.errors import UnreadableMedia
from archive.model.asset import AssetType, Reason
from ingest.signatures import boxes, jpeg, riff, streams, text, tiff
from ingest.signatures.table import FORMATS, Format
from ingest.signatures.window import Match, Window

LEADING_BYTES = 64 * 1024
EXTENSION_DISAGREES = "extension-disagrees"
MATCHERS = (jpeg.match, tiff.match, boxes.match, riff.match, streams.match)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """What the bytes say. `extension` is ours (no dot); `facts` are properties of the file, `flags` these and our remarks."""

    media_type: str
    extension: str
    puid: str | None
    type: AssetType
    facts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def identify(head: bytes, filename: str, size: int, tail: bytes = b"") -> Identified:
    """Recognise a file by its first 64 KiB (`head`) and, where given, its last bytes (`tail`).

    Raises UnreadableMedia with the reason `empty`, `not-media`, `disguised` or `unsupported`: such a file is refused at
    the door and nothing of it is kept.
    """
    if size == 0 or not head:
        raise UnreadableMedia("there are no bytes", reason=Reason.EMPTY)
    window = Window(head[:LEADING_BYTES], size, tail)
    match = recognise(window)
    if match is None:
        reason, detail = text.judge(window)
        raise UnreadableMedia("not a medium we keep", reason=reason, detail=detail)
    row = FORMATS[match.name]
    if row.type is None or row.made_by is None:
        raise UnreadableMedia(
            f"{row.media_type} is not taken", reason=Reason.UNSUPPORTED, detail=match.name
        )
    return _identified(row, row.type, match, filename)


def recognise(window: Window) -> Match | None:
    """The first row of the table whose signature and second test hold; also for formats that are not taken."""
    for matcher in MATCHERS:
        if found := matcher(window):
            return found
    return None


def _identified(row: Format, kind: AssetType, match: Match, filename: str) -> Identified:
    claimed = PurePosixPath(filename.replace("\\", "/").replace("\0", "")).suffix.lower()[1:]
    disagrees = {EXTENSION_DISAGREES} if claimed not in row.extensions else set()
    return Identified(
        media_type=row.media_type,
        extension=row.extensions[0],
        puid=match.puid or row.puid,
        type=kind,
        facts=match.facts,
        flags=tuple(sorted({*match.facts, *disagrees})),
    )
