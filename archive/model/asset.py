"""The asset: the thing catalogued, with its original, metadata, rights and renditions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from archive.model.description import MULTILINGUAL_FIELDS, Description
from archive.model.ids import AgentId, AssetId, CollectionId
from archive.model.rendition import Playable, Profile, Rendition


class AssetType(StrEnum):
    """What kind of material it is."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"


class Visibility(StrEnum):
    """Who may find it, the embargo apart."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """How far the house has come with it; derived, never stored."""

    PROCESSING = "processing"
    READY = "ready"
    ATTENTION = "attention"


class Reason(StrEnum):
    """Why a file was refused or needs attention: the one list of the outer contract, one sentence each in three languages."""

    EMPTY = "empty"
    NOT_MEDIA = "not-media"
    DISGUISED = "disguised"
    UNSUPPORTED = "unsupported"
    UNSUPPORTED_CODEC = "unsupported-codec"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    POLYGLOT = "polyglot"
    TOO_LARGE = "too-large"
    FIXITY_MISMATCH = "fixity-mismatch"
    OVER_BUDGET = "over-budget"
    NO_SAFE_DECODER = "no-safe-decoder"
    TOO_MANY = "too-many"
    NO_ROOM = "no-room"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why an asset needs attention: the reason people read, a finer code, and the tool's last words for the archivist."""

    reason: Reason
    detail: str | None = None
    tail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The bytes as received. `key` is their place in the object store; `filename` is exact, never normalised.

    `filename_bytes` holds the name's octets (base64) when they were not UTF-8; digests are lower-case hex.
    """

    key: str
    filename: str
    size_bytes: int
    sha256: str
    sha512: str
    media_type: str
    extension: str
    tag: str
    puid: str | None = None
    filename_bytes: str | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What examining an original brought to light.

    `technical` keeps every reader's raw word, for ever; `chosen` is what our rules picked. `flags` are worth knowing and ask
    for nothing; `trouble` is set when the material itself is at fault. Sizes in pixels of the upright picture. `type` corrects
    the kind of material where a closer look says so (a film's container that holds sound only).
    """

    chosen: Description
    technical: Mapping[str, Any]
    tools: tuple[str, ...]
    type: AssetType | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    flags: tuple[str, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One asset as the catalogue knows it now; every change is a new value with `revision` raised by the catalogue.

    `edited` is the layer people wrote, in the JSON form of Description; `description` lays it over `chosen`.
    """

    id: AssetId
    number: int
    revision: int
    type: AssetType
    owner: AgentId
    original: Original
    deposited_at: datetime
    visibility: Visibility = Visibility.DRAFT
    chosen: Description = field(default_factory=Description)
    edited: Mapping[str, Any] = field(default_factory=dict)
    embargo_until: datetime | None = None
    published_at: datetime | None = None
    withdrawn_reason: str | None = None
    examined_at: datetime | None = None
    flags: tuple[str, ...] = ()
    trouble: Trouble | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    placeholder: str | None = None
    colour: str | None = None
    renditions: tuple[Rendition, ...] = ()
    collections: tuple[CollectionId, ...] = ()
    batch: str | None = None
    language: str | None = None

    @property
    def description(self) -> Description:
        """What is shown, searched and delivered: people's words over the chosen ones."""
        return (
            Description.from_json(merge(self.chosen.to_json(), self.edited))
            if self.edited
            else self.chosen
        )

    @property
    def state(self) -> State:
        """Derived: trouble asks for attention; ready when examined and every rendition of its type is there."""
        if self.trouble:
            return State.ATTENTION
        made = {rendition.profile for rendition in self.renditions}
        done = self.examined_at is not None and self.original.verified_at is not None
        return State.READY if done and made >= required_profiles(self.type) else State.PROCESSING

    @property
    def is_mismatched(self) -> bool:
        """Whether the original was found to be other bytes than were received; only a fixity check may take that back."""
        return self.trouble is not None and self.trouble.reason is Reason.FIXITY_MISMATCH

    def rendition(self, profile: str) -> Rendition | None:
        """The rendition of this profile, or None when it is not made."""
        return next((made for made in self.renditions if made.profile == profile), None)

    def examined(self, findings: Findings, at: datetime) -> "Asset":
        """A copy that knows what the examination found; what people wrote stays, and so does a broken fixity."""
        return replace(
            self,
            type=findings.type or self.type,
            chosen=findings.chosen,
            examined_at=at,
            flags=tuple(sorted({*self.flags, *findings.flags})),
            trouble=self.trouble if self.is_mismatched else findings.trouble,
            width=findings.width,
            height=findings.height,
            duration_seconds=findings.duration_seconds,
        )


STILLS = frozenset({Profile.PREVIEW, Profile.THUMBNAIL})
REQUIRED: Mapping[AssetType, frozenset[str]] = {
    AssetType.PHOTO: STILLS,
    AssetType.VIDEO: frozenset({Playable.LADDER, Playable.POSTER, *STILLS}),
    AssetType.AUDIO: frozenset({Playable.AUDIO, Playable.WAVEFORM}),
}


def required_profiles(kind: AssetType) -> frozenset[str]:
    """The renditions without which an asset of this type is not ready."""
    return REQUIRED[kind]


def merge(chosen: Mapping[str, Any], edited: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the edited layer over the chosen one (RFC 7396): languages merge by tag, None removes, all else replaces."""
    merged = dict(chosen)
    for name, value in edited.items():
        if value is None:
            merged.pop(name, None)
        elif name in MULTILINGUAL_FIELDS:
            below = merged.get(name, {})
            laid = {tag: value.get(tag, below.get(tag)) for tag in {**below, **value}}
            merged[name] = {tag: kept for tag, kept in laid.items() if kept is not None}
        else:
            merged[name] = value
    return merged
