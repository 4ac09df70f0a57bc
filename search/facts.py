"""The exact values and the numbers of an asset: what filters, facets and orders compare."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from archive.model.asset import Asset
from archive.model.description import Description, Link
from archive.model.ids import AuthorityId
from archive.model.multilingual import LANGUAGES, UNDETERMINED
from archive.rights import audiences, facts_of
from archive.text import fold_phrase
from search.fields import LABEL_SEPARATOR, UNLINKED
from search.labels import Authorities, labels_of, occasions, place_words

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RUNNING_BITS = 24
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")
_DURATION_CLASSES = ((30, "0-30s"), (120, "30s-2m"), (600, "2m-10m"), (3600, "10m-1h"))


def microseconds(instant: datetime) -> int:
    """An aware instant as the index counts time: whole microseconds since 1970, UTC."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def running_order(instant: datetime, number: int) -> int:
    """A sort value unique per asset: seconds since 1970 (may be negative), then the asset's running number modulo 2^24."""
    seconds = (instant - _EPOCH) // timedelta(seconds=1)
    return (seconds << _RUNNING_BITS) + number % (1 << _RUNNING_BITS)


def unlinked_value(label: str) -> str:
    """The exact value that stands for a name without an authority."""
    return UNLINKED + fold_phrase(label)


def best_label(labels: Mapping[str, str]) -> str:
    """The label that names an unlinked thing: az, en, ru, else any."""
    return next(
        (labels[tag] for tag in (*LANGUAGES, *labels) if labels.get(tag)),
        "",
    )


def exact_values(
    asset: Asset, said: Description, authorities: Authorities
) -> dict[str, tuple[str, ...]]:
    """Every exact field that says something."""
    values = _exact(asset, said) | _Names(said, authorities).exact()
    return {field: held for field, held in values.items() if held}


class _Names:
    """The exact values of linked and unlinked names, and how the unlinked ones are written (for the facets' labels)."""

    def __init__(self, said: Description, authorities: Authorities) -> None:
        self._authorities = authorities
        self._values: dict[str, dict[str, None]] = {}
        self._labels: dict[str, None] = {}
        for field, links in (
            ("person_id", said.people),
            ("place_id", said.places),
            ("occasion_id", occasions(said)),
        ):
            for link in links:
                self._add(field, link.authority, link.labels)
        for keyword in said.keywords:
            self._add("keyword_id", keyword.authority, {keyword.language: keyword.text})
        linked = self._folds_of_linked(said.places)
        for place in place_words(said):
            if place and fold_phrase(place) not in linked:
                self._add("place_id", None, {UNDETERMINED: place})
        for creator in said.creator:
            self._add("author_id", None, {UNDETERMINED: creator})

    def exact(self) -> dict[str, tuple[str, ...]]:
        return {field: tuple(values) for field, values in self._values.items()} | {
            "label": tuple(self._labels)
        }

    def _add(self, field: str, authority: AuthorityId | None, labels: Mapping[str, str]) -> None:
        value = authority or unlinked_value(best_label(labels))
        if value == UNLINKED:
            return
        self._values.setdefault(field, {})[value] = None
        if not authority:
            for tag, label in labels.items():
                self._labels[LABEL_SEPARATOR.join((field, value, tag, label))] = None

    def _folds_of_linked(self, links: Iterable[Link]) -> set[str]:
        return {
            fold_phrase(label)
            for link in links
            if link.authority
            for _, label in labels_of(link, self._authorities)
        }


def _exact(asset: Asset, said: Description) -> dict[str, tuple[str, ...]]:
    embargoed = ("embargoed",) if asset.embargo_until else ()
    return {
        "id": (asset.id,),
        "type": (asset.type.value,),
        "orientation": _orientation(asset.width, asset.height),
        "rights": (fold_phrase(said.licence),) if said.licence else (),
        "lang": _languages(said),
        "collection_id": tuple(asset.collections),
        "duration_class": _duration_class(asset.duration_seconds),
        "has": _has(said),
        "is": (asset.visibility.value, asset.state.value, *embargoed),
        "audience": tuple(sorted(audiences(facts_of(asset)))),
    }


def _orientation(width: int | None, height: int | None) -> tuple[str, ...]:
    if not width or not height:
        return ()
    return ("square" if width == height else "landscape" if width > height else "portrait",)


def _languages(said: Description) -> tuple[str, ...]:
    """The languages its title, headline or caption is written in."""
    fields = (said.title, said.headline, said.description)
    return tuple(sorted({tag for field in fields for tag, _ in field if tag != UNDETERMINED}))


def _duration_class(seconds: float | None) -> tuple[str, ...]:
    if seconds is None:
        return ()
    return (next((name for most, name in _DURATION_CLASSES if seconds <= most), "1h-"),)


def _has(said: Description) -> tuple[str, ...]:
    present = {
        "title": said.title,
        "caption": said.description,
        "keyword": said.keywords,
        "person": said.people,
        "place": said.places or any(place_words(said)),
        "event": said.occasion,
        "author": said.creator,
        "date": said.taken,
    }
    return tuple(name for name, value in present.items() if value)


def numbers(asset: Asset, said: Description) -> dict[str, int]:
    """Every number field that says something."""
    taken = said.taken
    found: dict[str, int | None] = {
        "order": running_order(taken.earliest if taken else asset.deposited_at, asset.number),
        "added": running_order(asset.deposited_at, asset.number),
        "revision": asset.revision,
        "width": asset.width,
        "height": asset.height,
        "duration": None if asset.duration_seconds is None else round(asset.duration_seconds),
        "embargo_until": microseconds(asset.embargo_until) if asset.embargo_until else None,
    }
    if taken:
        year, month = _year_month(taken.text, taken.earliest)
        found |= {"date": microseconds(taken.earliest), "date_end": microseconds(taken.latest)}
        found |= {"year": year, "month": year * 100 + month if month else None}
    return {name: number for name, number in found.items() if number is not None}


def _year_month(text: str, earliest: datetime) -> tuple[int, int | None]:
    """Of the wall clock at the place, as people remember a date."""
    if found := _DATE.match(text):
        return int(found[1]), int(found[2]) if found[2] else None
    return earliest.year, None
