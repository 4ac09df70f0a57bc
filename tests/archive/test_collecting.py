"""Collecting: order is kept without gaps, every change is remembered, the index learns what it must, and rights decide."""

from dataclasses import replace

import pytest
from depositing import deposit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import jpeg

from archive import collecting
from archive.acting import Acting
from archive.collecting import Words, slug_of
from archive.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from archive.model.agent import ANONYMOUS, Agent, TokenScope
from archive.model.asset import Visibility
from archive.rights import Act, decide, facts_of

HALF_A_DAY = 43_200


@pytest.fixture
def house(catalogue, clock, archivist):
    return Acting(catalogue=catalogue, agent=archivist.agent, now=clock())


@pytest.fixture
def photos(receiver, photographer, catalogue):
    return [
        deposit(receiver, photographer, jpeg(seed), catalogue=catalogue).id for seed in range(4)
    ]


@pytest.fixture
def feast(house):
    return collecting.make(Words(title={"az": "Novruz şənliyi"}), house)


@pytest.fixture
def filled(house, feast, photos):
    for photo in photos:
        collecting.put(feast.id, photo, house)
    return feast


def order(catalogue, held):
    with catalogue.reading() as tx:
        members = tx.collections.members(held.id)
    assert [one.position for one in members] == list(range(1, len(members) + 1))
    return [one.asset for one in members]


def waiting(catalogue):
    with catalogue.reading() as tx:
        return dict(tx.index_due.batch(100))


def settle(catalogue):
    with catalogue.writing() as tx:
        tx.index_due.clear(tx.index_due.batch(100))


def acts(catalogue, held):
    with catalogue.reading() as tx:
        return [entry.act for entry in tx.audit.of(held.id)]


def test_a_collection_gets_its_address_from_its_title(house) -> None:
    made = collecting.make(Words(title={"az": "Şəki, xan sarayı", "ru": "Шеки"}), house)
    assert made.slug == "seki-xan-sarayi"
    assert collecting.make(Words(title={"az": "Şəki, xan sarayı"}), house).slug == (
        "seki-xan-sarayi-2"
    )
    assert collecting.make(Words(title={"ru": "Объявления и щит"}), house).slug == (
        "obieiavleniia-i-shchit"
    )
    assert collecting.make(Words(title={"en": "???"}), house).slug == "collection"
    assert collecting.make(Words(title={"en": "New"}), house).slug == "new-collection"


@given(st.text(max_size=300))
def test_an_address_is_always_one_that_may_be_typed(text: str) -> None:
    slug = slug_of(text)
    assert slug == "" or collecting.SLUG.fullmatch(slug)
    assert len(slug) <= collecting.LONGEST_SLUG


def test_a_collection_needs_a_title_in_one_language(house, feast) -> None:
    with pytest.raises(Invalid) as missing:
        collecting.make(Words(title={"az": "  "}, text={"az": "Mətn"}), house)
    assert missing.value.facts["field"] == "title"
    with pytest.raises(Invalid):
        collecting.describe(feast.id, Words(title={"az": None}), house)


def test_an_address_is_refused_when_malformed_reserved_or_taken(house, feast) -> None:
    for slug in ("Böyük", "a--b", "new", "-a", feast.id):
        with pytest.raises(Invalid) as wrong:
            collecting.make(Words(title={"en": "x"}, slug=slug), house)
        assert wrong.value.facts["field"] == "slug", slug
    with pytest.raises(Conflict):
        collecting.make(Words(title={"en": "x"}, slug=feast.slug), house)


def test_a_word_in_one_language_leaves_the_others(house, feast) -> None:
    saved = collecting.describe(feast.id, Words(title={"ru": "Новруз"}, text={"en": "T"}), house)
    assert saved.title == {"az": "Novruz şənliyi", "ru": "Новруз"}
    assert saved.text == {"en": "T"}
    assert saved.revision == feast.revision + 1


def test_an_edit_on_an_old_revision_is_refused_and_changes_nothing(house, feast, catalogue) -> None:
    first = collecting.describe(
        feast.id, Words(title={"az": "Bir"}), house, revision=feast.revision
    )
    with pytest.raises(Stale) as stale:
        collecting.describe(feast.id, Words(title={"az": "İki"}), house, revision=feast.revision)
    assert stale.value.facts == {"revision": first.revision}
    with catalogue.reading() as tx:
        assert tx.collections.resolve(feast.id).title == {"az": "Bir"}


def test_an_edit_that_changes_nothing_is_no_edit(house, feast, catalogue) -> None:
    same = collecting.describe(feast.id, Words(title=dict(feast.title), slug=feast.slug), house)
    assert same.revision == feast.revision
    assert acts(catalogue, feast) == ["collection.made"]


def test_assets_stand_in_the_order_they_are_put(house, filled, photos, catalogue) -> None:
    assert order(catalogue, filled) == photos


def test_a_member_put_again_moves_only_when_a_place_is_named(
    house, filled, photos, catalogue
) -> None:
    a, b, c, d = photos
    assert collecting.put(filled.id, b, house) == 2
    assert collecting.put(filled.id, d, house, position=1) == 1
    assert order(catalogue, filled) == [d, a, b, c]
    assert collecting.put(filled.id, d, house, position=99) == 4
    assert order(catalogue, filled) == [a, b, c, d]


def test_steps_move_a_member_and_end_at_the_ends(house, filled, photos, catalogue) -> None:
    a, b, c, d = photos
    assert collecting.move(filled.id, c, -1, house) == 2
    assert order(catalogue, filled) == [a, c, b, d]
    before = acts(catalogue, filled)
    assert collecting.move(filled.id, d, 1, house) == 4
    assert acts(catalogue, filled) == before
    with pytest.raises(NotFound):
        collecting.move(filled.id, "00000000-0000-7000-8000-000000000000", 1, house)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None
)
@given(moves=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), max_size=5))
def test_no_order_of_moves_loses_a_member_or_leaves_a_gap(
    house, filled, photos, catalogue, moves
) -> None:
    for photo, position in moves:
        collecting.put(filled.id, photos[photo], house, position=position)
    assert sorted(order(catalogue, filled)) == sorted(photos)


