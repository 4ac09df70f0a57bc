"""A collection as one viewer sees it now: its words, and a page of the members they may discover."""

from dataclasses import dataclass

from flask import g

from archive.errors import NotFound
from archive.model.asset import Asset
from archive.model.collection import Collection
from web.parts import parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`assets` stand at `positions`; `next` is the place behind which the next page begins, None at the end."""

    collection: Collection
    count: int
    cover: Asset | None
    assets: tuple[Asset, ...]
    positions: tuple[int, ...]
    next: int | None


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
        cover = tx.collections.cover(held.id, g.agent, now)
        shown = members[:limit]
        found = tx.assets.find([*(one.asset for one in shown), *([cover] if cover else [])])
    return Seen(
        collection=held,
        count=count,
        cover=found.get(cover) if cover else None,
        assets=tuple(found[one.asset] for one in shown),
        positions=tuple(one.position for one in shown),
        next=shown[-1].position if len(members) > limit else None,
    )
