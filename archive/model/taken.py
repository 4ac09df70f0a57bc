"""When a picture was taken: the wall clock of the place, and how sure we are of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Precision(StrEnum):
    """How exact a date is."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


class OffsetSource(StrEnum):
    """How the offset from UTC is known (metadata rules: stated in the file, from GPS, or the house's time zone)."""

    STATED = "stated"
    GPS = "gps"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A date as found.

    `text` is EDTF level 1 without an offset: `1988`, `1988-06`, `1988-06~`, `2026-05-12T11:20:00`. `offset` is `+02:00` or
    None when the precision is a day or less; `earliest` and `latest` are aware instants that enclose it, both in UTC.
    """

    text: str
    precision: Precision
    offset: str | None
    offset_source: OffsetSource | None
    earliest: datetime
    latest: datetime
    source: str
    unsure: bool = False

    @property
    def shown(self) -> str:
        """The form of the API: the wall clock with its offset where there is one, e.g. `2026-05-12T11:20:00+02:00`."""
        return (
            self.text + (self.offset or "")
            if self.precision in {Precision.MINUTE, Precision.SECOND}
            else self.text
        )

    def to_json(self) -> dict[str, Any]:
        """All facts, instants as ISO 8601."""
        return asdict(self) | {
            "earliest": self.earliest.isoformat(),
            "latest": self.latest.isoformat(),
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Taken":
        """Read what `to_json` wrote."""
        return cls(
            text=document["text"],
            precision=Precision(document["precision"]),
            offset=document["offset"],
            offset_source=OffsetSource(document["offset_source"])
            if document["offset_source"]
            else None,
            earliest=datetime.fromisoformat(document["earliest"]),
            latest=datetime.fromisoformat(document["latest"]),
            source=document["source"],
            unsure=document["unsure"],
        )
