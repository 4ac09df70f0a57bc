"""Numbers, sizes and dates as each language writes them (CLDR, through Babel); the clock has 24 hours."""

import re
from datetime import UTC, date, datetime, tzinfo

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal

from archive.model.taken import Precision, Taken
from web.i18n.catalogue import marked, words

# English here is the English of an international press centre: day before month.
LOCALES = {"az": "az", "en": "en_GB", "ru": "ru"}
SIZES = (marked("%(num)s kB"), marked("%(num)s MB"), marked("%(num)s GB"))
APPROXIMATE = marked("%(date)s (approximate)")
EDTF = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d))?)?)?")


def number_text(number: float, language: str) -> str:
    """1,284 · 1.284 · 1 284."""
    return format_decimal(number, locale=LOCALES[language])


def size_text(size_bytes: int, language: str) -> str:
    """2.1 MB · 2,1 MB · 2,1 МБ; steps of a thousand, one digit behind the point below a hundred MB."""
    step = 1 if size_bytes < 1_000_000 else 2 if size_bytes < 1_000_000_000 else 3
    value = size_bytes / 1000**step
    digits = "#,##0.#" if step > 1 and value < 100 else "#,##0"
    least = 1 if size_bytes else 0  # a file that holds something is never said to hold nothing
    shown = format_decimal(max(value, least), digits, locale=LOCALES[language])
    return words(language).gettext(SIZES[step - 1]) % {"num": shown}


def length_text(seconds: float) -> str:
    """How long film or sound runs, as players show it: 0:35, 12:05, 1:02:03; the same in every language."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def date_text(day: date, language: str) -> str:
    """21 November 2026 · 21 noyabr 2026 · 21 ноября 2026 г."""
    return format_date(day, "long", locale=LOCALES[language])


def day_text(day: date, language: str, *, today: date) -> str:
    """The short form for tiles; the year only when it is not this one."""
    if day.year == today.year:
        return format_skeleton("MMMd", _noon(day), locale=LOCALES[language])
    return format_date(day, "medium", locale=LOCALES[language])


def moment_text(moment: datetime, language: str, zone: tzinfo) -> str:
    """An instant by the house's clock: date and hour."""
    local = moment.astimezone(zone)
    return f"{date_text(local.date(), language)}, {format_time(local.time(), 'HH:mm', locale=LOCALES[language])}"


def short_moment_text(moment: datetime, language: str, zone: tzinfo, *, now: datetime) -> str:
    """An instant by the house's clock, as short as a badge: 24 Nov, 18:00."""
    local = moment.astimezone(zone)
    day = day_text(local.date(), language, today=now.astimezone(zone).date())
    return f"{day}, {format_time(local.time(), 'HH:mm', locale=LOCALES[language])}"


def taken_text(taken: Taken, language: str) -> str:
    """When a picture was taken, as exactly as it is known; the wall clock of the place."""
    found = EDTF.match(taken.text)
    if found is None:
        return taken.text
    shown = _dated(found, taken.precision, language)
    return words(language).gettext(APPROXIMATE) % {"date": shown} if taken.unsure else shown


def _dated(found: re.Match[str], precision: Precision, language: str) -> str:
    year, month, day, hour, minute = found.groups()
    if precision is Precision.YEAR or month is None:
        return str(int(year))
    if precision is Precision.MONTH or day is None:
        first = _noon(date(int(year), int(month), 1))
        return format_skeleton("yMMMM", first, locale=LOCALES[language])
    shown = date_text(date(int(year), int(month), int(day)), language)
    exact = precision in {Precision.MINUTE, Precision.SECOND} and hour
    return f"{shown}, {hour}:{minute}" if exact else shown


def _noon(day: date) -> datetime:
    """Skeletons want an instant; noon in UTC is the same calendar day as asked."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
