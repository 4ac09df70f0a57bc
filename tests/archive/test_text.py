"""Normalising and folding: the vectors the house agreed on, and what must hold of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text import cut, fold, fold_phrase, normalise

TRICKY = st.text(
    alphabet="aiIİıəƏǝЙйёЁи'’`´-_ \u0301\u0306\u0307\u0323\u00ad\u200b\ufeffßẞæǽøǿšşçÅK가ςΣ9"
)


@pytest.mark.parametrize(
    ("word", "token"),
    [
        ("İSTİQLAL", "istiqlal"),
        ("ISTIQLAL", "istiqlal"),
        ("istiqlal", "istiqlal"),
        ("MƏDƏNİYYƏT", "medeniyyet"),
        ("ş\u01ddh\u01ddr", "seher"),
        ("Işıq", "isiq"),
        ("Ёлка", "елка"),
        ("Йод", "йод"),
        ("Qur’an", "quran"),
        ("Kâmil", "kamil"),
        ("café", "cafe"),
        ("Straße", "strasse"),
        ("КУЛИЕВ", "кулиев"),
        ("i\u0307şıq", "isiq"),
        ("за\u0301мок", "замок"),
    ],
)
def test_a_word_folds_to_its_token(word, token):
    assert fold(normalise(word)) == token


@given(st.text() | TRICKY)
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text() | TRICKY)
def test_folding_twice_changes_nothing_more_and_never_leaves_white_space_in_a_word(text):
    for word in cut(normalise(text)):
        token = fold(word)
        assert fold(token) == token
        assert token == "" or token.split() == [token]
        assert len(token) <= 64


def test_words_are_runs_of_letters_and_digits_with_inner_apostrophes():
    assert cut("O'Neill, IMG_0001.jpg – gecə-gündüz 'quoted'") == [
        "O'Neill",
        "IMG",
        "0001",
        "jpg",
        "gecə",
        "gündüz",
        "quoted",
    ]


def test_a_stress_mark_does_not_cut_a_word():
    assert cut(normalise("за\u0301мок на холме")) == ["за\u0301мок", "на", "холме"]


def test_labels_that_differ_in_case_marks_and_punctuation_have_one_fold():
    assert fold_phrase("  BAKI\u00ad,  Şəhəri ") == fold_phrase("Bakı şəhəri") == "baki seheri"


def test_a_long_word_is_cut_at_64_characters():
    assert len(fold("a" * 100)) == 64
