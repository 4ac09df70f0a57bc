"""Collections: named, ordered sets of assets."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from archive.catalogue.tables import collection_assets, collections
from archive.clock import Clock
from archive.errors import NotFound
from archive.model.ids import AssetId, CollectionId, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection's name: its slug is the public address, `title` a text per language."""

    id: CollectionId
    slug: str
    title: Mapping[str, str]


class Collections:
    """The rows of collections and their members."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, *, slug: str, title: Mapping[str, str]) -> Collection:
        """Make a collection."""
        now = self._clock()
        made = Collection(id=CollectionId(new_id(now)), slug=slug, title=title)
        row = {"id": made.id, "slug": slug, "title": dict(title), "created": now}
        self._connection.execute(collections.insert().values(row))
        return made

    def resolve(self, name: str) -> Collection:
        """The collection of an id or slug; NotFound when there is none."""
        here = (collections.c.id == name) | (collections.c.slug == name)
        row = self._connection.execute(select(collections).where(here)).first()
        if row is None:
            raise NotFound(f"no collection {name}")
        return Collection(id=CollectionId(row.id), slug=row.slug, title=row.title)

    def find(self, wanted: list[CollectionId]) -> dict[CollectionId, Collection]:
        """The collections of these ids that exist."""
        rows = select(collections).where(collections.c.id.in_(wanted))
        return {
            CollectionId(row.id): Collection(
                id=CollectionId(row.id), slug=row.slug, title=row.title
            )
            for row in self._connection.execute(rows)
        }

    def append(self, collection: CollectionId, asset: AssetId) -> None:
        """Put an asset at the end; one that is in already stays where it is."""
        here = collection_assets.c.collection == collection
        mine = select(collection_assets.c.asset).where(here, collection_assets.c.asset == asset)
        if self._connection.execute(mine).first():
            return
        last = select(func.coalesce(func.max(collection_assets.c.position), 0)).where(here)
        position = self._connection.execute(last).scalar_one() + 1
        row = {"collection": collection, "asset": asset, "position": position}
        self._connection.execute(collection_assets.insert().values(row))
