"""Links: people, organisations, places and the occasion, with their names by language."""

from collections.abc import Iterable, Mapping
from typing import Any

from archive.model.description import Link
from archive.model.iptc import (
    BY_FIELD,
    EVENT_XMP,
    ORGANISATIONS_XMP,
    PERSONS_WITH_DETAILS_XMP,
    PERSONS_XMP,
    PLACES_CREATED_XMP,
    PLACES_SHOWN_XMP,
)
from archive.text import fold_phrase
from ingest import languages
from ingest.choices.sources import EDITED_LATER, IIM, XMP, Notes, Sources
from ingest.cleaning import clean
from ingest.languages import DEFAULT, Hints

FROM_NARROW_TO_WIDE = ("LocationName", "Sublocation", "City", "ProvinceState", "CountryName")
LEGACY = ("sublocation", "city", "state", "country")


def people(sources: Sources) -> tuple[Link, ...]:
    """Persons shown, in their order; those with details bring names in languages."""
    detailed = _named(sources, PERSONS_WITH_DETAILS_XMP, "PersonName")
    plain = (_plain(name, sources.hints) for name in sources.xmp_list(PERSONS_XMP))
    return _unique([*detailed, *plain])


def organisations(sources: Sources) -> tuple[Link, ...]:
    """Organisations shown."""
    return _unique(_plain(name, sources.hints) for name in sources.xmp_list(ORGANISATIONS_XMP))


def occasion(sources: Sources) -> Link | None:
    """The event shown."""
    labels = _labels(sources.xmp_languages(EVENT_XMP), sources.hints)
    return Link(labels=labels, source=XMP) if labels else None


def places_created(sources: Sources) -> tuple[Link, ...]:
    """Where the camera stood: each level of the structure a place of its own, the narrowest first."""
    return _unique(_levels(sources, PLACES_CREATED_XMP))


def places_shown(sources: Sources, plain: Mapping[str, str], notes: Notes) -> tuple[Link, ...]:
    """What is seen: the structure; where there is none, or IIM was corrected later, the legacy fields (`plain`)."""
    corrected = any(notes.reasons.get(level) == EDITED_LATER for level in LEGACY)
    found = _unique(_levels(sources, PLACES_SHOWN_XMP))
    if found and not corrected:
        return found
    in_xmp = any(sources.xmp_text(BY_FIELD[level].xmp) for level in LEGACY)
    source = XMP if in_xmp and not corrected else IIM
    names = (plain[level] for level in LEGACY if level in plain)
    return _unique(_plain(name, sources.hints, source) for name in names)


def _levels(sources: Sources, name: str) -> list[Link]:
    structures = sources.raw.get(name, [])
    links: list[Link] = []
    for structure in structures if isinstance(structures, list) else [structures]:
        if isinstance(structure, dict):
            levels = (_member(structure, level) for level in FROM_NARROW_TO_WIDE)
            labelled = (_labels(level, sources.hints) for level in levels)
            links += [Link(labels=labels, source=XMP) for labels in labelled if labels]
    return links


def _named(sources: Sources, name: str, member: str) -> list[Link]:
    structures = sources.raw.get(name, [])
    found = (
        [item for item in structures if isinstance(item, dict)]
        if isinstance(structures, list)
        else []
    )
    labelled = (_labels(_member(item, member), sources.hints) for item in found)
    return [Link(labels=labels, source=XMP) for labels in labelled if labels]


def _member(structure: Mapping[str, Any], member: str) -> dict[str, str]:
    """A member of a structure by language tag."""
    found = {DEFAULT: clean(structure.get(member, ""))}
    for key, value in structure.items():
        if key.startswith(f"{member}-"):
            found[key.removeprefix(f"{member}-")] = clean(value)
    return {tag: text for tag, text in found.items() if text}


def _labels(tagged: Mapping[str, str], hints: Hints) -> dict[str, str]:
    return {tag: value.text for tag, value in languages.of_tagged(tagged, XMP, hints)}


def _plain(name: str, hints: Hints, source: str = XMP) -> Link:
    return Link(labels={languages.guess(name, hints): name}, source=source)


def _unique(links: Iterable[Link]) -> tuple[Link, ...]:
    """Each once: a name already said by an earlier one, in any language, says nothing new."""
    kept: list[Link] = []
    said: set[str] = set()
    for link in links:
        folds = {fold_phrase(text) or text for text in link.labels.values()}
        if not folds <= said:
            kept.append(link)
            said |= folds
    return tuple(kept)
