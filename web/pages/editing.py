"""What the edit form holds of an asset, and what a change of it means."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from archive.catalogue.engine import Catalogue
from archive.describing import Change
from archive.errors import Invalid
from archive.languages import language_of
from archive.model.asset import Asset
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Link
from archive.model.multilingual import LANGUAGES
from archive.model.taken import Precision, Taken
from ingest.authorities import recognise
from ingest.wishes import parse_instant
from web.api.models import AssetPatch
from web.api.patch import SOURCE, to_change
from web.i18n.catalogue import marked as _m
from web.pages.comparing import TOO_LONG, is_too_long, tidy
from web.pages.threeway import Columns, Merged

TEXTS = ("title", "description", "alt_text", "credit", "usage_terms", "copyright")
LINES = frozenset({"title", "credit"})  # said in one line
LISTS = ("keywords",)
NAMES = ("people", "places", "occasion")
SEVERAL = frozenset({"people", "places"})
SINGLE = ("taken_at", "embargo_until")
KINDS = {
    "people": AuthorityKind.PERSON,
    "places": AuthorityKind.PLACE,
    "occasion": AuthorityKind.OCCASION,
}
UNNAMED = "-"
"""Stands in a column for a name that is not known in that language."""
SEPARATORS = re.compile(r"[;\n]")
KEYWORD_SEPARATORS = re.compile(r"[;,\n]")
"""A comma parts keywords, but stands inside a name: Əliyev, İlham."""
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b(.*)", re.DOTALL)
FAULTS = {
    "too-long": TOO_LONG,
    "uneven": _m(
        "The languages name different numbers. Write one name a line, in the same order, and a hyphen where a name is not known."
    ),
    "taken_at": _m(
        "This is no date in the past. Write 2026-05-12, 2026-05-12 11:20, 12.05.2026 or 1988."
    ),
    "embargo_until": _m("This cannot be read as a date and time."),
    "embargo-forbidden": _m("Only the archive's staff change the embargo of published material."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The change that a form means, or the faults that stand in its way: a sentence by the name of the value."""

    change: Change | None
    faults: Mapping[str, str]


def units() -> dict[str, tuple[str, ...]]:
    """Everything that is compared whole, with the names of its inputs."""
    alone = [f"{name}.{tag}" for name in (*TEXTS, *LISTS) for tag in LANGUAGES]
    made: dict[str, tuple[str, ...]] = {name: (name,) for name in alone}
    made |= {name: tuple(f"{name}.{tag}" for tag in LANGUAGES) for name in NAMES}
    return made | {name: (name,) for name in SINGLE}


def held(asset: Asset, zone: ZoneInfo) -> dict[str, Columns]:
    """What the form shows of an asset."""
    said = asset.description
    values: dict[str, Columns] = {}
    for tag in LANGUAGES:
        for name in TEXTS:
            values[f"{name}.{tag}"] = (getattr(said, name).text(tag) or "",)
        words = [word.text for word in said.keywords if word.language == tag]
        values[f"keywords.{tag}"] = ("\n".join(words),)
    values |= {
        "people": _columns(said.people),
        "places": _columns(said.places),
        "occasion": _columns([said.occasion] if said.occasion else []),
        "taken_at": (_spelled(said.taken) if said.taken else "",),
        "embargo_until": (_local(asset.embargo_until, zone),),
    }
    return {name: normal(name, columns) for name, columns in values.items()}


def normal(name: str, columns: Columns) -> Columns:
    """The same text always looks the same, whichever way a browser sends it."""
    stem = name.partition(".")[0]
    return tuple(_tidy(stem, text) for text in columns)


def change_of(
    merged: Merged, asset: Asset, *, catalogue: Catalogue, now: datetime, zone: ZoneInfo
) -> Edit:
    """What the values typed anew mean for this asset; dates without an offset are by the clock of `zone`."""
    faults = {
        name: FAULTS["too-long"]
        for name in merged.mine
        if any(is_too_long(text) for text in merged.values[name])
    }
    linked = _Linked(asset, catalogue, now)
    for name in NAMES:
        if name in merged.mine and not linked.take(name, merged.values[name]):
            faults[name] = FAULTS["uneven"]
    until = merged.values["embargo_until"][0]
    instant = local_instant(until, zone) if until else None
    if until and instant is None:
        faults["embargo_until"] = FAULTS["embargo_until"]
    if faults:
        return Edit(change=None, faults=faults)
    document = _patch(merged)
    if "embargo_until" in document:
        document["embargo_until"] = instant
    return _plain(document, asset, catalogue, linked)


def local_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """A date and time as an instant, by the house's clock where it names no offset; None for none, or one beyond the calendar."""
    try:
        return parse_instant(text, zone=zone).astimezone(UTC)
    except Invalid:
        return None


def _plain(document: dict[str, Any], asset: Asset, catalogue: Catalogue, linked: "_Linked") -> Edit:
    """Texts, subjects, date and embargo by the way of the API's merge patch, so that both mean the same."""
    try:
        patch = AssetPatch.model_validate(document)
        change = to_change(patch, asset, catalogue)
    except ValidationError as trouble:
        names = {".".join(str(step) for step in fault["loc"][:2]) for fault in trouble.errors()}
        return Edit(change=None, faults={_unit(name): _fault(name) for name in names})
    except Invalid as trouble:
        name = str(trouble.facts.get("field"))
        return Edit(change=None, faults={_unit(name): _fault(name)})
    laid = replace(change, fields={**change.fields, **linked.fields}, made=tuple(linked.made))
    return Edit(change=laid, faults={})


