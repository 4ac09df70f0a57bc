"""Choosing: from everything the readers found to the one description of the asset, with reasons and disagreements."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from archive.model.description import Coordinates, Description
from archive.model.iptc import RATING_XMP
from ingest.choices import keywords, links, texts, when
from ingest.choices.sources import Notes, Sources, hints_of
from ingest.readers import camera

EMBARGO = re.compile(r"\bembargo|\bэмбарго", re.IGNORECASE)
EMBARGO_FLAG, MOTION_FLAG = "embargo-in-instructions", "motion-photo"
MOTION_PHOTO = ("XMP-GCamera:MotionPhoto", "XMP-GCamera:MicroVideo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The description, why each value was taken, where sources disagree (with their values), and flags."""

    description: Description
    reasons: Mapping[str, str]
    conflicts: tuple[Mapping[str, str], ...]
    flags: tuple[str, ...]


def choose(
    sources: Sources, *, declared: str | None, zone: ZoneInfo, deposited_at: datetime
) -> Choice:
    """Pick every field; the same sources always give the same choice."""
    notes = Notes(flags=set(sources.block.flags))
    sources = replace(sources, hints=hints_of(sources, declared))
    plain = texts.plain_texts(sources, notes)
    many: dict[str, Any] = {
        **texts.texts(sources, notes),
        **texts.lists(sources, notes),
        **plain,
    }
    description = Description(
        **many,
        keywords=keywords.keywords(sources, notes),
        people=links.people(sources),
        organisations=links.organisations(sources),
        places_created=links.places_created(sources),
        places_shown=links.places_shown(sources, plain, notes),
        occasion=links.occasion(sources),
        rating=_rating(sources),
        taken=when.taken(sources, notes, zone=zone, deposited_at=deposited_at),
        coordinates=_coordinates(sources),
    )
    if EMBARGO.search(description.instructions or ""):
        notes.flags.add(EMBARGO_FLAG)
    notes.flags.update(sources.camera.flags)
    if any(sources.raw.get(name) == "1" for name in MOTION_PHOTO):
        notes.flags.add(MOTION_FLAG)
    return Choice(
        description=description,
        reasons=notes.reasons,
        conflicts=tuple(notes.conflicts),
        flags=tuple(sorted(notes.flags)),
    )


def _rating(sources: Sources) -> int | None:
    """XMP only: 0 to 5, -1 for rejected."""
    try:
        rating = int(float(sources.xmp_text(RATING_XMP)))
    except (ValueError, OverflowError):
        return None
    return rating if -1 <= rating <= 5 else None


def _coordinates(sources: Sources) -> Coordinates | None:
    """Exif first, then the position that XMP or a container holds."""
    return sources.camera.coordinates or camera.from_exiftool(sources.raw).coordinates
