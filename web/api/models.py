"""What the API takes and gives: these models validate, and the OpenAPI document is made from them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(max_length=32_000)]
Language = Literal["az", "en", "ru"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
LONGEST_LIST = 500


class Model(BaseModel):
    """Closed: an unknown field is an error that is named."""

    model_config = ConfigDict(extra="forbid")


class Languages(Model):
    """One text per language; null removes."""

    az: Text | None = None
    en: Text | None = None
    ru: Text | None = None


class KeywordLists(Model):
    """Keywords per language, each list replacing the whole."""

    az: Annotated[list[Text], Field(max_length=LONGEST_LIST)] | None = None
    en: Annotated[list[Text], Field(max_length=LONGEST_LIST)] | None = None
    ru: Annotated[list[Text], Field(max_length=LONGEST_LIST)] | None = None


class NamedEdit(Model):
    """A person, organisation, place or event: by the id of its authority, or by its labels."""

    id: Text | None = None
    label: Languages | None = None


class AssetPatch(Model):
    """A merge patch (RFC 7396) of descriptive metadata and rights: what is absent stays, null removes."""

    title: Languages | None = None
    headline: Languages | None = None
    description: Languages | None = None
    alt_text: Languages | None = None
    extended_description: Languages | None = None
    credit: Languages | None = None
    copyright: Languages | None = None
    usage_terms: Languages | None = None
    keywords: KeywordLists | None = None
    people: Annotated[list[NamedEdit], Field(max_length=LONGEST_LIST)] | None = None
    organisations: Annotated[list[NamedEdit], Field(max_length=LONGEST_LIST)] | None = None
    places: Annotated[list[NamedEdit], Field(max_length=LONGEST_LIST)] | None = None
    occasion: NamedEdit | None = None
    creator: Annotated[list[Text], Field(max_length=50)] | None = None
    creator_job: Text | None = None
    source: Text | None = None
    instructions: Text | None = None
    job_id: Text | None = None
    web_statement: Text | None = None
    licence: Text | None = None
    city: Text | None = None
    sublocation: Text | None = None
    state_or_province: Text | None = None
    country: Text | None = None
    country_code: Text | None = None
    rating: Annotated[int, Field(ge=-1, le=5)] | None = None
    taken_at: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description="EDTF level 1, or an ISO 8601 date and time with offset"
    )
    embargo_until: datetime | None = Field(default=None, description="An instant with its offset")


class Withdrawal(Model):
    """Why an asset is taken back."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
LONGEST_TITLE = 300
LARGEST_POSITION = 1_000_000_000


Short = Annotated[str, StringConstraints(max_length=LONGEST_TITLE)]


class Titles(Model):
    """One short text per language; null removes."""

    az: Short | None = None
    en: Short | None = None
    ru: Short | None = None


class CollectionNew(Model):
    """A new collection. Without `slug` its address is made from the title."""

    title: Titles
    text: Languages | None = None
    slug: Slug | None = None


class CollectionPatch(Model):
    """A merge patch (RFC 7396): what is absent stays, null removes."""

    title: Titles | None = None
    text: Languages | None = None
    slug: Slug | None = None


class Placing(Model):
    """Where an asset stands in a collection; without a position at the end, or where it is already."""

    position: Annotated[int, Field(ge=1, le=LARGEST_POSITION)] | None = None


class DigestsToCheck(Model):
    """SHA-256 digests, lower-case hex."""

    sha256: Annotated[list[Sha256], Field(max_length=1000)]


class Held(Model):
    """The digests that are held already, each with the asset that holds it."""

    held: dict[str, str]


class Named(BaseModel):
    """A linked or free name: `id` is null until it is matched with an authority."""

    id: str | None
    label: dict[str, str]


class RenditionOut(BaseModel):
    """A made file."""

    profile: str
    width: int
    height: int
    media_type: str
    url: str


class Coordinates(BaseModel):
    """WGS 84, decimal degrees as text."""

    latitude: str
    longitude: str
    altitude_metres: str | None = None
    direction_degrees: str | None = None


