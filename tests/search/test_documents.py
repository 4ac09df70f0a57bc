"""What of an asset stands in its search document."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.model.asset import Asset, AssetType, Original, Visibility
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Coordinates, Description, Keyword, Link
from archive.model.ids import AgentId, AssetId, AuthorityId, CollectionId
from archive.model.multilingual import Multilingual, Value
from archive.model.taken import Precision, Taken
from search.documents import document
from search.fields import LABEL_SEPARATOR

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
BAKU = AuthorityId("019a0000-0000-7000-8000-000000000001")


def texts(**values):
    return Multilingual({tag: Value(text=text, source="typed") for tag, text in values.items()})


def link(authority=None, **labels):
    return Link(labels=labels, source="typed", authority=authority)


def asset(**said):
    return Asset(
        id=AssetId("019a0000-0000-7000-8000-0000000000aa"),
        number=5,
        revision=7,
        type=AssetType.PHOTO,
        owner=AgentId("leyla"),
        original=Original(
            key="k",
            filename="DSC_0418.JPG",
            size_bytes=1,
            sha256="0",
            sha512="0",
            media_type="image/jpeg",
            extension="jpg",
            tag="t",
        ),
        deposited_at=AT,
        chosen=Description(**said),
    )


def taken(text, precision=Precision.SECOND):
    return Taken(
        text=text,
        precision=precision,
        offset=None,
        offset_source=None,
        earliest=datetime(1961, 4, 12, 6, 7, tzinfo=UTC),
        latest=datetime(1961, 4, 12, 6, 8, tzinfo=UTC),
        source="typed",
    )


def test_each_role_holds_its_values_tokens_apart():
    made = document(
        asset(
            title=texts(az="Muzeydə yeni sərgi", ru="Новая выставка в музее"),
            keywords=(
                Keyword(text="sərgi", source="x", language="az"),
                Keyword(text="выставка", source="x", language="ru"),
            ),
            people=(link(az="Leyla Quliyeva", ru="Лейла Кулиева"),),
        ),
        {},
    )
    assert made.tokens["tf"] == ("muzeyde yeni sergi", "новая выставка в музее")
    assert made.tokens["ts"] == ("muzek ye serq", "нов выставк в муз", "muzeyd yen")
    assert made.tokens["kf"] == ("sergi", "выставка")
    assert made.tokens["ks"] == ("serq", "выставк")
    assert made.tokens["nf"] == ("leyla quliyeva", "лейла кулиева")
    assert made.tokens["ns"] == ("le quliyev", "лейл кулиев", "leyl ley")
    assert made.tokens["cf"] == made.tokens["cs"] == ("_",)
    assert {"leyla", "leyl", "le", "quliyev", "кулиев"} <= set(made.members["people_t"])


def test_the_headline_is_a_title_and_the_longer_texts_are_caption():
    made = document(
        asset(
            title=texts(en="Opening"),
            headline=texts(en="A day"),
            description=texts(en="one"),
            alt_text=texts(en="two"),
            extended_description=texts(en="three"),
            occasion=link(az="Novruz bayramı"),
        ),
        {},
    )
    assert made.tokens["tf"] == ("opening", "a day")
    assert made.tokens["cf"] == ("one", "two", "three", "novruz bayrami")
    assert "novruz" in made.members["occasions_t"]


def test_places_are_the_links_and_the_words_of_the_place_fields():
    made = document(asset(places_shown=(link(az="Bakı"),), city="Bakı", country="Azərbaycan"), {})
    assert made.tokens["nf"] == ("baki", "baki", "azerbaycan")
    assert made.exact["place_id"] == ("~baki", "~azerbaycan")


def test_a_linked_name_brings_every_label_and_is_counted_under_its_authority():
    baku = Authority(
        id=BAKU,
        kind=AuthorityKind.PLACE,
        labels={"az": "Bakı", "en": "Baku", "ru": "Баку"},
        alternatives=(("en", "Bakou"),),
    )
    made = document(asset(places_shown=(link(BAKU, az="Bakı"),), city="Baku"), {BAKU: baku})
    assert made.tokens["nf"] == ("baki", "baku", "баку", "bakou", "baku")
    assert made.exact["place_id"] == (BAKU,)
    assert "label" not in made.exact


def test_an_authority_brings_at_most_thirty_labels():
    many = Authority(
        id=BAKU,
        kind=AuthorityKind.PERSON,
        labels={},
        alternatives=tuple(("az", f"ad{number}") for number in range(99)),
    )
    made = document(asset(people=(link(BAKU),)), {BAKU: many})
    assert len(made.tokens["nf"]) == 30


def test_an_unlinked_name_keeps_how_it_is_written():
    made = document(asset(people=(link(ru="Лейла Кулиева", en="Leyla Kuliyeva"),)), {})
    assert made.exact["person_id"] == ("~leyla kuliyeva",)
    assert {tuple(entry.split(LABEL_SEPARATOR)) for entry in made.exact["label"]} == {
        ("person_id", "~leyla kuliyeva", "ru", "Лейла Кулиева"),
        ("person_id", "~leyla kuliyeva", "en", "Leyla Kuliyeva"),
    }


def test_a_keyword_of_unknown_language_gets_both_chains():
    made = document(asset(keywords=(Keyword(text="Festivals", source="x"),)), {})
    assert made.tokens["ks"] == ("festivals", "festiv")


def test_creator_credit_and_file_name_are_findable_and_weigh_little():
    made = document(asset(creator=("Leyla Məmmədova",), credit=texts(en="Khazar")), {})
    held = " ".join(made.tokens["xf"]).split()
    assert {"khazar", "leyla", "memmedova", "dsc", "0418", "jpg"} <= set(held)
    assert made.exact["author_id"] == ("~leyla memmedova",)
    assert "memmedova" in made.members["authors_t"]


def test_protected_fields_are_not_in_the_index():
    made = document(
        asset(
            instructions="gizlidir",
            coordinates=Coordinates(latitude="40.1", longitude="49.9"),
        ),
        {},
    )
    assert "gizli" not in repr(made)
    assert "40.1" not in repr(made)


def test_an_undated_asset_is_ordered_by_its_deposit_and_has_no_date():
    made = document(asset(), {})
    assert made.numbers["order"] == made.numbers["added"] == (int(AT.timestamp()) << 24) + 5
    assert not {"date", "year", "month"} & set(made.numbers)


@pytest.mark.parametrize(
    ("text", "year", "month"),
    [
        ("1961-04-12T09:07:00", 1961, 196104),
        ("1961", 1961, None),
        ("1961-04~", 1961, 196104),
        ("1961-21", 1961, None),
    ],
)
def test_a_date_before_1970_orders_and_counts(text, year, month):
    made = document(asset(taken=taken(text)), {})
    assert made.numbers["order"] < 0
    assert (made.numbers["year"], made.numbers.get("month")) == (year, month)


def test_exact_values_are_what_filters_compare():
    one = replace(
        asset(title=texts(az="a", ru="б"), licence="CC BY 4.0"),
        width=3,
        height=2,
        visibility=Visibility.PUBLISHED,
        embargo_until=AT,
        collections=(CollectionId("c"),),
        duration_seconds=31,
    )
    exact = document(one, {}).exact
    assert exact["orientation"] == ("landscape",)
    assert exact["lang"] == ("az", "ru")
    assert exact["rights"] == ("cc by 4 0",)
    assert exact["collection_id"] == ("c",)
    assert exact["duration_class"] == ("30s-2m",)
    assert set(exact["is"]) == {"published", "processing", "embargoed"}
    assert exact["audience"] == ("owner-leyla", "public", "staff")
