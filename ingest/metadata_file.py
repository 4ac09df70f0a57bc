"""A table of descriptions beside a deposit: CSV or JSON lines keyed by `file`, told apart by the first character."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.errors import Invalid
from archive.languages import language_of
from archive.model.multilingual import LANGUAGES, UNDETERMINED
from ingest import dates
from ingest.cleaning import clean
from ingest.wishes import parse_instant

SOURCE = "import"
TEXTS = {"title": "title", "description": "description", "credit": "credit", "rights": "copyright"}
NAMED = {"keywords": "keywords", "people": "people", "places": "places_shown"}
PLAIN = {"creator", "date", "licence", "embargo_until", "collection", "file"}
SEPARATORS = re.compile(";")
KEYWORD_SEPARATORS = re.compile("[;,]")  # a name may have a comma, a keyword is parted by it
HALF = re.compile("[\ud800-\udfff]")
FAR = datetime(9000, 1, 1, tzinfo=UTC)  # a person's date is taken as it is


@dataclass(slots=True)
class MetadataFile:
    """Wishes by file. Rows are found by path or by name; what was not used is told by `notices`."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def wishes_for(self, path: Path) -> dict[str, Any]:
        """The wishes for a file; empty when no row names it."""
        for name in (str(path), str(path.resolve()), path.name):
            if name in self.rows:
                self.used.add(name)
                return self.rows[name]
        return {}

    def notices(self) -> list[str]:
        """One sentence for each column or value that was skipped, and for each row whose file did not come."""
        unused = [f"metadata: no such file: {name}" for name in self.rows if name not in self.used]
        return [*self.faults, *unused]


@dataclass(slots=True)
class _Faults:
    """What is wrong with a table: what is skipped with a notice, and what refuses the whole."""

    skipped: list[str] = field(default_factory=list)
    refusing: list[str] = field(default_factory=list)


def read_metadata_file(path: Path, zone: ZoneInfo) -> MetadataFile:
    """Read a table; dates without an offset are by the clock of `zone`. Single bad cells are noticed and skipped.

    Invalid when it is neither CSV with a header nor JSON lines, or has an embargo that cannot be read; all that is wrong is named at
    once, a fault a line, so that one pass mends it.
    """
    faults = _Faults()
    rows: dict[str, dict[str, Any]] = {}
    unknown: set[str] = set()
    for number, row in enumerate(_rows(path, faults), 1):
        name = str(row.get("file") or "").strip()
        if not name:
            faults.skipped.append(f"metadata: row {number} names no file")
            continue
        unknown |= {str(column) for column in row if not _is_known(str(column))}
        rows[name] = _wishes(row, name, faults, zone)
    faults.skipped += [f"metadata: unknown column: {column}" for column in sorted(unknown)]
    if faults.refusing:
        raise Invalid("\n".join([*faults.refusing, *faults.skipped]))
    return MetadataFile(rows=rows, faults=faults.skipped)


def _rows(path: Path, faults: _Faults) -> Iterator[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as trouble:
        raise Invalid(f"{path.name}: not UTF-8: {trouble.reason}") from trouble
    if not text.lstrip().startswith("{"):
        yield from _csv_rows(text, path.name, faults)
        return
    for number, line in enumerate(
        text.split("\n"), 1
    ):  # splitlines() would break at signs that JSON allows
        if line.strip():
            try:
                yield _object(line, number)
            except Invalid as trouble:
                faults.refusing.append(str(trouble))


def _csv_rows(text: str, name: str, faults: _Faults) -> Iterator[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text))
    try:
        if "file" not in (reader.fieldnames or ()):
            raise Invalid(f"{name}: the first line has no column `file`")
        yield from reader
    except csv.Error as trouble:  # what follows cannot be told apart, what came before still counts
        faults.refusing.append(f"{name}: not CSV: {trouble}")


def _object(line: str, number: int) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as trouble:
        raise Invalid(f"metadata: line {number} is not JSON") from trouble
    if not isinstance(row, dict):
        raise Invalid(f"metadata: line {number} is not an object")
    return row


def _is_known(column: str) -> bool:
    name, _, language = column.partition(".")
    if name in TEXTS or name in NAMED:
        return language in {"", *LANGUAGES}
    return column in PLAIN


def _wishes(row: Mapping[str, Any], name: str, faults: _Faults, zone: ZoneInfo) -> dict[str, Any]:
    edited: dict[str, Any] = {}
    for column, target in TEXTS.items():
        if texts := _texts(row, column):
            edited[target] = {tag: {"text": text, "source": SOURCE} for tag, text in texts.items()}
    plain = {"creator": _list(row.get("creator")), "licence": _text(row.get("licence"))}
    edited |= {field: value for field, value in plain.items() if value}
    if date := _text(row.get("date")):
        taken = _taken(date, zone)
        if taken is None:
            faults.skipped.append(f"metadata: {name}: not a date: {date}")
        else:
            edited["taken"] = taken
    named = {target: _named(row, column) for column, target in NAMED.items()}
    embargo = _embargo(_text(row.get("embargo_until")), name, faults, zone)
    wishes: dict[str, Any] = {
        "edited": edited,
        "named": {target: some for target, some in named.items() if some},
        "collection": _text(row.get("collection")),
        "embargo_until": embargo,
    }
    return {wish: value for wish, value in wishes.items() if value}


def _embargo(text: str, name: str, faults: _Faults, zone: ZoneInfo) -> str:
    """An embargo that cannot be read must not become no embargo: the whole table is refused."""
    if not text:
        return ""
    try:
        return parse_instant(text, zone=zone).isoformat()
    except Invalid as trouble:
        faults.refusing.append(f"metadata: {name}: embargo_until: {trouble}")
        return ""


def _texts(row: Mapping[str, Any], column: str) -> dict[str, str]:
    found = {tag: text for tag in LANGUAGES if (text := _text(row.get(f"{column}.{tag}")))}
    if plain := _text(row.get(column)):
        found.setdefault(language_of(plain) or LANGUAGES[0], plain)
    return found


def _named(row: Mapping[str, Any], column: str) -> list[dict[str, str]]:
    """Named things. Where the languages give equally many, they are the same things in the same order."""
    separators = KEYWORD_SEPARATORS if column == "keywords" else SEPARATORS
    lists = {
        tag: some for tag in LANGUAGES if (some := _list(row.get(f"{column}.{tag}"), separators))
    }
    if len({len(some) for some in lists.values()}) == 1:
        zipped = zip(*lists.values(), strict=True)
        things = [dict(zip(lists, values, strict=True)) for values in zipped]
    else:
        things = [{tag: text} for tag, some in lists.items() for text in some]
    untold = _list(row.get(column), separators)
    return things + [{language_of(text) or UNDETERMINED: text} for text in untold]


def _list(value: Any, separators: re.Pattern[str] = SEPARATORS) -> list[str]:
    parts = value if isinstance(value, list) else separators.split(str(value or ""))
    return [text for part in parts if (text := _text(part))]


def _text(value: Any) -> str:
    """The value as text that storage can hold: half of a surrogate pair is no character."""
    return clean(HALF.sub("\ufffd", str(value or "")))


def _taken(text: str, zone: ZoneInfo) -> dict[str, Any] | None:
    written = dates.read(text)
    if written is None:
        return None
    taken = dates.taken(written, SOURCE, zone=zone, deposited_at=FAR)
    return taken.to_json() if taken else None
