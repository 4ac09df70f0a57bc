"""Publish and withdraw: one change, one event, one audit row, and nothing the second time."""

import pytest
from depositing import deposit
from making import jpeg

from archive.errors import Forbidden, Invalid, NotFound
from archive.model.agent import ANONYMOUS
from archive.model.asset import Visibility
from archive.model.event import EventType
from archive.model.ids import AssetId
from archive.publishing import publish, withdraw

UNKNOWN = AssetId("00000000-0000-7000-8000-000000000000")


@pytest.fixture
def asset(receiver, photographer, catalogue):
    return deposit(receiver, photographer, jpeg(), catalogue=catalogue)


def told(catalogue, asset):
    with catalogue.reading() as tx:
        acts = [entry.act for entry in tx.audit.of(asset.id)]
        events = [event.type for event in tx.events.of(asset.id)]
    return acts, events


def test_publishing_is_remembered_as_an_event_and_an_audit_row(
    catalogue, asset, archivist, clock
) -> None:
    at = clock()
    saved = publish(asset.id, catalogue=catalogue, agent=archivist.agent, now=at, via="page")
    assert (saved.visibility, saved.published_at) == (Visibility.PUBLISHED, at)
    assert saved.revision == asset.revision + 1
    with catalogue.reading() as tx:
        event = tx.events.of(asset.id)[-1]
        entry = list(tx.audit.of(asset.id))[-1]
    assert (event.type, event.agent, event.at) == (EventType.PUBLICATION, archivist.id, at)
    assert (entry.act, entry.agent, entry.via) == ("asset.published", archivist.id, "page")


def test_what_is_published_already_stays_as_it_is(catalogue, asset, archivist, clock) -> None:
    first = publish(asset.id, catalogue=catalogue, agent=archivist.agent, now=clock())
    before = told(catalogue, asset)
    again = publish(asset.id, catalogue=catalogue, agent=archivist.agent, now=clock())
    assert (again.revision, again.published_at) == (first.revision, first.published_at)
    assert told(catalogue, asset) == before


def test_a_withdrawal_keeps_its_reason_and_publishing_again_forgets_it(
    catalogue, asset, archivist, clock
) -> None:
    who = {"catalogue": catalogue, "agent": archivist.agent}
    first = publish(asset.id, **who, now=clock())
    gone = withdraw(asset.id, reason="  wrong person \n", **who, now=clock())
    assert (gone.visibility, gone.withdrawn_reason) == (Visibility.WITHDRAWN, "wrong person")
    back = publish(asset.id, **who, now=clock())
    assert (back.visibility, back.withdrawn_reason) == (Visibility.PUBLISHED, None)
    assert back.published_at == first.published_at
    acts, events = told(catalogue, asset)
    assert acts[-3:] == ["asset.published", "asset.withdrawn", "asset.published"]
    assert events[-2] is EventType.WITHDRAWAL


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_a_withdrawal_without_a_reason_is_refused(
    catalogue, asset, archivist, clock, reason
) -> None:
    with pytest.raises(Invalid) as refused:
        withdraw(asset.id, reason=reason, catalogue=catalogue, agent=archivist.agent, now=clock())
    assert refused.value.facts == {"field": "reason"}


def test_whoever_may_not_see_it_is_told_that_there_is_nothing(
    catalogue, asset, journalist, photographer, clock
) -> None:
    for agent in (ANONYMOUS, journalist.agent):
        with pytest.raises(NotFound):
            publish(asset.id, catalogue=catalogue, agent=agent, now=clock())
    with pytest.raises(Forbidden):
        publish(asset.id, catalogue=catalogue, agent=photographer.agent, now=clock())
    with catalogue.reading() as tx:
        assert tx.assets.get(asset.id) == asset


def test_an_asset_that_does_not_exist_is_not_found(catalogue, archivist, clock) -> None:
    with pytest.raises(NotFound):
        publish(UNKNOWN, catalogue=catalogue, agent=archivist.agent, now=clock())