def _patch(merged: Merged) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for unit in merged.mine - set(NAMES):
        (text,) = merged.values[unit]
        name, _, tag = unit.partition(".")
        if name in SINGLE:
            document[name] = text or None
        elif name in LISTS:
            document.setdefault(name, {})[tag] = _split(text, KEYWORD_SEPARATORS)
        else:
            document.setdefault(name, {})[tag] = text or None
    return document


def _unit(name: str) -> str:
    return name if name in units() else name.partition(".")[0]


def _fault(name: str) -> str:
    return FAULTS.get(name.partition(".")[0], FAULTS["too-long"])


class _Linked:
    """The names of a form as links: those that stand as they were stay, others are matched or make a record."""

    def __init__(self, asset: Asset, catalogue: Catalogue, now: datetime) -> None:
        said = asset.description
        self._before = {
            "people": list(said.people),
            "places": list(said.places),
            "occasion": [said.occasion] if said.occasion else [],
        }
        self._catalogue = catalogue
        self._now = now
        self.fields: dict[str, Any] = {}
        self.made: list[Authority] = []

    def take(self, name: str, columns: Columns) -> bool:
        """Take over the names of one field; False when its columns do not fit each other."""
        rows = rows_of(columns)
        if rows is None or (name not in SEVERAL and len(rows) > 1):
            return False
        links = [self._link(name, labels) for labels in rows]
        match name:
            case "places":
                self.fields |= {"places_shown": links or None, "places_created": None}
            case "occasion":
                self.fields["occasion"] = links[0] if links else None
            case _:
                self.fields[name] = links or None
        return True

    def _link(self, name: str, labels: dict[str, str]) -> dict[str, Any]:
        before = self._before[name]
        for place, link in enumerate(before):
            if _shown(link) == labels:
                del before[place]  # two of one name may be two people
                return {
                    "labels": dict(link.labels),
                    "source": link.source,
                    "authority": link.authority,
                }
        authority = self._authority(KINDS[name], labels)
        known = {**authority.labels, **labels} if authority else labels
        return {
            "labels": dict(known),
            "source": SOURCE,
            "authority": authority.id if authority else None,
        }

    def _authority(self, kind: AuthorityKind, labels: dict[str, str]) -> Authority | None:
        for made in self.made:
            if made.kind is kind and made.labels == labels:
                return made
        with self._catalogue.reading() as tx:
            named = recognise(tx, kind, labels, self._now)
        if named.made:
            self.made.append(named.made)
        return named.authority


def rows_of(columns: Columns) -> list[dict[str, str]] | None:
    """Names in three columns as things with labels; None when columns that hold something name unequal numbers."""
    lists = {
        tag: names
        for tag, text in zip(LANGUAGES, columns, strict=True)
        if set(names := _split(text)) - {UNNAMED}
    }
    if len({len(names) for names in lists.values()}) > 1:
        return None
    rows = [
        {tag: name for tag, name in zip(lists, row, strict=True) if name != UNNAMED}
        for row in zip(*lists.values(), strict=True)
    ]
    return [row for row in rows if row]


def _columns(links: Iterable[Link]) -> Columns:
    """A column of names for each language; one in which nothing is named is empty."""
    rows = [_shown(link) for link in links]
    return tuple(
        "\n".join(row.get(tag, UNNAMED) for row in rows) if any(tag in row for row in rows) else ""
        for tag in LANGUAGES
    )


def _shown(link: Link) -> dict[str, str]:
    """The labels that fit into the columns; one of no known language goes where it most likely belongs."""
    labels = {tag: _name(link.labels[tag]) for tag in LANGUAGES if link.labels.get(tag)}
    if labels or not link.labels:
        return labels
    text = next(iter(link.labels.values()))
    guess = language_of(text)
    return {guess if guess in LANGUAGES else LANGUAGES[0]: _name(text)}


def _name(text: str) -> str:
    return " ".join(SEPARATORS.sub(",", text).split())


def _split(text: str, separators: re.Pattern[str] = SEPARATORS) -> list[str]:
    return [name for part in separators.split(text) if (name := " ".join(part.split()))]


def _tidy(stem: str, text: str) -> str:
    plain = tidy(text, in_one_line=stem in LINES)
    if is_too_long(text):
        return plain
    if stem in LISTS:
        return "\n".join(_split(plain, KEYWORD_SEPARATORS))
    if stem in NAMES:
        return "\n".join(_split(plain))
    if stem == "taken_at" and (found := DOTTED.fullmatch(plain)):
        day, month, year, rest = found.groups()  # as it is written here: 12.05.2026
        return f"{year}-{month:0>2}-{day:0>2}{rest}"
    return plain


def _spelled(taken: Taken) -> str:
    """The date as a person would write it: 2026-05-12 11:20:00 +02:00."""
    if taken.precision in {Precision.MINUTE, Precision.SECOND}:
        return f"{taken.text.replace('T', ' ')} {taken.offset or ''}".strip()
    return taken.text


def _local(instant: datetime | None, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if instant else ""
