"""Assets in the catalogue: read whole, saved whole, refused when stale."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, or_, select, update

from archive.catalogue.holding import held
from archive.catalogue.housekeeping import IndexDue
from archive.catalogue.servable import Servable, servable
from archive.catalogue.tables import (
    asset_authorities,
    assets,
    collection_assets,
    findings,
    originals,
    renditions,
)
from archive.catalogue.upsert import insert_or_update
from archive.errors import NotFound, Stale
from archive.model.asset import (
    Asset,
    AssetType,
    Findings,
    Original,
    Reason,
    Trouble,
    Visibility,
    required_profiles,
)
from archive.model.description import LINK_FIELDS, Description
from archive.model.ids import AgentId, AssetId, CollectionId
from archive.model.rendition import Rendition
from archive.rights import Facts

CHUNK = 500  # SQLite takes at most some thousands of bound values in one statement


class Assets:
    """Reads and saves assets; every save puts the asset down for the index with its new revision."""

    def __init__(self, connection: Connection, index_due: IndexDue) -> None:
        self._connection = connection
        self._index_due = index_due

    def add(self, asset: Asset) -> Asset:
        """Add a new asset (its original is there); gives it its running number."""
        added = self._connection.execute(assets.insert().values(_columns(asset) | {"id": asset.id}))
        self._index_due.put(asset.id, asset.revision)
        number, *_ = added.inserted_primary_key or (0,)
        return replace(asset, number=number)

    def get(self, asset: AssetId) -> Asset:
        """One asset; NotFound when there is none."""
        found = self.find([asset])
        if asset not in found:
            raise NotFound(f"no asset {asset}")
        return found[asset]

    def servable(self, asset: AssetId, profile: str | None = None) -> Servable:
        """What sending its original, or with `profile` that rendition, rests on; NotFound when there is no such asset."""
        return servable(self._connection, asset, profile)

    def find(self, wanted: Iterable[AssetId]) -> dict[AssetId, Asset]:
        """The assets of these ids that exist; held against other writers in a transaction that may change them."""
        ids = sorted(set(wanted))
        found: dict[AssetId, Asset] = {}
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            rows = _whole().where(assets.c.id.in_(chunk)).order_by(assets.c.id)
            for asset in self._read(held(self._connection, rows, of=assets)):
                found[asset.id] = asset
        return found

    def after(self, asset: AssetId | None, limit: int) -> list[Asset]:
        """The next assets by id, for going through all of them."""
        rows = _whole().order_by(assets.c.id).limit(limit)
        return self._read(rows.where(assets.c.id > asset) if asset else rows)

    def in_the_middle(self, asset: AssetId | None, limit: int) -> list[Asset]:
        """As `after`, of assets without trouble that lack something: examination, first check, or a required rendition."""
        lacking: list[ColumnElement[bool]] = [
            assets.c.examined_at.is_(None),
            originals.c.verified_at.is_(None),
        ]
        for kind in AssetType:
            required = sorted(required_profiles(kind))
            made = select(func.count()).where(
                renditions.c.asset == assets.c.id, renditions.c.profile.in_(required)
            )
            lacking.append((assets.c.type == kind) & (made.scalar_subquery() < len(required)))
        rows = _whole().where(assets.c.trouble.is_(None), or_(*lacking)).order_by(assets.c.id)
        return self._read((rows.where(assets.c.id > asset) if asset else rows).limit(limit))

    def revisions(self) -> Iterator[tuple[AssetId, int]]:
        """Every asset's id and revision, by id."""
        rows = select(assets.c.id, assets.c.revision).order_by(assets.c.id)
        for row in self._connection.execute(rows):
            yield AssetId(row.id), row.revision

    def digests(self) -> Iterator[tuple[str, str]]:
        """The key and SHA-256 (hex) of every original and rendition."""
        for table in (originals, renditions):
            yield from self._connection.execute(select(table.c.key, table.c.sha256)).tuples()

    def holding(self, digests: Iterable[str]) -> dict[str, list[tuple[AssetId, Facts]]]:
        """SHA-256 (hex) → assets that hold these bytes, with the facts that say who may know."""
        wanted = list(dict.fromkeys(digests))
        held: dict[str, list[tuple[AssetId, Facts]]] = {}
        columns = (
            originals.c.sha256,
            assets.c.id,
            assets.c.owner,
            assets.c.visibility,
            assets.c.embargo_until,
        )
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            rows = select(*columns).join(assets, assets.c.id == originals.c.asset)
            for row in self._connection.execute(rows.where(originals.c.sha256.in_(chunk))):
                facts = Facts(
                    owner=AgentId(row.owner),
                    visibility=Visibility(row.visibility),
                    embargo_until=row.embargo_until,
                )
                held.setdefault(row.sha256, []).append((AssetId(row.id), facts))
        return held

    def save(self, asset: Asset) -> Asset:
        """Keep a changed asset; Stale when somebody saved since it was read. Returns it with its new revision."""
        saved = replace(asset, revision=asset.revision + 1)
        mine = (assets.c.id == asset.id) & (assets.c.revision == asset.revision)
        if not self._connection.execute(
            update(assets).where(mine).values(_columns(saved))
        ).rowcount:
            raise Stale(f"asset {asset.id} changed since revision {asset.revision}")
        self._link_authorities(saved)
        self._index_due.put(saved.id, saved.revision)
        return saved

    def touch(self, wanted: Iterable[AssetId]) -> None:
        """Raise the revision of these assets, because what surrounds them changed; each is put down for the index."""
        ids = list(dict.fromkeys(wanted))
        for start in range(0, len(ids), CHUNK):
            here = assets.c.id.in_(ids[start : start + CHUNK])
            in_order = select(assets.c.id).where(here).order_by(assets.c.id)
            self._connection.execute(held(self._connection, in_order))
            raised = update(assets).where(here).values(revision=assets.c.revision + 1)
            self._connection.execute(raised)
            for row in self._connection.execute(select(assets.c.id, assets.c.revision).where(here)):
                self._index_due.put(AssetId(row.id), row.revision)

    def set_rendition(self, asset: AssetId, made: Rendition) -> str | None:
        """Record a rendition in the place of its predecessor; returns the predecessor's key, which may be removed."""
        here = (renditions.c.asset == asset) & (renditions.c.profile == made.profile)
        former = self._connection.execute(select(renditions.c.key).where(here)).scalar()
        row = asdict(made) | {"asset": asset}
        insert_or_update(self._connection, renditions, row, keys=("asset", "profile"))
        return former if former != made.key else None

    def drop_renditions(self, asset: AssetId, prefix: str) -> list[str]:
        """Forget the renditions whose profile begins with `prefix`; returns their keys, which may be removed."""
        begins = renditions.c.profile.startswith(prefix, autoescape=True)
        here = (renditions.c.asset == asset) & begins
        keys = self._connection.execute(select(renditions.c.key).where(here)).scalars().all()
        self._connection.execute(delete(renditions).where(here))
        return list(keys)

    def keep_findings(self, asset: AssetId, found: Findings, at: Any) -> None:
        """Keep every reader's raw word."""
        row = {"asset": asset, "technical": found.technical, "tools": list(found.tools), "at": at}
        insert_or_update(self._connection, findings, row, keys=("asset",))

    def note_facts(self, asset: AssetId, facts: Mapping[str, Any]) -> None:
        """Lay what a render measured beside what the readers said; an asset that was never examined keeps none."""
        known = self.technical(asset)
        if known and facts:
            changed = update(findings).where(findings.c.asset == asset)
            self._connection.execute(changed.values(technical=known | dict(facts)))

    def technical(self, asset: AssetId) -> dict[str, Any]:
        """What the readers said, raw; empty before the examination."""
        row = self._connection.execute(
            select(findings.c.technical).where(findings.c.asset == asset)
        )
        return row.scalar() or {}

    def _read(self, rows: Select[Any]) -> list[Asset]:
        found = self._connection.execute(rows).all()
        ids = [row.id for row in found]
        made: dict[str, list[Rendition]] = {}
        if ids:
            for row in self._connection.execute(
                select(renditions).where(renditions.c.asset.in_(ids))
            ):
                made.setdefault(row.asset, []).append(_rendition(row))
        member: dict[str, list[str]] = {}
        if ids:
            members = select(collection_assets).where(collection_assets.c.asset.in_(ids))
            for row in self._connection.execute(members):
                member.setdefault(row.asset, []).append(row.collection)
        return [_asset(row, made.get(row.id, ()), member.get(row.id, ())) for row in found]

    def _link_authorities(self, asset: Asset) -> None:
        said = asset.description
        links = [link for name in LINK_FIELDS for link in getattr(said, name)]
        named = {item.authority for item in (*links, *said.keywords) if item.authority}
        if said.occasion and said.occasion.authority:
            named.add(said.occasion.authority)
        here = asset_authorities.c.asset == asset.id
        self._connection.execute(delete(asset_authorities).where(here))
        if named:
            rows = [{"asset": asset.id, "authority": authority} for authority in sorted(named)]
            self._connection.execute(asset_authorities.insert(), rows)


