"""The domain's values: what is written comes back, what is derived follows from the facts."""

import uuid
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import keys
from archive.errors import Invalid
from archive.model import iptc
from archive.model.asset import (
    Asset,
    AssetType,
    Original,
    Reason,
    State,
    Trouble,
    merge,
)
from archive.model.description import (
    LINK_FIELDS,
    LIST_FIELDS,
    MULTILINGUAL_FIELDS,
    TEXT_FIELDS,
    Coordinates,
    Description,
    Keyword,
    Link,
)
from archive.model.ids import AgentId, AssetId, AuthorityId, JobId, is_id, new_id
from archive.model.job import ORDERS, Queue
from archive.model.multilingual import Multilingual, Value
from archive.model.rendition import Profile, Rendition
from archive.model.taken import OffsetSource, Precision, Taken

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
TAKEN = Taken(
    text="2026-05-12T11:20:00",
    precision=Precision.SECOND,
    offset="+04:00",
    offset_source=OffsetSource.ASSUMED,
    earliest=AT,
    latest=AT + timedelta(seconds=1),
    source="typed",
)
WORDS = st.text(max_size=20)
TAGS = st.sampled_from(["az", "en", "ru", "und", "tr"])
VALUES = st.builds(Value, text=WORDS, source=WORDS, guessed=st.booleans())
LINKS = st.lists(
    st.builds(
        Link,
        labels=st.dictionaries(TAGS, WORDS, max_size=3),
        source=WORDS,
        authority=st.none() | WORDS.map(AuthorityId),
    ),
    max_size=3,
).map(tuple)
DESCRIPTIONS = st.builds(
    Description,
    **{
        name: st.dictionaries(TAGS, VALUES, max_size=3).map(Multilingual)
        for name in MULTILINGUAL_FIELDS
    },
    **{name: st.none() | WORDS for name in TEXT_FIELDS},
    **{name: st.lists(WORDS, max_size=3).map(tuple) for name in LIST_FIELDS},
    **dict.fromkeys(LINK_FIELDS, LINKS),
    keywords=st.lists(
        st.builds(Keyword, text=WORDS, source=WORDS, language=TAGS, authority=st.none()), max_size=3
    ).map(tuple),
    occasion=st.none() | st.builds(Link, labels=st.just({"az": "Bayram"}), source=WORDS),
    rating=st.none() | st.integers(-1, 5),
    taken=st.none() | st.just(TAKEN),
    coordinates=st.none() | st.builds(Coordinates, latitude=WORDS, longitude=WORDS),
)


@given(DESCRIPTIONS)
def test_a_description_comes_back_from_its_json(description: Description) -> None:
    assert Description.from_json(description.to_json()) == description


def test_every_field_of_a_description_is_of_a_known_form() -> None:
    named = {*MULTILINGUAL_FIELDS, *TEXT_FIELDS, *LIST_FIELDS, *LINK_FIELDS}
    others = {"keywords", "occasion", "rating", "taken", "coordinates"}
    assert {item.name for item in fields(Description)} == named | others


def test_an_empty_description_says_nothing() -> None:
    assert Description().to_json() == {}


@given(DESCRIPTIONS)
def test_nothing_laid_over_changes_nothing(description: Description) -> None:
    document = description.to_json()
    assert merge(document, {}) == document


@given(chosen=DESCRIPTIONS, name=st.sampled_from(MULTILINGUAL_FIELDS), tag=TAGS)
def test_one_language_laid_over_leaves_the_others(chosen, name, tag) -> None:
    laid = merge(chosen.to_json(), {name: {tag: {"text": "new", "source": "typed"}}})
    below = chosen.to_json().get(name, {})
    assert laid[name] == {**below, tag: {"text": "new", "source": "typed"}}
    gone = merge(laid, {name: {tag: None}})
    assert tag not in gone[name]


def test_places_are_told_once_those_shown_first() -> None:
    baku = Link(labels={"az": "Bakı"}, source="a", authority=AuthorityId("1"))
    shusha = Link(labels={"az": "Şuşa"}, source="a")
    quba = Link(labels={"az": "Quba"}, source="a")
    said = Description(
        places_created=(replace(baku, source="b"), shusha, quba), places_shown=(shusha, baku)
    )
    assert said.places == (shusha, baku, quba)


def test_the_best_text_is_the_readers_then_az_en_ru_then_any() -> None:
    def said(*tags: str) -> Multilingual:
        return Multilingual({tag: Value(text=tag.upper(), source="s") for tag in tags})

    assert said("ru", "az").best("ru") == ("ru", "RU")
    assert said("ru", "en").best("az") == ("en", "EN")
    assert said("tr").best("az") == ("tr", "TR")
    assert Multilingual().best("az") is None
    assert said("az").text("ru") is None


def test_a_value_is_set_and_removed_in_a_copy() -> None:
    before = Multilingual({"az": Value(text="bir", source="s")})
    after = before.with_value("en", Value(text="one", source="s")).with_value("az", None)
    assert [tag for tag, _ in after] == ["en"]
    assert [tag for tag, _ in before] == ["az"]


