"""What a viewer may discover, as a condition on the rows of assets."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, true

from archive.catalogue.tables import assets
from archive.model.agent import Agent
from archive.model.asset import Visibility
from archive.rights import scope_of


def visible_to(agent: Agent, now: datetime) -> ColumnElement[bool]:
    """The condition that holds for exactly the assets which `decide` lets this agent discover now."""
    scope = scope_of(agent, now)
    if "staff" in scope.audiences:
        return true()
    owners = [name.removeprefix("owner-") for name in scope.audiences if name.startswith("owner-")]
    mine = assets.c.owner.in_(owners) if owners else false()
    if "public" not in scope.audiences:
        return mine
    free = or_(assets.c.embargo_until.is_(None), assets.c.embargo_until <= now)
    return or_(and_(assets.c.visibility == Visibility.PUBLISHED, free), mine)
