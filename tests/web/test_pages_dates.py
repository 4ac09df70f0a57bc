"""Dates on pages: as exact as they are known, in the reader's language, by the house's clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from archive.model.taken import OffsetSource, Precision, Taken
from web import i18n
from web.pages.dates import Span

BAKU = ZoneInfo("Asia/Baku")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def taken(text: str, precision: Precision, *, unsure: bool = False) -> Taken:
    return Taken(
        text=text,
        precision=precision,
        offset=None,
        offset_source=OffsetSource.ASSUMED,
        earliest=NOON,
        latest=NOON,
        source="embedded:exif",
        unsure=unsure,
    )


@pytest.mark.parametrize(
    ("text", "precision", "en", "az", "ru"),
    [
        ("1967", Precision.YEAR, "1967", "1967", "1967"),
        (
            "1988-06",
            Precision.MONTH,
            "June 1988",
            "iyun 1988",
            "июнь 1988\N{NARROW NO-BREAK SPACE}г.",
        ),
        (
            "2026-11-21",
            Precision.DAY,
            "21 November 2026",
            "21 noyabr 2026",
            "21 ноября 2026\N{NARROW NO-BREAK SPACE}г.",
        ),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(
    text: str, precision: Precision, en: str, az: str, ru: str
) -> None:
    said = [i18n.taken_text(taken(text, precision), language) for language in ("en", "az", "ru")]
    assert [one.replace("\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}") for one in said] == [
        en,
        az,
        ru,
    ]


def test_the_hour_is_the_wall_clock_of_the_place() -> None:
    said = i18n.taken_text(taken("2026-11-21T07:42:18", Precision.SECOND), "en")
    assert said == "21 November 2026, 07:42"


def test_an_unsure_date_says_so() -> None:
    assert (
        i18n.taken_text(taken("1988~", Precision.YEAR, unsure=True), "ru")
        == "1988 (приблизительно)"
    )


def test_an_instant_is_told_by_the_clock_of_the_house() -> None:
    assert i18n.moment_text(NOON, "en", BAKU) == "21 November 2026, 16:00"
    assert i18n.short_moment_text(NOON, "az", BAKU, now=NOON) == "21 noy, 16:00"


def test_the_year_is_left_out_only_when_it_is_this_one() -> None:
    day = date(2025, 3, 2)
    assert "2025" in i18n.day_text(day, "en", today=date(2026, 1, 1))
    assert "2025" not in i18n.day_text(day, "en", today=date(2025, 12, 31))


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({"from": "2026-10-01", "to": ""}, "2026-10-01.."),
        ({"from": "", "to": "2026-10-01"}, "..2026-10-01"),
        ({"from": "2026-12-01", "to": "2026-10-01"}, "2026-10-01..2026-12-01"),
        ({"date": "2026-10-01..2026-12-01"}, "2026-10-01..2026-12-01"),
        ({"date": "2026-10-01"}, "2026-10-01..2026-10-01"),
    ],
)
def test_a_span_of_days_is_read_from_an_address(args: dict[str, str], text: str) -> None:
    assert Span.read(args).text == text


@pytest.mark.parametrize(
    ("args", "unread"),
    [
        ({}, ()),
        ({"from": "yesterday"}, ("yesterday",)),
        ({"date": "2026-13-40.."}, ("2026-13-40",)),
        ({"date": "2026-13-40"}, ("2026-13-40",)),
        ({"date": "?"}, ("?",)),
    ],
)
def test_what_is_no_date_asks_for_nothing_and_is_remembered(
    args: dict[str, str], unread: tuple[str, ...]
) -> None:
    assert not Span.read(args)
    assert Span.read(args).unread == unread


@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_the_page_says_which_date_it_could_not_read(visit, photographer, language: str) -> None:
    said = visit(photographer).client.get(f"/{language}/search?from=2026-13-45&to=2026-01-01").text
    assert i18n.note_text("bad_date", {"value": "2026-13-45"}, language) in said
