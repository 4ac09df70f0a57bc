"""Publish and withdraw: one transaction each, decided by the rights, remembered as an event and an audit row."""

from dataclasses import replace
from datetime import datetime

from archive.catalogue.engine import Catalogue
from archive.errors import Forbidden, Invalid, NotFound
from archive.model.agent import Agent
from archive.model.asset import Asset, Visibility
from archive.model.event import Event, EventType
from archive.model.ids import AssetId, EventId, new_id
from archive.rights import Act, decide, facts_of

SOFTWARE = "Mediateka"


def publish(
    asset_id: AssetId, *, catalogue: Catalogue, agent: Agent, now: datetime, via: str = "api"
) -> Asset:
    """Make an asset findable by all (its embargo apart); one that is published stays so.

    Raises NotFound when the agent may not even see it, Forbidden when not publish it.
    """
    return _change(
        asset_id, Visibility.PUBLISHED, catalogue=catalogue, agent=agent, now=now, via=via
    )


def withdraw(
    asset_id: AssetId,
    *,
    reason: str,
    catalogue: Catalogue,
    agent: Agent,
    now: datetime,
    via: str = "api",
) -> Asset:
    """Take an asset back from the public, with a reason; Invalid without one, otherwise as `publish`."""
    if not reason.strip():
        raise Invalid("a withdrawal needs a reason", field="reason")
    return _change(
        asset_id,
        Visibility.WITHDRAWN,
        catalogue=catalogue,
        agent=agent,
        now=now,
        via=via,
        reason=reason.strip(),
    )


def _change(  # noqa: PLR0913 - the facts of one act, by keyword
    asset_id: AssetId,
    visibility: Visibility,
    *,
    catalogue: Catalogue,
    agent: Agent,
    now: datetime,
    via: str,
    reason: str | None = None,
) -> Asset:
    published = visibility is Visibility.PUBLISHED
    with catalogue.writing() as tx:
        asset = tx.assets.get(asset_id)
        require(agent, asset, Act.PUBLISH if published else Act.WITHDRAW, now)
        if asset.visibility is visibility:
            return asset
        saved = tx.assets.save(
            replace(
                asset,
                visibility=visibility,
                published_at=(asset.published_at or now) if published else asset.published_at,
                withdrawn_reason=reason,
            )
        )
        tx.events.record(
            Event(
                id=EventId(new_id(now)),
                asset=asset.id,
                type=EventType.PUBLICATION if published else EventType.WITHDRAWAL,
                at=now,
                agent=agent.id,
                software=SOFTWARE,
                detail=reason,
            )
        )
        tx.audit.record(f"asset.{visibility}", asset.id, agent=agent.id, via=via)
    return saved


def require(agent: Agent, asset: Asset, act: Act, now: datetime) -> None:
    """Raise NotFound or Forbidden unless the agent may do this to the asset now."""
    decision = decide(agent, facts_of(asset), act, now)
    if decision.hidden:
        raise NotFound(f"no asset {asset.id}")
    if not decision.allowed:
        raise Forbidden(f"you may not {act} this", reason=decision.reason)
