"""The descriptive metadata of an asset: what is shown, who and where, in three languages (IPTC Photo Metadata 2024.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from archive.model.ids import AuthorityId
from archive.model.multilingual import UNDETERMINED, Multilingual
from archive.model.taken import Taken

MULTILINGUAL_FIELDS = (
    "title",
    "headline",
    "description",
    "alt_text",
    "extended_description",
    "credit",
    "copyright",
    "usage_terms",
)
TEXT_FIELDS = (
    "creator_job",
    "description_writer",
    "source",
    "instructions",
    "job_id",
    "digital_source_type",
    "web_statement",
    "licence",
    "data_mining",
    "city",
    "sublocation",
    "state",
    "country",
    "country_code",
    "genre",
    "urgency",
    "event_id",
    "image_guid",
)
LIST_FIELDS = ("creator", "scene", "subject_codes")
LINK_FIELDS = ("people", "organisations", "places_created", "places_shown")
PROTECTED_FIELDS = ("coordinates", "instructions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A subject word as found; `language` is `und` when nobody said it and it cannot be told."""

    text: str
    source: str
    language: str = UNDETERMINED
    authority: AuthorityId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A person, organisation, place or occasion: its labels as they read when assigned, and its authority if matched."""

    labels: Mapping[str, str]
    source: str
    authority: AuthorityId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """Where the camera stood, WGS 84; decimal degrees as text. A protected field: it can endanger a source."""

    latitude: str
    longitude: str
    altitude_metres: str | None = None
    direction_degrees: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Every field an archivist may read. Empty means nobody said anything."""

    title: Multilingual = field(default_factory=Multilingual)
    headline: Multilingual = field(default_factory=Multilingual)
    description: Multilingual = field(default_factory=Multilingual)
    alt_text: Multilingual = field(default_factory=Multilingual)
    extended_description: Multilingual = field(default_factory=Multilingual)
    credit: Multilingual = field(default_factory=Multilingual)
    copyright: Multilingual = field(default_factory=Multilingual)
    usage_terms: Multilingual = field(default_factory=Multilingual)
    keywords: tuple[Keyword, ...] = ()
    people: tuple[Link, ...] = ()
    organisations: tuple[Link, ...] = ()
    places_created: tuple[Link, ...] = ()
    places_shown: tuple[Link, ...] = ()
    occasion: Link | None = None
    creator: tuple[str, ...] = ()
    scene: tuple[str, ...] = ()
    subject_codes: tuple[str, ...] = ()
    creator_job: str | None = None
    description_writer: str | None = None
    source: str | None = None
    instructions: str | None = None
    job_id: str | None = None
    digital_source_type: str | None = None
    web_statement: str | None = None
    licence: str | None = None
    data_mining: str | None = None
    city: str | None = None
    sublocation: str | None = None
    state: str | None = None
    country: str | None = None
    country_code: str | None = None
    genre: str | None = None
    urgency: str | None = None
    event_id: str | None = None
    image_guid: str | None = None
    rating: int | None = None
    taken: Taken | None = None
    coordinates: Coordinates | None = None

    @property
    def places(self) -> tuple[Link, ...]:
        """Places shown, then places where the camera stood, each once."""
        shown = {link.authority or tuple(sorted(link.labels.items())) for link in self.places_shown}
        rest = (
            link
            for link in self.places_created
            if (link.authority or tuple(sorted(link.labels.items()))) not in shown
        )
        return (*self.places_shown, *rest)

    def to_json(self) -> dict[str, Any]:
        """The fields that say something, as plain JSON; the same facts give the same document."""
        document: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None and value != () and (not isinstance(value, Multilingual) or value):
                document[item.name] = _field_to_json(value)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Description":
        """Read what `to_json` wrote."""
        return cls(**{name: _field_from_json(name, value) for name, value in document.items()})


def _field_to_json(value: Any) -> Any:
    match value:
        case Multilingual() | Taken():
            return value.to_json()
        case Keyword() | Link() | Coordinates():
            return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        case tuple():
            return [_field_to_json(item) for item in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _field_from_json(name: str, value: Any) -> Any:
    if name in MULTILINGUAL_FIELDS:
        return Multilingual.from_json(value)
    if name in LINK_FIELDS:
        return tuple(Link(**item) for item in value)
    match name:
        case "keywords":
            return tuple(Keyword(**item) for item in value)
        case "occasion":
            return Link(**value)
        case "taken":
            return Taken.from_json(value)
        case "coordinates":
            return Coordinates(**value)
        case _:
            return tuple(value) if name in LIST_FIELDS else value
