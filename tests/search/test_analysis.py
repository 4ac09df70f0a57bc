"""Words and stems: the vectors the house agreed on, and what must hold of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text import fold
from search.analysis import azerbaijani, english, russian
from search.analysis.chains import is_stop_word, language_of_value, token, tokens_of
from search.analysis.version import analyser_version
from search.analysis.words import query_words, words

AZERBAIJANI = st.text(alphabet="abcçdeəfgğhxıijkqlmnoöprsştuüvyz", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BMT-nin baş katibi", "BMT|baş|katibi"),
        ("COP29-a", "COP29"),
        ("2020-ci il", "2020|il"),
        ("1990-cı illər", "1990|illər"),
        ("NATO-dan", "NATO"),
        ("Lerik’də", "Lerik"),
        ("gecə-gündüz açıq", "gecə|gündüz|açıq"),
        ("Nyu-York", "Nyu|York"),
        ("Ҝүнәш мүасир инҹәсәнәт", "Günəş|müasir|incəsənət"),
        ("Журнал", "Jurnal"),
        ("Красная площадь", "Красная|площадь"),
    ],
)
def test_an_azerbaijani_value_is_cut_into_words(text, expected):
    assert "|".join(words(text, "az")) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("sərgi", "serq"),
        ("sərgidəki", "sergidek serq"),
        ("uşaq", "usaq"),
        ("uşaqlarımızın", "usaqlarimizin usaq usaqlarimiz"),
        ("uşağın", "usagin usaq"),
        ("çiçəyin", "ciceyin cicek"),
        ("çiçək", "cicek"),
        ("jurnalistlər", "jurnalistler jurnalist"),
        ("musiqisi", "musiqis musiq"),
        ("otağımız", "otagimiz otaq"),
        ("suyu", "suy su"),
        ("nazirliyinin", "nazirliyinin nazirlik nazirliyin"),
        ("nazirlik", "nazirlik"),
        ("ölkəsində", "olkesind olk olkesin"),
        ("universitetimizdə", "universitetimizd universitet universitetimiz"),
        ("evlərindəki", "evlerindek ev evlerin"),
        ("Azərbaycan", "azerbaycan"),
        ("Azərbaycanın", "azerbaycanin azerbayc azerbaycan"),
        ("konsertdirlər", "konsertdirler konsert konsertdir"),
        ("Madriddə", "madridd madrid"),
        ("bayramdır", "bayramdir bayr bayram"),
        ("işi", "isi"),
    ],
)
def test_an_azerbaijani_word_has_its_stems_in_order(word, expected):
    assert " ".join(azerbaijani.stems(fold(word))) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("журналистами", "журналист"),
        ("ёлками", "елк"),
        ("выставке", "выставк"),
        ("Ивановой", "иванов"),
        ("министерства", "министерств"),
    ],
)
def test_a_russian_word_has_its_stem(word, expected):
    assert russian.stem(fold(word)) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("exhibitions", "exhibit"),
        ("minister's", "minist"),
        ("speeches", "speech"),
        ("festivals", "festiv"),
    ],
)
def test_an_english_word_has_its_stem(word, expected):
    assert english.stem(word) == expected


@given(AZERBAIJANI)
def test_dropping_diacritics_does_not_change_azerbaijani_stems(word):
    bare = word.translate(str.maketrans("çəğıöşü", "cegiosu"))
    assert azerbaijani.stems(fold(word)) == azerbaijani.stems(fold(bare))


@given(st.text(), st.sampled_from(["az", "en", "ru", None]))
def test_analysis_never_fails_and_tokens_have_no_white_space(text, language):
    for found in tokens_of(text, language):
        for form in (found.fold, found.principal, *found.stems):
            assert form.split() == [form]
            assert len(form) <= 64


@given(st.text(), st.sampled_from(["az", "en", "ru", None]))
def test_the_principal_stem_is_one_of_the_stems(text, language):
    assert all(found.principal in found.stems for found in tokens_of(text, language))


def test_a_query_word_gets_every_chain_of_its_script():
    assert token("nazirliyinin", None).stems == (
        "nazirliyinin",
        "nazirlik",
        "nazirliyin",
    )
    assert token("Festivals", None).stems == ("festivals", "festiv")
    assert token("журналистами", None).stems == ("журналист",)


def test_a_foreign_word_in_a_value_gets_the_chain_a_query_would_give_it():
    assert token("Известия", "en").stems == token("Известия", None).stems
    assert token("festivals", "ru").stems == token("festivals", None).stems


def test_a_query_loses_hyphen_endings_too():
    assert query_words("BMT-nin sərgisi") == ["BMT", "sərgisi"]


def test_stop_words_are_known_in_every_spelling():
    assert all(is_stop_word(word) for word in ("və", "VE", "The", "из", "oğlu", "OGLU", "гызы"))
    assert not any(is_stop_word(word) for word in ("il", "не", "park"))


def test_a_tag_tells_the_language_and_an_unknown_tag_asks_the_words():
    assert language_of_value("az-Cyrl-AZ", "Журнал") == "az"
    assert language_of_value("und", "В городе открылся парк") == "ru"
    assert language_of_value(None, "Bayram konserti") is None


def test_the_analyser_has_a_version():
    assert len(analyser_version()) == 12
    assert analyser_version() == analyser_version()
