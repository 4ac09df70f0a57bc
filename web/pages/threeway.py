"""Three-way comparison of a form: what was there when it was opened, what was typed, what is there now. Nothing typed is lost."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

Columns = tuple[str, ...]
Values = Mapping[str, Columns]
"""The texts of a form by the name of what is compared whole; people in three languages are one thing with three columns."""
MARK_LENGTH = 12
LARGEST_BASE = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """`values` are those to keep, `mine` the names typed anew, `clashes` those of them that somebody else changed too."""

    values: dict[str, Columns]
    mine: frozenset[str]
    clashes: tuple[str, ...]


def merge(typed: Values, base: Mapping[str, str], now: Values) -> Merged:
    """Lay what was typed over what is there now; a name that was not sent, or not changed, stays as it is now."""
    values = dict(now)
    mine: set[str] = set()
    clashes: list[str] = []
    for name, theirs in now.items():
        said = typed.get(name, theirs)
        if said == theirs or mark(said) == base.get(name):
            continue
        values[name] = said
        mine.add(name)
        if mark(theirs) != base.get(name):
            clashes.append(name)
    return Merged(values=values, mine=frozenset(mine), clashes=tuple(clashes))


def mark(columns: Columns) -> str:
    """A short proof of a value, so that the form need not carry every text twice."""
    whole = json.dumps(columns, ensure_ascii=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:MARK_LENGTH]


def write_base(values: Values) -> str:
    """What the form carries about the values it was opened with."""
    return json.dumps({name: mark(columns) for name, columns in values.items()})


def read_base(text: str) -> dict[str, str]:
    """What `write_base` wrote; nothing when it was tampered with, so that every change counts as a clash."""
    try:
        held = json.loads(text[:LARGEST_BASE])
    except (ValueError, RecursionError):  # nested deeper than anybody writes
        return {}
    if not isinstance(held, dict):
        return {}
    return {str(name): str(value) for name, value in held.items()}


def without(typed: Values, names: Collection[str]) -> dict[str, Columns]:
    """The values typed, but for these names."""
    return {name: columns for name, columns in typed.items() if name not in names}
