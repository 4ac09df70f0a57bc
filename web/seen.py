"""A collection as one viewer sees it now: its words, and a page of the members they may discover."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import g

from archive.catalogue.transaction import Transaction
from archive.errors import Invalid, NotFound
from archive.model.asset import Asset
from archive.model.collection import Collection
from archive.model.ids import AssetId, CollectionId, is_id
from web.parts import parts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = re.compile("[0-9]{1,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`assets` stand at `positions` among all members, which is for those who arrange to know; `left` more are behind them."""

    collection: Collection
    count: int
    cover: Asset | None
    assets: tuple[Asset, ...]
    positions: tuple[int, ...]
    left: int

    @property
    def next(self) -> AssetId | None:
        """The asset behind which the next page begins, None at the end: a place would count the hidden."""
        return self.assets[-1].id if self.left else None


def seen_collection(name: str, *, after: str = "", place: int = 0, limit: int) -> Seen:
    """The collection of this id or address, from behind the member `after`, or behind a place for those who arrange.

    NotFound where there is none, or nothing in it for a visitor who is not staff; Invalid when `after` is no member they see.
    """
    now = parts().clock()
    with parts().catalogue.reading() as tx:
        held = tx.collections.resolve(name)
        count = tx.collections.count_visible(held.id, g.agent, now)
        if not count and not g.agent.is_staff:
            raise NotFound(f"no collection {name}")
        behind = _behind(tx, held, after, now) if after else place
        shown = tx.collections.visible_members(held.id, g.agent, now, after=behind, limit=limit)
        last = shown[-1].position if shown else behind
        left = tx.collections.count_visible(held.id, g.agent, now, after=last)
        cover = tx.collections.cover(held.id, g.agent, now)
        found = tx.assets.find([*(one.asset for one in shown), *([cover] if cover else [])])
    return Seen(
        collection=held,
        count=count,
        cover=found.get(cover) if cover else None,
        assets=tuple(found[one.asset] for one in shown),
        positions=tuple(one.position for one in shown),
        left=left,
    )


def _behind(tx: Transaction, held: Collection, after: str, now: datetime) -> int:
    place = tx.collections.visible_place(held.id, AssetId(after), g.agent, now)
    if place is None:
        raise Invalid("no member of this collection", field="cursor")
    return place


def cursor_of(held: Collection) -> str:
    """Where the list of collections goes on behind this one, newest first."""
    return f"{(held.created - EPOCH) // timedelta(microseconds=1)}.{held.id}"


def before_of(cursor: str) -> tuple[datetime, CollectionId] | None:
    """What `cursor_of` wrote; None for the beginning, Invalid for what is no cursor."""
    if not cursor:
        return None
    moment, _, identifier = cursor.partition(".")
    if not (CURSOR.fullmatch(moment) and is_id(identifier)):
        raise Invalid("not a cursor of this list", field="cursor")
    return EPOCH + timedelta(microseconds=int(moment)), CollectionId(identifier)
