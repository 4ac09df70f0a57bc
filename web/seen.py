"""A collection as one viewer sees it now: its words, and a page of the members they may discover."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import g

from archive.errors import Invalid, NotFound
from archive.model.asset import Asset
from archive.model.collection import Collection, Member
from archive.model.ids import CollectionId, is_id
from web.parts import parts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = re.compile("[0-9]{1,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`assets` stand at `positions`; `next` is the place behind which the next page begins, None at the end; `left` are there."""

    collection: Collection
    count: int
    cover: Asset | None
    assets: tuple[Asset, ...]
    positions: tuple[int, ...]
    next: int | None
    left: int


def seen_collection(name: str, *, after: int = 0, limit: int) -> Seen:
    """The collection of this id or address; NotFound where there is none, or nothing in it for a visitor who is not staff."""
    now = parts().clock()
    with parts().catalogue.reading() as tx:
        held = tx.collections.resolve(name)
        count = tx.collections.count_visible(held.id, g.agent, now)
        if not count and not g.agent.is_staff:
            raise NotFound(f"no collection {name}")
        members = tx.collections.visible_members(
            held.id, g.agent, now, after=after, limit=limit + 1
        )
        following = shown_last(members, limit)
        left = (
            tx.collections.count_visible(held.id, g.agent, now, after=following)
            if following is not None
            else 0
        )
        cover = tx.collections.cover(held.id, g.agent, now)
        shown = members[:limit]
        found = tx.assets.find([*(one.asset for one in shown), *([cover] if cover else [])])
    return Seen(
        collection=held,
        count=count,
        cover=found.get(cover) if cover else None,
        assets=tuple(found[one.asset] for one in shown),
        positions=tuple(one.position for one in shown),
        next=following,
        left=left,
    )


def shown_last(members: Sequence[Member], limit: int) -> int | None:
    """The place of the last one shown, when there are more."""
    return members[limit - 1].position if len(members) > limit else None


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
