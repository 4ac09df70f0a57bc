"""Languages on reading: tags, defaults, untagged texts, and captions that hold several languages at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.choices.keywords import assign_languages
from ingest.languages import (
    DEFAULT,
    Hints,
    default_language,
    guess,
    of_tagged,
    of_untagged,
    split_marked,
    tag_becomes,
)

XMP = "embedded:xmp"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("az", "az"),
        ("az-AZ", "az"),
        ("az-latn-az", "az"),
        ("aze", "az"),
        ("azj", "az"),
        ("AZ_az", "az"),
        ("az-Cyrl", "az-Cyrl"),
        ("az-cyrl-AZ", "az-Cyrl"),
        ("en-GB", "en"),
        ("eng", "en"),
        ("ru-RU", "ru"),
        ("rus", "ru"),
        ("tr", "tr"),
        ("de-CH", "de-CH"),
    ],
)
def test_a_tag_stands_for_a_language(tag, language):
    assert tag_becomes(tag) == language


def texts(values, hints=None):
    return {tag: value.text for tag, value in of_tagged(values, XMP, hints or Hints())}


def test_the_plain_tag_wins_then_the_first_listed():
    assert texts({"en-GB": "colour", "en": "color"}) == {"en": "color"}
    assert texts({"en-GB": "colour", "en-US": "color"}) == {"en": "colour"}


def test_a_default_that_repeats_a_tagged_text_names_the_source_language():
    values = {DEFAULT: " Bakı", "ru": "Баку", "az-AZ": "Bakı"}
    assert default_language(values) == "az"
    assert texts(values) == {"ru": "Баку", "az": "Bakı"}
    assert default_language({"az": "Bakı"}) is None


def test_a_default_of_its_own_is_guessed_and_never_replaces_a_tagged_text():
    assert texts({DEFAULT: "Məktəb açıldı", "ru": "Школа"}) == {
        "az": "Məktəb açıldı",
        "ru": "Школа",
    }
    assert texts({DEFAULT: "Школа открыта", "ru": "Школа"}) == {"ru": "Школа"}
    assert texts({DEFAULT: "4 / 4", "ru": "Зал"}, Hints(default="az"))["und"] == "4 / 4"


def test_the_declared_language_goes_before_the_guess():
    assert guess("Hall 4", Hints(declared="en", default="az")) == "en"
    assert guess("Hall 4", Hints(default="az")) == "az"
    assert guess("Hall 4", Hints()) == "und"
    assert of_untagged("Hall 4", XMP, Hints()).values["und"].guessed is True


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("AZ: bir. EN: one. RU: один.", {"az": "bir.", "en": "one.", "ru": "один."}),
        ("RUS: один\nENG: one", {"ru": "один", "en": "one"}),
        ("[AZ] bir [EN] one", {"az": "bir", "en": "one"}),
        ("EN: only one", {}),
        ("A note. AZ: bir EN: one", {}),
        ("EN: one EN: two", {}),
        ("AZ: EN: one", {}),
        ("Flight AZ:123 to EN:4", {}),
        ("az: bir en: one", {}),
    ],
)
def test_a_text_is_split_only_where_the_marks_leave_no_doubt(text, parts):
    assert split_marked(text) == parts


def test_split_parts_are_the_writers_own_word():
    values = of_untagged("AZ: bir EN: one", XMP, Hints()).values
    assert {tag: value.guessed for tag, value in values.items()} == {"az": False, "en": False}


def test_keywords_take_their_place_in_the_bag():
    bag = ["idman", "sandbordinq", "Abşeron", "sport", "sandboarding", "Absheron", "спорт"]
    spoken = Hints(default="az", spoken=frozenset({"az", "en", "ru"}))
    assert assign_languages(bag, spoken) == ["az", "az", "az", "en", "en", "en", "ru"]


def test_keywords_without_a_speaking_file_follow_their_neighbour():
    assert assign_languages(["muzey", "dinozavr", "məktəb"], Hints()) == ["az"] * 3
    assert assign_languages(["zal", "музей"], Hints()) == ["und", "ru"]
    assert assign_languages(["zal"], Hints(declared="en")) == ["en"]
    assert assign_languages(["zal"], Hints(spoken=frozenset({"az", "ru"}))) == ["az"]


def test_a_mixed_bag_is_not_cut():
    spoken = Hints(spoken=frozenset({"az", "en"}))
    mixed = ["məktəb", "the school", "şəhər", "the town"]
    assert assign_languages(mixed, spoken) == ["az", "en", "az", "en"]


@given(st.lists(st.text(max_size=12), max_size=12), st.sampled_from([None, "az", "en"]))
def test_every_keyword_gets_exactly_one_language(bag, default):
    hints = Hints(default=default, spoken=frozenset({"az", "en"}))
    assert len(assign_languages(bag, hints)) == len(bag)