class WorkOut(BaseModel):
    """Work that waits or runs: how far it is (0 to 1) and how long it will take. Who may not describe sees no more."""

    progress: float | None
    remaining_seconds: float | None
    id: str | None = Field(default=None, description="protected")
    order: str | None = Field(default=None, description="protected")
    state: Literal["ready", "running", "parked", "cancelled"] | None = Field(
        default=None, description="protected"
    )


class AssetOut(BaseModel):
    """One asset. Protected fields are absent, not null, for those who may not see them."""

    id: str
    revision: int
    type: Literal["photo", "video", "audio"]
    state: Literal["processing", "ready", "attention"]
    reason: str | None
    reason_text: str | None
    detail: str | None
    flags: list[str]
    visibility: Literal["draft", "published", "withdrawn"]
    title: dict[str, str]
    headline: dict[str, str]
    description: dict[str, str]
    alt_text: dict[str, str]
    extended_description: dict[str, str]
    keywords: dict[str, list[str]]
    people: list[Named]
    organisations: list[Named]
    places: list[Named]
    places_created: list[Named]
    places_shown: list[Named]
    occasion: Named | None
    taken_at: str | None
    taken: dict[str, Any] | None
    deposited_at: datetime
    published_at: datetime | None
    creator: str | None = Field(description="All creators, joined by a semicolon")
    creators: list[str]
    creator_job: str | None
    description_writer: str | None
    credit: str | None
    credit_by_language: dict[str, str]
    copyright: dict[str, str]
    usage_terms: dict[str, str]
    source: str | None
    city: str | None
    sublocation: str | None
    state_or_province: str | None
    country: str | None
    country_code: str | None
    urgency: str | None
    genre: str | None
    scene: list[str]
    subject_codes: list[str]
    job_id: str | None
    event_id: str | None
    digital_source_type: str | None
    rating: int | None
    rights: dict[str, Any]
    embargo_until: datetime | None
    collections: list[str]
    width: int | None
    height: int | None
    duration_seconds: float | None
    size_bytes: int
    sha256: str
    media_type: str
    filename: str
    placeholder: str | None
    colour: str | None
    renditions: list[RenditionOut]
    links: dict[str, str]
    coordinates: Coordinates | None = Field(default=None, description="protected")
    instructions: str | None = Field(default=None, description="protected")
    work: list[WorkOut] | None = Field(
        default=None, description="Of a single asset: what waits or runs"
    )
    stopped: list[WorkOut] | None = Field(
        default=None, description="protected; of a single asset: what was parked or cancelled"
    )
    loudness_lufs: float | None = Field(
        default=None, description="Of a single recording: its loudness by EBU R 128"
    )


class FacetValueOut(BaseModel):
    """One value of a facet, with the number of hits that choosing it would give."""

    value: str
    label: str
    count: int


class NoteOut(BaseModel):
    """What was understood differently from what was typed."""

    code: str
    text: str
    facts: dict[str, Any]


class SearchOut(BaseModel):
    """A page of hits."""

    total: int
    items: list[AssetOut]
    facets: dict[str, list[FacetValueOut]]
    next: str | None
    notes: list[NoteOut]


class CoverOut(BaseModel):
    """The picture a collection is shown with: its first member's that has one."""

    asset: str
    url: str
    width: int
    height: int


class CollectionOut(BaseModel):
    """A collection as this viewer sees it: `count` and `cover` are of the assets the viewer may discover.

    `revision` is there for those who may arrange, who name it in If-Match.
    """

    id: str
    slug: str
    revision: int | None = None
    title: dict[str, str]
    text: dict[str, str]
    count: int
    cover: CoverOut | None
    created_at: datetime
    links: dict[str, str]


class CollectionsOut(BaseModel):
    """A page of collections, newest first."""

    items: list[CollectionOut]
    next: str | None


class CollectionWholeOut(CollectionOut):
    """A collection with a page of its assets, in its order."""

    items: list[AssetOut]
    next: str | None


class PlacedOut(BaseModel):
    """Where the asset stands now, counted from 1."""

    collection: str
    asset: str
    position: int


class ProblemOut(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
