"""What sending bytes rests on, in one query: the facts of rights of an asset, and where the bytes asked for lie."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, literal, select

from archive.catalogue.tables import assets, originals, renditions
from archive.errors import NotFound
from archive.model.asset import Visibility
from archive.model.ids import AgentId, AssetId
from archive.rights import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One object: its key, size, media type and SHA-256 (hex); an original's name as received."""

    key: str
    size_bytes: int
    media_type: str
    sha256: str
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Servable:
    """What may be sent of an asset, once its facts allow it; `held` is None when there is no such rendition."""

    facts: Facts
    held: Held | None


def servable(connection: Connection, asset: AssetId, profile: str | None) -> Servable:
    """The original of an asset, or with `profile` that rendition; NotFound when there is no such asset."""
    rows = _original() if profile is None else _rendition()
    row = connection.execute(rows, {"wanted": asset, "wanted_profile": profile}).first()
    if row is None:
        raise NotFound(f"no asset {asset}")
    facts = Facts(
        owner=AgentId(row.owner),
        visibility=Visibility(row.visibility),
        embargo_until=row.embargo_until,
    )
    if row.key is None:
        return Servable(facts=facts, held=None)
    held = Held(**{name: getattr(row, name) for name in Held.__dataclass_fields__})
    return Servable(facts=facts, held=held)


# Every request for bytes asks one of these: building the statement would cost more than the database's answer.
@cache
def _original() -> Select[Any]:
    found = _facts(originals, originals.c.filename).join(
        originals, originals.c.asset == assets.c.id
    )
    return found.where(assets.c.id == bindparam("wanted"))


@cache
def _rendition() -> Select[Any]:
    nameless = literal(None).label("filename")
    here = (renditions.c.asset == assets.c.id) & (
        renditions.c.profile == bindparam("wanted_profile")
    )
    # An asset without its original is not there yet.
    found = _facts(renditions, nameless).join(originals, originals.c.asset == assets.c.id)
    return found.outerjoin(renditions, here).where(assets.c.id == bindparam("wanted"))


def _facts(table: Any, filename: Any) -> Select[Any]:
    return select(
        assets.c.owner,
        assets.c.visibility,
        assets.c.embargo_until,
        table.c.key,
        table.c.size_bytes,
        table.c.media_type,
        table.c.sha256,
        filename,
    ).select_from(assets)
