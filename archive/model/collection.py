"""A collection: a named, ordered set of assets with a public address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.model.ids import AssetId, CollectionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One collection: `slug` is its public address, `title` and `text` say one thing per language.

    `revision` rises with every change of its words, its members or their order.
    """

    id: CollectionId
    slug: str
    title: Mapping[str, str]
    text: Mapping[str, str] = field(default_factory=dict)
    revision: int = 1
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A collection as one viewer sees it: how many members, and the first that has a picture."""

    collection: Collection
    count: int
    cover: AssetId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An asset's place in a collection; places are counted from 1 without gaps."""

    asset: AssetId
    position: int
