"""Dates and durations as people type them: a point is a whole span, and little mistakes are mended with a note."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from zoneinfo import ZoneInfo

from search.query.plan import Note
from search.query.tree import DateWord, Days, Seconds
from search.query.vocabulary import date_word_named

_YEAR_FIRST = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(?:(\d{1,2})\.)?(\d{1,2})\.(\d{4})")
_COUNTED = re.compile(r"\d{1,4}[dwmy]")
_COMPARED = re.compile(r"(>=|<=|>|<)\s*(.*)", re.DOTALL)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})")
_UNITS = re.compile(r"(?=.)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s?)?")
_DAY = timedelta(days=1)
_SPAN_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last of something, both included; None is open."""

    first: date | None
    last: date | None


def read_days(field: str, text: str) -> tuple[Days | DateWord | None, list[Note]]:
    """The days a text means, or None when it cannot be read (with a note)."""
    text = text.strip()
    if code := date_word_named(text):
        return DateWord(field, code), []
    if _COUNTED.fullmatch(text.lower()):
        return DateWord(field, text.lower()), []
    if compared := _COMPARED.fullmatch(text):
        return _compared_days(field, compared[1], compared[2], text)
    low, dots, high = text.partition("..")
    first, last = (_span(part.strip()) for part in (low, high if dots else low))
    empty = not low.strip() and not high.strip()
    if empty or (low.strip() and not first) or (dots and high.strip() and not last):
        return None, [_bad_value(field, text)]
    days = Days(field, first[0].first if first else None, last[0].last if last else None)
    notes = [_bad_value(field, text)] if any(p and p[1] for p in (first, last)) else []
    if days.first and days.last and days.first > days.last and first and last:
        days = Days(field, last[0].first, first[0].last)
        notes.append(Note("reversed_range", {"field": field, "value": text}))
    return days, notes


def read_seconds(text: str) -> tuple[Seconds | None, list[Note]]:
    """The durations a text means, or None when it cannot be read (with a note)."""
    text = text.strip()
    if compared := _COMPARED.fullmatch(text):
        point = _duration(compared[2])
        if point is None:
            return None, [_bad_value("duration", text)]
        match compared[1]:
            case ">":
                return Seconds(point + 1, None), []
            case ">=":
                return Seconds(point, None), []
            case "<":
                return Seconds(None, point - 1), []
            case _:
                return Seconds(None, point), []
    low, dots, high = text.partition("..")
    first, last = _duration(low), _duration(high if dots else low)
    unread = (low and first is None) or (dots and high and last is None)
    if unread or (first is None and last is None):
        return None, [_bad_value("duration", text)]
    if first is not None and last is not None and first > last:
        return Seconds(last, first), [Note("reversed_range", {"field": "duration", "value": text})]
    return Seconds(first, last), []


def span_of(word: DateWord, now: datetime, zone: ZoneInfo) -> Span:
    """The days a word of time means today, in the house's time zone."""
    today = now.astimezone(zone).date()
    match word.code:
        case "today":
            return Span(today, today)
        case "yesterday":
            return Span(today - _DAY, today - _DAY)
        case "last-week":
            monday = today - timedelta(days=today.weekday() + 7)
            return Span(monday, monday + 6 * _DAY)
        case "last-month":
            last = today.replace(day=1) - _DAY
            return Span(last.replace(day=1), last)
        case "last-year":
            return Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
        case _:
            days = int(word.code[:-1]) * _SPAN_DAYS[word.code[-1]]
            return Span(date.fromordinal(max(1, today.toordinal() - days)), today)


def instants(span: Span, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """A span of days as aware instants [start, next start)."""
    start = _midnight(span.first, zone) if span.first else None
    closed = span.last and span.last < date.max
    return start, _midnight(span.last + _DAY, zone) if closed and span.last else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _compared_days(field: str, sign: str, point: str, text: str) -> tuple[Days | None, list[Note]]:
    read = _span(point.strip())
    if not read:
        return None, [_bad_value(field, text)]
    span, mended = read
    notes = [_bad_value(field, text)] if mended else []
    first, last = span.first or date.min, span.last or date.max
    match sign:
        case ">" if last < date.max:
            return Days(field, last + _DAY, None), notes
        case "<" if first > date.min:
            return Days(field, None, first - _DAY), notes
        case ">" | ">=":
            return Days(field, first, None), notes
        case _:
            return Days(field, None, last), notes


def _span(text: str) -> tuple[Span, bool] | None:
    """The span of one point and whether it was mended; None when it is no date."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], found[2], found[3]
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found[1], found[2], found[3]
    else:
        return None
    if not MINYEAR <= int(year) <= MAXYEAR:
        return None
    if not month:
        return Span(date(int(year), 1, 1), date(int(year), 12, 31)), False
    if not 1 <= int(month) <= 12 or (day and not 1 <= int(day) <= 31):
        return None
    first = date(int(year), int(month), 1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    if not day:
        return Span(first, last), False
    point = first.replace(day=min(int(day), last.day))
    return Span(point, point), int(day) > last.day


def _duration(text: str) -> int | None:
    text = text.strip().lower()
    if clock := _CLOCK.fullmatch(text):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    if units := _UNITS.fullmatch(text):
        return int(units[1] or 0) * 3600 + int(units[2] or 0) * 60 + int(units[3] or 0)
    return None


def _bad_value(field: str, value: str) -> Note:
    return Note("bad_value", {"field": field, "value": value})
