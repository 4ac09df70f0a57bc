"""Dates: when a picture was taken, from every spelling cameras and programs use, with how sure we are of it.

The wall clock is kept as found; a time zone never moves it. Partial dates are values. Clocks that were never set are no
dates.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from archive.model.taken import OffsetSource, Precision, Taken

WRITTEN = re.compile(
    r"\A\s*(\d{4})(?:[:\-/.](\d{2}))?(?:[:\-/.](\d{2}))?"
    r"(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*([~?%])?\s*\Z"
)
IIM_DATE = re.compile(r"\A(\d{4})(\d{2})(\d{2})\Z")
IIM_TIME = re.compile(r"\A(\d{2})(\d{2})(\d{2})?([+-]\d{4})?\Z")
OFFSET = re.compile(r"\A\s*(?:(Z)|([+-])(\d{1,2}):?(\d{2})(?::\d{2})?)\s*\Z")
UNSET_CLOCKS = {(1904, 1, 1), (1970, 1, 1), (1980, 1, 1), (2000, 1, 1)}
EARLIEST_YEAR = 1800
LATEST_YEAR = 9999
QUARTER = timedelta(minutes=15)
GPS_SLACK = timedelta(minutes=5)
WESTMOST, EASTMOST = timedelta(hours=-12), timedelta(hours=14)
AHEAD = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)
START = (0, 1, 1, 0, 0, 0)
PRECISIONS = {
    1: Precision.YEAR,
    2: Precision.MONTH,
    3: Precision.DAY,
    5: Precision.MINUTE,
    6: Precision.SECOND,
}
LENGTHS = {
    Precision.DAY: timedelta(days=1),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.SECOND: timedelta(seconds=1),
}
FORMS = {
    Precision.YEAR: "{0:%Y}",
    Precision.MONTH: "{0:%Y-%m}",
    Precision.DAY: "{0:%Y-%m-%d}",
    Precision.MINUTE: "{0:%Y-%m-%dT%H:%M}",
    Precision.SECOND: "{0:%Y-%m-%dT%H:%M:%S}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A date as written: the wall clock, how exact it is, its offset if it says one, an EDTF qualifier."""

    clock: datetime
    precision: Precision
    offset: timedelta | None = None
    qualifier: str = ""

    @property
    def has_time(self) -> bool:
        """Whether it says more than a day."""
        return self.precision in {Precision.MINUTE, Precision.SECOND}


def read(text: str) -> Written | None:
    """A date in the spelling of Exif, XMP or ISO 8601, whole or partial; None when it is no date."""
    if not (found := WRITTEN.match(text.strip("\0 "))):
        return None
    year, month, day, hour, minute, second, offset, qualifier = found.groups()
    return _written([year, month, day, hour, minute, second], offset, qualifier or "")


def read_iim(date: str, time: str | None) -> Written | None:
    """IIM 2:55 and 2:60: `CCYYMMDD` where zeros stand for an unknown month or day, `HHMMSS±HHMM`."""
    if not (found := IIM_DATE.match(date.strip())):
        return None
    clock = IIM_TIME.match(time.strip()) if time else None
    hour, minute, second, offset = clock.groups() if clock else (None,) * 4
    return _written([*found.groups(), hour, minute, second], offset, "")


def _written(parts: list[str | None], offset: str | None, qualifier: str) -> Written | None:
    numbers: list[int] = []
    for index, part in enumerate(parts):
        if part is None or (index in {1, 2} and int(part) == 0):
            break
        numbers.append(int(part))
    if (precision := PRECISIONS.get(len(numbers))) is None:
        return None
    year, month, day, hour, minute, second = [*numbers, *START[len(numbers) :]]
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - a wall clock
    except ValueError:
        return None
    if year < EARLIEST_YEAR or _is_unset(moment, precision):
        return None
    return Written(
        clock=moment, precision=precision, offset=read_offset(offset), qualifier=qualifier
    )


def _is_unset(clock: datetime, precision: Precision) -> bool:
    midnight = (clock.hour, clock.minute, clock.second) == (0, 0, 0)
    has_time = precision in {Precision.MINUTE, Precision.SECOND}
    return has_time and midnight and (clock.year, clock.month, clock.day) in UNSET_CLOCKS


def read_offset(text: str | None) -> timedelta | None:
    """`+04:00`, `-0330`, `Z` as a difference from UTC; None when it is none or no zone on Earth has it."""
    if not text or not (found := OFFSET.match(text)):
        return None
    if found[1]:
        return timedelta(0)
    size = timedelta(hours=int(found[3]), minutes=int(found[4]))
    offset = -size if found[2] == "-" else size
    return offset if WESTMOST <= offset <= EASTMOST else None


def offset_from_gps(clock: datetime, gps_utc: datetime) -> timedelta | None:
    """The offset that a satellite clock in the same file tells, to a quarter of an hour; None when they do not fit."""
    difference = clock - gps_utc.replace(tzinfo=None)
    rounded = QUARTER * round(difference / QUARTER)
    fits = abs(difference - rounded) <= GPS_SLACK and WESTMOST <= rounded <= EASTMOST
    return rounded if fits else None


def taken(
    written: Written,
    source: str,
    *,
    zone: ZoneInfo,
    deposited_at: datetime,
    gps_utc: datetime | None = None,
) -> Taken | None:
    """The date as the house keeps it; None when it lies more than a day after the deposit.

    Without a stated offset the satellite clock decides, else the zone the house lives in, by its rules of that day.
    """
    offset, how = written.offset, OffsetSource.STATED
    if offset is None and gps_utc is not None and written.has_time:
        offset, how = offset_from_gps(written.clock, gps_utc), OffsetSource.GPS
    if offset is None:
        offset, how = (
            written.clock.replace(tzinfo=zone).utcoffset() or timedelta(0),
            OffsetSource.ASSUMED,
        )
    if written.clock.year >= LATEST_YEAR:  # its end, or the same instant in UTC, may not exist
        return None
    earliest = written.clock.replace(tzinfo=timezone(offset)).astimezone(UTC)
    if earliest > deposited_at + AHEAD:
        return None
    latest = _end(written, zone, offset).astimezone(UTC) - MOMENT
    return Taken(
        text=FORMS[written.precision].format(written.clock) + written.qualifier,
        precision=written.precision,
        offset=spell_offset(offset) if written.has_time else None,
        offset_source=how if written.has_time else None,
        earliest=earliest,
        latest=latest,
        source=source,
        unsure=bool(written.qualifier),
    )


def _end(written: Written, zone: ZoneInfo, offset: timedelta) -> datetime:
    """The first moment that is not in it any more."""
    clock = written.clock
    if length := LENGTHS.get(written.precision):
        return (clock + length).replace(tzinfo=timezone(offset))
    if written.precision is Precision.MONTH and clock.month < 12:
        return clock.replace(month=clock.month + 1, tzinfo=zone)
    return clock.replace(year=clock.year + 1, month=1, tzinfo=zone)


def spell_offset(offset: timedelta) -> str:
    """`+04:00`."""
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def with_offset(written: Written, offset: timedelta | None) -> Written:
    """The same date with the offset another field states, where it says none itself."""
    return replace(written, offset=written.offset if written.offset is not None else offset)
