"""The language of an untagged text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Şəhərdə yeni park açıldı", "az"),
        ("Seherde yeni park acildi", None),
        ("The new park opened in the city", "en"),
        ("В городе открылся новый парк", "ru"),
        ("Шәһәрдә јени парк ачылды", "az"),
        ("Bayram konserti", None),
        ("nazirlikden verilen melumatda deyilir", "az"),
        ("Exhibition of young painters", "en"),
        ("", None),
        ("2024 — 15", None),
    ],
)
def test_the_language_of_a_text_is_told_or_left_open(text, language):
    assert language_of(text) == language


@given(st.text())
def test_every_text_gets_an_answer(text):
    assert language_of(text) in {"az", "en", "ru", None}
