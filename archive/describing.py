"""Describe: lay what a person wrote over what the file says (RFC 7396 merge patch), refused when stale."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive.catalogue.engine import Catalogue
from archive.catalogue.transaction import Transaction
from archive.errors import Stale
from archive.model.agent import Agent
from archive.model.asset import Asset, Visibility
from archive.model.authority import Authority
from archive.model.description import MULTILINGUAL_FIELDS, Description
from archive.model.event import Event, EventType
from archive.model.ids import AssetId, EventId, new_id
from archive.publishing import SOFTWARE, require
from archive.rights import Act
from archive.text import fold_phrase

UNCHANGED = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A validated edit. `fields` is in the JSON form of Description (None removes); `embargo_until` UNCHANGED leaves it.

    `made` are the authorities that the fields name for the first time: kept with the edit, or not at all.
    """

    fields: Mapping[str, Any]
    embargo_until: Any = UNCHANGED
    made: tuple[Authority, ...] = ()


def describe(  # noqa: PLR0913 - the facts of one act, by keyword
    asset_id: AssetId,
    change: Change,
    *,
    revision: int | None,
    catalogue: Catalogue,
    agent: Agent,
    now: datetime,
    via: str = "api",
) -> Asset:
    """Keep an edit made on `revision` (None: on whatever is there); Stale when somebody saved since."""
    with catalogue.writing() as tx:
        asset = tx.assets.get(asset_id)
        require(agent, asset, Act.DESCRIBE, now)
        change = _without_twins(tx, change)
        if revision is not None and asset.revision != revision:
            raise Stale("somebody changed it since you looked", revision=asset.revision)
        edited = replace(asset, edited=lay_over(asset.edited, change.fields, asset.chosen))
        if change.embargo_until not in {UNCHANGED, asset.embargo_until}:
            if asset.visibility is Visibility.PUBLISHED:  # the press office's word, not the owner's
                require(agent, asset, Act.PUBLISH, now)
            edited = replace(edited, embargo_until=change.embargo_until)
        if edited == asset:
            return asset
        for authority in change.made:
            tx.authorities.save(authority)
        saved = tx.assets.save(edited)
        names = sorted(change.fields)
        if change.embargo_until is not UNCHANGED:
            names.append("embargo_until")
        tx.events.record(
            Event(
                id=EventId(new_id(now)),
                asset=asset.id,
                type=EventType.METADATA_MODIFICATION,
                at=now,
                agent=agent.id,
                software=SOFTWARE,
                detail=", ".join(names),
            )
        )
        tx.audit.record(
            "asset.described", asset.id, agent=agent.id, via=via, detail={"fields": names}
        )
    return saved


def _without_twins(tx: Transaction, change: Change) -> Change:
    """Where another made an authority of the same name since the change was read, that one is linked and none is made."""
    if not change.made:
        return change
    tx.authorities.hold_making()
    twins: dict[str, Authority] = {}
    for made in change.made:
        folds = [fold_phrase(text) for text in made.labels.values()]
        found = tx.authorities.matching(made.kind, folds)
        same = {one.id: one for some in found.values() for one in some}
        if len(same) == 1:
            twins[made.id] = next(iter(same.values()))
    fields = {name: _relinked(value, twins) for name, value in change.fields.items()}
    made_still = tuple(made for made in change.made if made.id not in twins)
    return replace(change, fields=fields, made=made_still)


def _relinked(value: Any, twins: Mapping[str, Authority]) -> Any:
    """A link, or each of several, with its twin's id and labels beside its own."""
    if isinstance(value, list | tuple):
        return [_relinked(one, twins) for one in value]
    if not isinstance(value, Mapping) or value.get("authority") not in twins:
        return value
    twin = twins[value["authority"]]
    return {**value, "labels": {**twin.labels, **value["labels"]}, "authority": twin.id}


def lay_over(
    edited: Mapping[str, Any], fields: Mapping[str, Any], chosen: Description
) -> dict[str, Any]:
    """The edited layer with a change laid over it. A removal (None) is kept: it hides what the file says (`chosen`)."""
    laid = dict(edited)
    for name, value in fields.items():
        if name in MULTILINGUAL_FIELDS and value is not None:
            below = laid.get(name, {})
            if (
                below is None
            ):  # removed whole: a language written now must not bring back the file's others
                below = dict.fromkeys(getattr(chosen, name).values)
            laid[name] = {**below, **value}
        else:
            laid[name] = value
    return laid