def test_putting_in_and_taking_out_tell_the_index_and_the_etag(
    house, feast, photos, catalogue
) -> None:
    settle(catalogue)
    with catalogue.reading() as tx:
        before = tx.assets.get(photos[0]).revision
    collecting.put(feast.id, photos[0], house)
    assert waiting(catalogue) == {photos[0]: before + 1}
    with catalogue.reading() as tx:
        assert tx.assets.get(photos[0]).collections == (feast.id,)
    settle(catalogue)
    collecting.take_out(feast.id, photos[0], house)
    assert waiting(catalogue) == {photos[0]: before + 2}
    collecting.take_out(feast.id, photos[0], house)
    assert waiting(catalogue) == {photos[0]: before + 2}


def test_a_move_asks_nothing_of_the_index(house, filled, photos, catalogue) -> None:
    settle(catalogue)
    collecting.put(filled.id, photos[3], house, position=1)
    assert waiting(catalogue) == {}


def test_removing_a_collection_leaves_its_assets_and_tells_the_index(
    house, filled, photos, catalogue
) -> None:
    settle(catalogue)
    collecting.remove(filled.slug, house)
    assert set(waiting(catalogue)) == set(photos)
    with catalogue.reading() as tx:
        assert all(not asset.collections for asset in tx.assets.find(photos).values())
        with pytest.raises(NotFound):
            tx.collections.resolve(filled.id)


def test_every_change_leaves_its_row_in_the_audit(house, feast, photos, catalogue) -> None:
    collecting.put(feast.id, photos[0], house)
    collecting.put(feast.id, photos[1], house, position=1)
    collecting.move(feast.id, photos[0], -1, house)
    collecting.describe(feast.id, Words(text={"en": "A feast"}, slug="feast"), house)
    collecting.take_out(feast.id, photos[0], house)
    collecting.remove(feast.id, house)
    assert acts(catalogue, feast) == [
        "collection.made",
        "collection.asset-added",
        "collection.asset-added",
        "collection.asset-moved",
        "collection.described",
        "collection.asset-removed",
        "collection.removed",
    ]
    with catalogue.reading() as tx:
        entries = list(tx.audit.of(feast.id))
    assert entries[4].detail == {"fields": ["text", "slug"]}
    assert {entry.agent for entry in entries} == {house.agent.id}


def test_only_staff_arrange_and_a_refused_act_leaves_no_trace(
    house, filled, photos, photographer, journalist, archivist, catalogue
) -> None:
    before = acts(catalogue, filled)
    reader = replace(archivist.agent, scopes=frozenset({TokenScope.READ}))
    for agent in (ANONYMOUS, journalist.agent, photographer.agent, reader):
        other = replace(house, agent=agent)
        for act in (
            lambda who: collecting.make(Words(title={"en": "x"}), who),
            lambda who: collecting.describe(filled.id, Words(title={"en": "x"}), who),
            lambda who: collecting.put(filled.id, photos[0], who, position=4),
            lambda who: collecting.move(filled.id, photos[0], 1, who),
            lambda who: collecting.take_out(filled.id, photos[0], who),
            lambda who: collecting.remove(filled.id, who),
        ):
            with pytest.raises(Forbidden):
                act(other)
    assert acts(catalogue, filled) == before
    assert order(catalogue, filled) == photos


def test_members_are_seen_by_those_whom_the_rights_let_discover_them(
    filled, photos, catalogue, clock, photographer, other_photographers, journalist, archivist
) -> None:
    """The condition in the database says what `decide` says, for every agent and every state."""
    states = [
        {"visibility": Visibility.DRAFT},
        {"visibility": Visibility.PUBLISHED},
        {"visibility": Visibility.WITHDRAWN},
        {"visibility": Visibility.PUBLISHED, "embargo_until": clock.now},
    ]
    with catalogue.writing() as tx:
        for photo, state in zip(photos, states, strict=True):
            tx.assets.save(replace(tx.assets.get(photo), **state))
    people = [a.agent for a in (photographer, other_photographers, journalist, archivist)]
    tokens = [
        replace(agent, scopes=frozenset({scope}))
        for agent in people
        for scope in (TokenScope.READ, TokenScope.EDIT)
    ]
    agents: list[Agent] = [ANONYMOUS, *people, *tokens]
    for moment in (-1, 0, 1):
        for agent in agents:
            now = clock.now.replace(second=30 + moment)
            with catalogue.writing() as tx:
                limit = clock.now.replace(second=30)
                tx.assets.save(replace(tx.assets.get(photos[3]), embargo_until=limit))
                seen = [one.asset for one in tx.collections.visible_members(filled.id, agent, now)]
                wanted = [
                    photo
                    for photo in photos
                    if decide(agent, facts_of(tx.assets.get(photo)), Act.DISCOVER, now).allowed
                ]
                listed = tx.collections.list_visible(agent, now)
                count = tx.collections.count_visible(filled.id, agent, now)
            assert seen == wanted, (agent, moment)
            assert count == len(wanted)
            assert [one.count for one in listed] == ([count] if count or agent.is_staff else [])


@pytest.fixture
def other_photographers(catalogue):
    from archive.model.agent import Role

    with catalogue.writing() as tx:
        return tx.accounts.add(
            email="other@media.test", name="Other", role=Role.PHOTOGRAPHER, password_hash=None
        )
