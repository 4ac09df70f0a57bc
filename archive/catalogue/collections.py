"""Collections: named, ordered sets of assets; what a viewer sees of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from archive.catalogue.holding import held
from archive.catalogue.tables import assets, collection_assets, collections, renditions
from archive.catalogue.visible import visible_to
from archive.clock import Clock
from archive.errors import NotFound, Stale
from archive.model.agent import Agent
from archive.model.collection import Collection, Listed, Member
from archive.model.ids import AssetId, CollectionId, new_id
from archive.model.rendition import Profile

NEWEST_FIRST = (collections.c.created.desc(), collections.c.id.desc())
SHOWN_BY = (Profile.THUMBNAIL, Profile.PREVIEW)


class Collections:
    """The rows of collections and their members."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(
        self, *, slug: str, title: Mapping[str, str], text: Mapping[str, str] | None = None
    ) -> Collection:
        """Make a collection."""
        now = self._clock()
        made = Collection(
            id=CollectionId(new_id(now)), slug=slug, title=title, text=text or {}, created=now
        )
        row = {"id": made.id, "slug": slug, "title": dict(title), "text": dict(made.text)}
        self._connection.execute(collections.insert().values(row | {"created": now, "revision": 1}))
        return made

    def save(self, changed: Collection) -> Collection:
        """Keep changed words or another address; Stale when it changed since it was read. Returns it with its new revision."""
        row = {
            "slug": changed.slug,
            "title": dict(changed.title),
            "text": dict(changed.text),
            "revision": changed.revision + 1,
        }
        here = (collections.c.id == changed.id) & (collections.c.revision == changed.revision)
        if not self._connection.execute(update(collections).where(here).values(row)).rowcount:
            raise Stale(f"collection {changed.id} changed since revision {changed.revision}")
        return self.resolve(changed.id)

    def remove(self, collection: CollectionId) -> list[AssetId]:
        """Remove a collection; returns the assets that were in it, which stay."""
        members = [member.asset for member in self.members(collection)]
        here = collection_assets.c.collection == collection
        self._connection.execute(delete(collection_assets).where(here))
        self._connection.execute(delete(collections).where(collections.c.id == collection))
        return members

    def resolve(self, name: str) -> Collection:
        """The collection of an id or slug, held where this transaction may change it; NotFound when there is none."""
        here = (collections.c.id == name) | (collections.c.slug == name)
        rows = held(self._connection, select(collections).where(here))
        row = self._connection.execute(rows).first()
        if row is None:
            raise NotFound(f"no collection {name}")
        return _collection(row)

    def is_taken(self, slug: str) -> bool:
        """Whether a collection lives at this address already."""
        here = select(collections.c.id).where(collections.c.slug == slug)
        return self._connection.execute(here).first() is not None

    def find(self, wanted: Sequence[CollectionId]) -> dict[CollectionId, Collection]:
        """The collections of these ids that exist."""
        rows = select(collections).where(collections.c.id.in_(wanted))
        return {CollectionId(row.id): _collection(row) for row in self._connection.execute(rows)}

    def all(self) -> list[Collection]:
        """Every collection, newest first, for those who arrange them."""
        rows = select(collections).order_by(*NEWEST_FIRST)
        return [_collection(row) for row in self._connection.execute(rows)]

    def append(self, collection: CollectionId, asset: AssetId) -> int:
        """Put an asset at the end and return its place; one that is in already stays where it is."""
        here = collection_assets.c.collection == collection
        mine = select(collection_assets.c.position).where(here, collection_assets.c.asset == asset)
        if (position := self._connection.execute(mine).scalar()) is not None:
            return int(position)
        last = select(func.coalesce(func.max(collection_assets.c.position), 0)).where(here)
        place = int(self._connection.execute(last).scalar_one()) + 1
        row = {"collection": collection, "asset": asset, "position": place}
        self._connection.execute(collection_assets.insert().values(row))
        self._raise(collection)
        return place

    def arrange(self, collection: CollectionId, wanted: Sequence[AssetId]) -> None:
        """Give the members this order: the first is at 1. A member that is not named is taken out, a new one put in."""
        held = {member.asset: member.position for member in self.members(collection)}
        here = collection_assets.c.collection == collection
        for position, asset in enumerate(wanted, 1):
            mine = here & (collection_assets.c.asset == asset)
            if asset not in held:
                row = {"collection": collection, "asset": asset, "position": position}
                self._connection.execute(collection_assets.insert().values(row))
            elif held[asset] != position:
                moved = update(collection_assets).where(mine).values(position=position)
                self._connection.execute(moved)
        for asset in held.keys() - set(wanted):
            mine = here & (collection_assets.c.asset == asset)
            self._connection.execute(delete(collection_assets).where(mine))
        self._raise(collection)

    def members(self, collection: CollectionId) -> list[Member]:
        """Every member in order, whoever may see it."""
        rows = _members().where(collection_assets.c.collection == collection)
        return [_member(row) for row in self._connection.execute(rows)]

    def visible_members(
        self,
        collection: CollectionId,
        agent: Agent,
        now: datetime,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Member]:
        """The members that this agent may discover now, in order, from behind the place `after`."""
        rows = _seen(agent, now).where(
            collection_assets.c.collection == collection, collection_assets.c.position > after
        )
        return [_member(row) for row in self._connection.execute(rows.limit(limit))]

    def visible_place(
        self, collection: CollectionId, asset: AssetId, agent: Agent, now: datetime
    ) -> int | None:
        """Where this member stands among all; None when it is none that this agent may discover now."""
        mine = _seen(agent, now).where(
            collection_assets.c.collection == collection, collection_assets.c.asset == asset
        )
        found = self._connection.execute(mine).first()
        return int(found.position) if found else None

    def count_visible(
        self, collection: CollectionId, agent: Agent, now: datetime, *, after: int = 0
    ) -> int:
        """How many members behind the place `after` this agent may discover now."""
        here = collection_assets.c.collection == collection
        seen = _seen(agent, now).where(here, collection_assets.c.position > after).subquery()
        return int(self._connection.execute(select(func.count()).select_from(seen)).scalar_one())

    def list_visible(
        self,
        agent: Agent,
        now: datetime,
        *,
        before: tuple[datetime, CollectionId] | None = None,
        limit: int | None = None,
    ) -> list[Listed]:
        """The collections this agent sees, newest first, from behind the one that was made at `before` under that id.

        Staff see all of them; everybody else those that hold something they may discover.
        """
        seen = _seen(agent, now).subquery()
        counted = (
            select(seen.c.collection, func.count().label("members"))
            .group_by(seen.c.collection)
            .subquery()
        )
        rows = (
            select(collections, func.coalesce(counted.c.members, 0).label("members"))
            .join(counted, counted.c.collection == collections.c.id, isouter=agent.is_staff)
            .order_by(*NEWEST_FIRST)
        )
        if before is not None:
            made, identifier = collections.c.created, collections.c.id
            same = (made == before[0]) & (identifier < before[1])
            rows = rows.where((made < before[0]) | same)
        found = self._connection.execute(rows.limit(limit)).all()
        covers = self._covers([row.id for row in found], agent, now)
        return [
            Listed(collection=_collection(row), count=row.members, cover=covers.get(row.id))
            for row in found
        ]

    def cover(self, collection: CollectionId, agent: Agent, now: datetime) -> AssetId | None:
        """The first member with a picture that this agent may discover now."""
        return self._covers([collection], agent, now).get(collection)

    def _covers(
        self, wanted: Sequence[CollectionId], agent: Agent, now: datetime
    ) -> dict[CollectionId, AssetId]:
        drawn = select(renditions.c.asset).where(renditions.c.profile.in_(SHOWN_BY))
        seen = (
            _seen(agent, now)
            .where(collection_assets.c.collection.in_(wanted), assets.c.id.in_(drawn))
            .subquery()
        )
        first = (
            select(seen.c.collection, func.min(seen.c.position).label("position"))
            .group_by(seen.c.collection)
            .subquery()
        )
        rows = select(seen.c.collection, seen.c.asset).join(
            first,
            (first.c.collection == seen.c.collection) & (first.c.position == seen.c.position),
        )
        return {
            CollectionId(row.collection): AssetId(row.asset)
            for row in self._connection.execute(rows)
        }

    def _raise(self, collection: CollectionId) -> None:
        here = collections.c.id == collection
        raised = update(collections).where(here).values(revision=collections.c.revision + 1)
        self._connection.execute(raised)


def _members() -> Select[Any]:
    return select(collection_assets).order_by(
        collection_assets.c.position, collection_assets.c.asset
    )


def _seen(agent: Agent, now: datetime) -> Select[Any]:
    return (
        _members()
        .join(assets, assets.c.id == collection_assets.c.asset)
        .where(visible_to(agent, now))
    )


def _member(row: Row[Any]) -> Member:
    return Member(asset=AssetId(row.asset), position=row.position)


def _collection(row: Row[Any]) -> Collection:
    return Collection(
        id=CollectionId(row.id),
        slug=row.slug,
        title=row.title,
        text=row.text,
        revision=row.revision,
        created=row.created,
    )
