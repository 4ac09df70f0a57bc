"""Dates: every spelling, the offset and how it is known, and clocks that nobody set."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.taken import OffsetSource
from ingest import dates

BAKU = ZoneInfo("Asia/Baku")
DEPOSITED = datetime(2026, 12, 31, tzinfo=UTC)


def keep(text, **more):
    written = dates.read(text)
    assert written is not None
    options = {"zone": BAKU, "deposited_at": DEPOSITED} | more
    return dates.taken(written, "embedded:exif", **options)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026:05:12 11:20:00", "2026-05-12T11:20:00+04:00"),
        ("2026-05-12T11:20:00+02:00", "2026-05-12T11:20:00+02:00"),
        ("2026:05:12 11:20:00.47Z", "2026-05-12T11:20:00+00:00"),
        ("2026-05-12T11:20-0330", "2026-05-12T11:20-03:30"),
        ("2026:05:12", "2026-05-12"),
        ("1988", "1988"),
        ("1988:06", "1988-06"),
        ("1988-06~", "1988-06~"),
        ("1988?", "1988?"),
        ("1967:00:00", "1967"),
        ("2007:08:01 12:00:00", "2007-08-01T12:00:00+05:00"),
        ("2007:01:01 12:00:00", "2007-01-01T12:00:00+04:00"),
    ],
)
def test_a_date_is_shown_as_the_wall_clock_of_its_place(text, shown):
    assert keep(text).shown == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "1904:01:01 00:00:00",
        "1970:01:01 00:00:00",
        "1980:01:01 00:00:00",
        "2000:01:01 00:00:00",
        "2026:13:01 00:00:01",
        "2026:02:30 10:00:00",
        "2026:01:01 25:00:00",
        "1799",
        "yesterday",
        "2026:05:12 11",
    ],
)
def test_what_is_no_date_is_refused(text):
    assert dates.read(text) is None


def test_a_day_typed_by_a_person_is_no_unset_clock():
    assert dates.read("2000-01-01") is not None
    assert dates.read_iim("20000101", None) is not None


def test_a_date_after_the_deposit_is_none():
    assert keep("2027:01:02 00:00:00") is None
    assert keep("2027:01:01 01:00:00") is not None
    assert keep("2099") is None


def test_a_stated_offset_is_kept_and_an_absent_one_assumed_by_the_zone_of_that_day():
    assert keep("2026-05-12T11:20:00+02:00").offset_source is OffsetSource.STATED
    assumed = keep("2026:05:12 11:20:00")
    assert assumed.offset_source is OffsetSource.ASSUMED
    assert assumed.earliest == datetime(2026, 5, 12, 7, 20, tzinfo=UTC)
    assert keep("2026:05:12").offset_source is None


def test_the_satellite_clock_tells_the_offset():
    gps = datetime(2018, 2, 17, 14, 27, 7, tzinfo=UTC)
    taken = keep("2018:02:17 16:28:39", gps_utc=gps)
    assert (taken.offset, taken.offset_source) == ("+02:00", OffsetSource.GPS)
    far = keep("2018:02:19 16:28:39", gps_utc=gps)
    assert far.offset_source is OffsetSource.ASSUMED
    odd = keep("2018:02:17 16:34:39", gps_utc=gps)
    assert odd.offset_source is OffsetSource.ASSUMED


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("+04:00", timedelta(hours=4)),
        ("-0330", -timedelta(hours=3, minutes=30)),
        ("Z", timedelta(0)),
        ("+15:00", None),
        ("-13:00", None),
        ("   :  ", None),
        ("", None),
        (None, None),
    ],
)
def test_offsets_no_place_on_earth_has_are_none(text, offset):
    assert dates.read_offset(text) == offset


@pytest.mark.parametrize(
    ("date", "time", "shown"),
    [
        ("20260512", "112000+0200", "2026-05-12T11:20:00+02:00"),
        ("20260512", "1120", "2026-05-12T11:20+04:00"),
        ("20260512", None, "2026-05-12"),
        ("20260512", "junk", "2026-05-12"),
        ("19670000", None, "1967"),
        ("19670600", None, "1967-06"),
    ],
)
def test_iim_dates_may_be_partial(date, time, shown):
    written = dates.read_iim(date, time)
    assert dates.taken(written, "embedded:iim", zone=BAKU, deposited_at=DEPOSITED).shown == shown


def test_iim_without_a_date_is_none():
    assert dates.read_iim("00000000", "112000+0200") is None
    assert dates.read_iim("2026-05-12", None) is None


def test_a_partial_date_spans_all_it_may_mean():
    year, month, december = keep("1988"), keep("1988:06"), keep("1988:12")
    assert year.earliest == datetime(1987, 12, 31, 20, tzinfo=UTC)
    assert month.latest - month.earliest > timedelta(days=29)
    assert december.latest < keep("1989").earliest
    assert year.latest < keep("1989").latest
    assert keep("1988~").unsure is True


@given(st.text(max_size=30), st.text(max_size=12))
def test_any_text_is_a_date_or_none(text, time):
    for written in (dates.read(text), dates.read_iim(text, time)):
        if written:
            dates.taken(written, "x", zone=BAKU, deposited_at=DEPOSITED)
    dates.read_offset(text)


@given(st.datetimes(datetime(1800, 2, 1), datetime(2026, 12, 1)))
def test_a_kept_date_reads_back_as_itself(clock):
    written = dates.read(f"{clock:%Y:%m:%d %H:%M:%S}")
    if written:
        taken = dates.taken(written, "x", zone=BAKU, deposited_at=DEPOSITED)
        assert taken.text == f"{clock:%Y-%m-%dT%H:%M:%S}"
        assert taken.earliest <= taken.latest
