"""What a viewer finds is exactly what the rights rules let this viewer discover: hits, totals and every facet count."""

from datetime import timedelta
from itertools import product

import pytest

from archive.model.agent import ANONYMOUS, Agent, Role, TokenScope
from archive.model.asset import Visibility
from archive.rights import Act, decide, facts_of


@pytest.fixture
def shelved(shelf, archivist):
    """One asset per owner, visibility and embargo."""
    instants = (None, -timedelta(seconds=1), timedelta(0), timedelta(microseconds=1))
    assets = [
        shelf.put(
            owner=owner,
            title={"az": "park"},
            creator=(f"{visibility} {ahead}",),
            about={
                "visibility": visibility,
                "embargo_until": None if ahead is None else shelf.now + ahead,
            },
        )
        for owner, visibility, ahead in product((shelf.owner, archivist), Visibility, instants)
    ]
    shelf.drain()
    return assets


def agents(photographer, archivist, journalist):
    read, none = frozenset({TokenScope.READ}), frozenset()
    for account in (photographer, archivist, journalist):
        for scopes in (
            None,
            read,
            none,
            frozenset({TokenScope.UPLOAD}),
            frozenset({TokenScope.ADMIN}),
        ):
            yield Agent(id=account.id, role=account.role, scopes=scopes)
    yield ANONYMOUS
    yield Agent(id=archivist.id, role=Role.PHOTOGRAPHER)
    yield Agent(role=Role.ADMIN)
    yield Agent(role=Role.PHOTOGRAPHER)


def test_hits_totals_and_facets_equal_the_rules(
    shelf, shelved, photographer, archivist, journalist
):
    asked = product(("", "park", "park yoxdur"), agents(photographer, archivist, journalist))
    for q, agent in asked:
        allowed = {
            asset.id
            for asset in shelved
            if decide(agent, facts_of(asset), Act.DISCOVER, shelf.now).allowed
        }
        page = shelf.find(q, agent=agent, limit=200)
        assert {asset.id for asset in page.items} == allowed, (q, agent)
        assert page.total == len(allowed), (q, agent)
        assert sum(value.count for value in page.facets["type"]) == len(allowed), (q, agent)
        assert sum(value.count for value in page.facets["author"]) == len(allowed), (q, agent)