def _whole() -> Select[Any]:
    of_original = [
        column.label(f"original_{column.name}")
        for column in originals.c
        if column.name in Original.__dataclass_fields__
    ]
    return select(assets, *of_original).join(originals, originals.c.asset == assets.c.id)


def _columns(asset: Asset) -> dict[str, Any]:
    trouble = asset.trouble
    return {
        "revision": asset.revision,
        "type": asset.type,
        "owner": asset.owner,
        "visibility": asset.visibility,
        "chosen": asset.chosen.to_json(),
        "edited": dict(asset.edited),
        "embargo_until": asset.embargo_until,
        "deposited_at": asset.deposited_at,
        "published_at": asset.published_at,
        "withdrawn_reason": asset.withdrawn_reason,
        "examined_at": asset.examined_at,
        "flags": list(asset.flags),
        "trouble": asdict(trouble) if trouble else None,
        "width": asset.width,
        "height": asset.height,
        "duration_seconds": asset.duration_seconds,
        "placeholder": asset.placeholder,
        "colour": asset.colour,
        "batch": asset.batch,
        "language": asset.language,
    }


def _asset(row: Row[Any], made: Sequence[Rendition], member: Sequence[str]) -> Asset:
    return Asset(
        id=AssetId(row.id),
        number=row.number,
        revision=row.revision,
        type=AssetType(row.type),
        owner=AgentId(row.owner),
        original=Original(
            **{name: getattr(row, f"original_{name}") for name in Original.__dataclass_fields__}
        ),
        deposited_at=row.deposited_at,
        visibility=Visibility(row.visibility),
        chosen=Description.from_json(row.chosen),
        edited=row.edited,
        embargo_until=row.embargo_until,
        published_at=row.published_at,
        withdrawn_reason=row.withdrawn_reason,
        examined_at=row.examined_at,
        flags=tuple(row.flags),
        trouble=_trouble(row.trouble),
        width=row.width,
        height=row.height,
        duration_seconds=row.duration_seconds,
        placeholder=row.placeholder,
        colour=row.colour,
        renditions=tuple(made),
        collections=tuple(CollectionId(one) for one in member),
        batch=row.batch,
        language=row.language,
    )


def _trouble(document: dict[str, Any] | None) -> Trouble | None:
    if document is None:
        return None
    return Trouble(
        reason=Reason(document["reason"]), detail=document["detail"], tail=document["tail"]
    )


def _rendition(row: Row[Any]) -> Rendition:
    return Rendition(
        profile=row.profile,
        recipe=row.recipe,
        key=row.key,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        made_at=row.made_at,
    )