@pytest.mark.parametrize(
    ("precision", "text", "offset", "shown"),
    [
        (Precision.SECOND, "2026-05-12T11:20:00", "+02:00", "2026-05-12T11:20:00+02:00"),
        (Precision.MINUTE, "2026-05-12T11:20", None, "2026-05-12T11:20"),
        (Precision.DAY, "2026-05-12", None, "2026-05-12"),
        (Precision.YEAR, "1988~", None, "1988~"),
    ],
)
def test_a_date_is_shown_as_exact_as_it_is(precision, text, offset, shown) -> None:
    source = OffsetSource.STATED if offset else None
    taken = replace(TAKEN, text=text, precision=precision, offset=offset, offset_source=source)
    assert taken.shown == shown
    assert Taken.from_json(taken.to_json()) == taken


def asset(**facts) -> Asset:
    original = Original(
        key="k",
        filename="a.jpg",
        size_bytes=1,
        sha256="0" * 64,
        sha512="0" * 128,
        media_type="image/jpeg",
        extension="jpg",
        tag="t",
        verified_at=facts.pop("verified_at", AT),
    )
    whole = {"type": AssetType.PHOTO, "examined_at": AT} | facts
    return Asset(
        id=AssetId("a"),
        number=1,
        revision=1,
        owner=AgentId("o"),
        original=original,
        deposited_at=AT,
        **whole,
    )


def made(profile: Profile) -> Rendition:
    return Rendition(
        profile=profile,
        recipe="r",
        key="k",
        media_type="image/jpeg",
        width=1,
        height=1,
        size_bytes=1,
        sha256="0" * 64,
        made_at=AT,
    )


BOTH = (made(Profile.PREVIEW), made(Profile.THUMBNAIL))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"renditions": BOTH}, State.READY),
        ({"renditions": BOTH[:1]}, State.PROCESSING),
        ({"renditions": BOTH, "examined_at": None}, State.PROCESSING),
        ({"renditions": BOTH, "verified_at": None}, State.PROCESSING),
        ({"renditions": BOTH, "trouble": Trouble(reason=Reason.DAMAGED)}, State.ATTENTION),
        ({"type": AssetType.AUDIO, "renditions": BOTH}, State.PROCESSING),
    ],
)
def test_an_assets_state_follows_from_its_facts(facts, state) -> None:
    assert asset(**facts).state is state


def test_a_rendition_is_found_by_its_profile() -> None:
    assert asset(renditions=BOTH[:1]).rendition(Profile.PREVIEW) == BOTH[0]
    assert asset(renditions=BOTH[:1]).rendition(Profile.THUMBNAIL) is None


def test_an_id_is_a_uuid_of_version_7_in_order_of_time() -> None:
    ids = [new_id(AT + timedelta(milliseconds=step)) for step in range(5)]
    assert ids == sorted(ids)
    assert {uuid.UUID(one).version for one in ids} == {7}
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}
    there = AT.astimezone(timezone(timedelta(hours=4)))
    assert new_id(there)[:13] == new_id(AT)[:13]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0" * 32,
        "{00000000-0000-7000-8000-000000000000}",
        "0000000A-0000-7000-8000-000000000000",
        "urn:uuid:00000000-0000-7000-8000-000000000000",
    ],
)
def test_what_is_not_spelled_as_we_spell_it_is_no_id(text) -> None:
    assert is_id(new_id(AT))
    assert not is_id(text)


def test_orders_have_names_of_their_own_and_a_queue() -> None:
    assert len({order.kind for order in ORDERS}) == len(ORDERS)
    assert {type(order.queue) for order in ORDERS} == {Queue}


def test_an_object_lies_where_the_layout_says() -> None:
    # the layout's own example of encoding, with two tuples of two
    root = keys.object_root("..hor/rib:le-$id")
    assert root.split("/")[-1] == "%2e%2ehor%2frib%3ale-%24id"
    assert root.startswith("archive/48/73/")
    assert keys.checked(root) == root


@given(st.text(max_size=40))
def test_a_key_never_leads_out_of_the_root(text: str) -> None:
    try:
        key = keys.checked(text)
    except Invalid:
        return
    assert key.isascii()
    assert not key.startswith("/")
    assert not {"", ".", ".."} & set(key.split("/"))


@pytest.mark.parametrize(
    "key", ["", "/a", "a//b", "../a", "a/..", "a/./b", "a b", "ş", "a\0", "a" * 513, "a/", "a\n"]
)
def test_a_hostile_key_is_refused(key) -> None:
    with pytest.raises(Invalid):
        keys.checked(key)


def test_no_two_attempts_write_the_same_rendition() -> None:
    one = keys.rendition(AssetId("a-b-cdef"), Profile.PREVIEW, JobId("j"), 1, "jpg")
    two = keys.rendition(AssetId("a-b-cdef"), Profile.PREVIEW, JobId("j"), 2, "jpg")
    assert one != two
    assert one.startswith(keys.renditions_of(AssetId("a-b-cdef")))


def test_the_iptc_table_names_real_fields_and_each_once() -> None:
    known = {item.name for item in fields(Description)}
    assert {row.field for row in iptc.PROPERTIES} <= known
    assert len(iptc.BY_FIELD) == len(iptc.PROPERTIES)
    datasets = [row.iim for row in iptc.PROPERTIES if row.iim]
    assert len(datasets) == len(set(datasets))
