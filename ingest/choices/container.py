"""The container's own words about a film or recording: titles, captions, authors and dates where nothing better says them.

QuickTime Keys and ItemList come through ExifTool; ID3, Vorbis, Matroska and RIFF tags through ffprobe, whose reading of
QuickTime's texts spoils letters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from archive.model.description import Description, Keyword
from archive.model.multilingual import Multilingual
from archive.model.taken import OffsetSource, Taken
from ingest import dates, languages
from ingest.choices.keywords import assign_languages
from ingest.cleaning import MOST_KEYWORDS, clean
from ingest.languages import DEFAULT, Hints
from ingest.readers.boilerplate import is_boilerplate

CONTAINER = "container"
QUICKTIME_GROUPS = ("Keys", "ItemList", "UserData")
TEXTS = {
    "title": ("displayname", "title"),
    "description": ("description", "synopsis", "comment"),
    "copyright": ("copyright",),
}
CREATORS, KEYWORDS = ("artist", "author", "performer"), ("keywords", "keyword")
LOCAL_DATES = ("creationdate", "date", "originationdate", "date_recorded", "year")
UNSURE_DATES = ("creation_time", "createdate")
Told = dict[str, dict[str, str]]


def told_by(raw: Mapping[str, Any], probe: Mapping[str, Any], *, is_quicktime: bool) -> Told:
    """Texts by lower-case name and language tag (`x-default` where none is said)."""
    if is_quicktime:
        return _by_name(
            (name.partition(":")[2], value)
            for group in (*QUICKTIME_GROUPS, "QuickTime")
            for name, value in raw.items()
            if name.startswith(f"{group}:")
        )
    streams = (stream.get("tags", {}) for stream in probe.get("streams", ()))
    tags = [probe.get("format", {}).get("tags", {}), *streams]
    return _by_name(pair for one in tags for pair in one.items())


def _by_name(pairs: Iterable[tuple[str, Any]]) -> Told:
    """The first of each; a tag behind the name is its language, as in `TITLE-rus`."""
    told: Told = {}
    for name, value in pairs:
        plain, _, tag = name.lower().partition("-")
        if isinstance(value, (str, int, float)) and (text := clean(str(value))):
            told.setdefault(plain, {}).setdefault(tag or DEFAULT, text)
    return told


def with_container(
    said: Description,
    told: Told,
    hints: Hints,
    *,
    filename: str,
    zone: ZoneInfo,
    deposited_at: datetime,
) -> Description:
    """The description with its empty fields filled."""
    found: dict[str, Any] = {
        field: value
        for field, names in TEXTS.items()
        if not getattr(said, field) and (value := _text(field, names, told, hints, filename))
    }
    creators = [one for one in _list(told, CREATORS) if not is_boilerplate("creator", one)]
    if not said.creator and creators:
        found["creator"] = tuple(creators)
    if not said.keywords:
        found["keywords"] = _keywords(told, hints)
    if said.taken is None:
        found["taken"] = taken(told, zone=zone, deposited_at=deposited_at)
    return replace(said, **found)


def _text(
    field: str, names: tuple[str, ...], told: Told, hints: Hints, filename: str
) -> Multilingual:
    for name in names:
        tagged = {
            tag: text
            for tag, text in told.get(name, {}).items()
            if not is_boilerplate(field, text, filename=filename)
        }
        if set(tagged) == {DEFAULT}:
            return languages.of_untagged(tagged[DEFAULT], CONTAINER, hints)
        if tagged:
            return languages.of_tagged(tagged, CONTAINER, hints)
    return Multilingual()


def _list(told: Told, names: tuple[str, ...]) -> list[str]:
    said = next((told[name] for name in names if name in told), {})
    text = said.get(DEFAULT, "").replace("\n", ";")
    return [part.strip() for part in text.split(";") if part.strip()]


def _keywords(told: Told, hints: Hints) -> tuple[Keyword, ...]:
    parts = _list(told, KEYWORDS)
    if len(parts) == 1:
        parts = [part.strip() for part in parts[0].split(",") if part.strip()]
    parts = list(dict.fromkeys(parts))[:MOST_KEYWORDS]
    tags = assign_languages(parts, hints)
    return tuple(
        Keyword(text=text, source=CONTAINER, language=language)
        for text, language in zip(parts, tags, strict=True)
    )


def taken(told: Told, *, zone: ZoneInfo, deposited_at: datetime) -> Taken | None:
    """The date with its own offset first; the clock of the container is UTC by its standard and unsure in fact."""
    for name in LOCAL_DATES:
        if written := dates.read(told.get(name, {}).get(DEFAULT, "")):
            return dates.taken(written, CONTAINER, zone=zone, deposited_at=deposited_at)
    for name in UNSURE_DATES:
        if written := dates.read(told.get(name, {}).get(DEFAULT, "")):
            return _unsure(written, zone=zone, deposited_at=deposited_at)
    return None


def _unsure(written: dates.Written, *, zone: ZoneInfo, deposited_at: datetime) -> Taken | None:
    """Shown by the house's clock, as nobody knows the place's."""
    if written.has_time and 1 < written.clock.year < dates.LATEST_YEAR:
        there = written.clock.replace(tzinfo=UTC).astimezone(zone)
        offset = there.utcoffset()
        written = replace(written, clock=there.replace(tzinfo=None), offset=offset)
    found = dates.taken(written, CONTAINER, zone=zone, deposited_at=deposited_at)
    if found is None:
        return None
    how = OffsetSource.ASSUMED if found.offset else None
    return replace(found, unsure=True, offset_source=how)
