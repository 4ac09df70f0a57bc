"""The query language: what is typed, the tree it becomes, and the text it is written back as."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import dates
from search.query.parse import parse
from search.query.tree import (
    EVERYTHING,
    Choice,
    DateWord,
    Days,
    Every,
    Like,
    Not,
    Quoted,
    Seconds,
    Some,
    Start,
    Word,
    every,
)
from search.query.write import write

BAKU = ZoneInfo("Asia/Baku")


def words(*texts, field=None):
    return every(Word(text, field) for text in texts)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (
            'sərgi -rəsm "yeni il" type:photo,video',
            Every(
                (
                    Word("sərgi"),
                    Not(Word("rəsm")),
                    Quoted("yeni il"),
                    Choice("type", ("photo", "video")),
                )
            ),
        ),
        (
            "дата:>=2021-05 место:(Баку OR Шуша) НЕ салют",
            Every(
                (
                    Days("date", date(2021, 5, 1), None),
                    Some((Word("Баку", "place"), Word("Шуша", "place"))),
                    Not(Word("салют")),
                )
            ),
        ),
        ("a b OR c", Some((words("a", "b"), Word("c")))),
        ("a VƏ b VƏYA c", Some((words("a", "b"), Word("c")))),
        ("а И б ИЛИ в", Some((words("а", "б"), Word("в")))),
        ('"unclosed phrase', Quoted("unclosed phrase")),
        ("((( OR )) AND -", EVERYTHING),
        ("BAŞLIQ:park", Word("park", "title")),
        ("basliq: park", Word("park", "title")),
        ("date:31.12.2023", Days("date", date(2023, 12, 31), date(2023, 12, 31))),
        ("date:12.2023", Days("date", date(2023, 12, 1), date(2023, 12, 31))),
        ("date:..2020", Days("date", None, date(2020, 12, 31))),
        ("date:>2020", Days("date", date(2021, 1, 1), None)),
        ("date:<=2020", Days("date", None, date(2020, 12, 31))),
        ("date:2024", Days("date", date(2024, 1, 1), date(2024, 12, 31))),
        ('tarix:"keçən həftə"', DateWord("date", "last-week")),
        ("added:7d", DateWord("added", "7d")),
        ("duration:>1m", Seconds(61, None)),
        ("duration:1m..5m", Seconds(60, 300)),
        ("duration:5:30", Seconds(330, 330)),
        ("e-mail -spam", Every((Word("e"), Word("mail"), Not(Word("spam"))))),
        ("-place:Baku", Not(Word("Baku", "place"))),
        ('person:"Leyla Quliyeva"', words("Leyla", "Quliyeva", field="person")),
        ("Quliyev* Bakv~", Every((Start("Quliyev"), Like("Bakv")))),
        ("bayr*m", words("bayr", "m")),
        ("BMT-nin sərgisi", words("BMT", "sərgisi")),
        ("и или and", words("и", "или", "and")),
        ("шәһәр вә парк", words("şəhər", "və", "park")),
        ("id:AbC-1", Choice("id", ("AbC-1",))),
        ("növ:foto", Choice("type", ("photo",))),
        ("title:", Word("title")),
        ("IMG_0001.jpg", words("IMG", "0001", "jpg")),
        ("Bakı – Şuşa", words("Bakı", "Şuşa")),
        ("-(a b)", Not(words("a", "b"))),
        ("", EVERYTHING),
    ],
)
def test_a_text_becomes_its_tree(text, tree):
    assert parse(text).tree == tree


@pytest.mark.parametrize(
    ("text", "tree", "codes"),
    [
        ("foo:bar", words("foo", "bar"), ["unknown_field"]),
        (
            "date:2022..2020",
            Days("date", date(2020, 1, 1), date(2022, 12, 31)),
            ["reversed_range"],
        ),
        ("date:2023-02-31", Days("date", date(2023, 2, 28), date(2023, 2, 28)), ["bad_value"]),
        ("date:soon", Word("soon"), ["bad_value"]),
        ("type:foo", Word("foo"), ["bad_value"]),
        ("type:photo,foo", Choice("type", ("photo",)), ["bad_value"]),
        ("duration:9m..3m", Seconds(180, 540), ["reversed_range"]),
    ],
)
def test_a_mistake_is_mended_and_noted(text, tree, codes):
    parsed = parse(text)
    assert parsed.tree == tree
    assert [note.code for note in parsed.notes] == codes


@pytest.mark.parametrize(
    "text",
    ["a" * 2001, "a " * 65, "(" * 9 + "a", "(" * 1999, "title: " * 300, "a." * 65],
)
def test_what_is_beyond_the_limits_is_ignored_with_a_note(text):
    parsed = parse(text)
    assert write(parsed.tree).count("a") <= 2000
    if "title" not in text:
        assert [note.code for note in parsed.notes] == ["too_long"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("type:photo,video", "növ:foto,video"),
        ('date:"last week"', 'tarix:"keçən həftə"'),
        ("date:today", "tarix:bugün"),
        ("date:2024-05", "tarix:2024-05-01..2024-05-31"),
        ("date:>=2024", "tarix:2024-01-01.."),
        ("date:31.12.2023", "tarix:2023-12-31"),
        ("duration:<=90", "müddət:..90"),
        ('rights:"CC BY"', 'hüquq:"cc by"'),
        ("-(a b) OR title:cd* d~", "-(a b) VƏYA başlıq:cd* d~"),
        ('(a OR "b c") -has:date', '(a VƏYA "b c") -has:date'),
    ],
)
def test_a_tree_is_written_in_the_readers_language_and_reads_back(text, written):
    tree = parse(text).tree
    assert write(tree, "az") == written
    for language in ("az", "en", "ru"):
        assert parse(write(tree, language)).tree == tree


@pytest.mark.parametrize(
    "text",
    ["date:>soon", "date:2024-13", "date:0000", "date:..", "date:2024..x", "duration:>x"],
)
def test_an_unreadable_date_or_duration_becomes_words_with_a_note(text):
    assert [note.code for note in parse(text).notes] == ["bad_value"]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("date:<2020", Days("date", None, date(2019, 12, 31))),
        ("date:>9999", Days("date", date(9999, 1, 1), None)),
        ("date:<0001", Days("date", None, date(1, 12, 31))),
        ("duration:>=1h", Seconds(3600, None)),
        ("duration:<5:00", Seconds(None, 299)),
        ("duration:1:05:30", Seconds(3930, 3930)),
        ("duration:1m30s..", Seconds(90, None)),
    ],
)
def test_comparisons_are_spans(text, tree):
    assert parse(text).tree == tree


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(
                "sərgi",
                "Баку",
                "шәһәр",
                "AND",
                "OR",
                "НЕ",
                "DEYİL",
                "VƏYA",
                "и",
                "İ",
                "O'Neill",
                "x'ın",
            ),
            *(
                "-",
                "−",
                "!",
                "(",
                ")",
                '"',
                "«",
                "»",
                "*",
                "~",
                "~2",
                ":",
                ",",
                "..",
                "|",
                "+",
                " ",
                "  ",
            ),
            *(
                "type:",
                "növ:",
                "photo",
                "foto",
                "foo",
                "date:",
                "2021-05",
                "31.02.2023",
                ">=",
                "<",
                "5:30",
            ),
            *(
                "duration:",
                "person:",
                "yer:",
                "id:",
                "rights:",
                "last week",
                "7d",
                "bugün",
                "title: ",
            ),
            *(
                "и\u0307",
                "e-mail",
                "a.b",
                "\u0301",
                "ё",
                "1m30s",
                "lang:",
                "has:",
                "event",
                "added:",
            ),
        ]
    ),
    max_size=14,
).map("".join)


@given(FRAGMENTS | st.text(max_size=80), st.sampled_from(["az", "en", "ru"]))
def test_a_tree_written_back_parses_to_the_same_tree(text, language):
    tree = parse(text).tree
    assert parse(write(tree, language)).tree == tree


@given(st.text(max_size=3000))
def test_no_text_is_an_error(text):
    assert parse(text).tree is not None


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("today", date(2026, 3, 4), date(2026, 3, 4)),
        ("yesterday", date(2026, 3, 3), date(2026, 3, 3)),
        ("last-week", date(2026, 2, 23), date(2026, 3, 1)),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28)),
        ("last-year", date(2025, 1, 1), date(2025, 12, 31)),
        ("2w", date(2026, 2, 18), date(2026, 3, 4)),
    ],
)
def test_a_word_of_time_is_a_span_of_the_houses_days(code, first, last):
    now = datetime(2026, 3, 3, 21, 30, tzinfo=UTC)  # half past one on the 4th, a Wednesday, in Baku
    assert dates.span_of(DateWord("date", code), now, BAKU) == dates.Span(first, last)


def test_days_are_instants_of_the_houses_time_zone():
    start, end = dates.instants(dates.Span(date(2026, 3, 4), date(2026, 3, 4)), BAKU)
    assert start == datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
    assert end == datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
    assert dates.instants(dates.Span(None, date.max), BAKU) == (None, None)
