"""Searching this house on behalf of somebody."""

from archive.model.agent import Agent
from search.find import SearchPage, SearchRequest, find
from web.parts import parts


def look(asked: SearchRequest, agent: Agent) -> SearchPage:
    """What this agent finds in this house now."""
    house = parts()
    return find(
        asked,
        index=house.index,
        catalogue=house.catalogue,
        agent=agent,
        now=house.clock(),
        secret=house.settings.secret_key,
        zone=house.settings.zone,
    )
