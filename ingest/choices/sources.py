"""The sources of a choice: what each reader found, cleaned and ready to compare, and the notes taken while choosing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.model.iptc import BY_FIELD, Property
from archive.text import normalise
from ingest import languages
from ingest.cleaning import clean, clean_all
from ingest.languages import DEFAULT, Hints
from ingest.readers.boilerplate import is_boilerplate
from ingest.readers.camera import Camera
from ingest.readers.iim import Block

XMP, IIM, EXIF = "embedded:xmp", "embedded:iim", "embedded:exif"
DISAGREE, EDITED_LATER = "metadata-disagree", "iim-edited-later"
REVIEW = "translations-need-review"
LIMIT_SLACK_OCTETS = 3
TELLING = ("description", "title", "copyright")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was read: ExifTool's properties, the IIM block, the camera's facts, the digest Photoshop stored."""

    raw: Mapping[str, Any]
    block: Block
    camera: Camera
    filename: str
    hints: Hints
    stored_digest: str | None = None

    @property
    def iim_edited_later(self) -> bool:
        """Whether the stored digest says that somebody changed the IIM block after the XMP was written."""
        stored, actual = self.stored_digest, self.block.digest
        return bool(stored and actual and stored != actual)

    def xmp_languages(self, name: str) -> dict[str, str]:
        """A lang-alt by tag; the text without one under `x-default`, first."""
        found = {DEFAULT: clean(_single(self.raw.get(name, "")))}
        prefix = f"{name}-"
        for key, value in self.raw.items():
            if key.startswith(prefix):
                found[key.removeprefix(prefix)] = clean(_single(value))
        return {tag: text for tag, text in found.items() if text}

    def xmp_text(self, name: str) -> str:
        """A plain text, empty where there is none."""
        return clean(_single(self.raw.get(name, "")))

    def xmp_list(self, name: str) -> list[str]:
        """A bag or sequence of plain texts."""
        value = self.raw.get(name, [])
        return clean_all(value if isinstance(value, list) else [value])

    def iim_text(self, row: Property) -> str:
        """The IIM value of a field, empty where there is none."""
        return clean(self.block.first(row.iim) or "") if row.iim else ""

    def iim_list(self, row: Property) -> list[str]:
        """All IIM values of a field."""
        return clean_all(self.block.values.get(row.iim, ())) if row.iim else []

    def exif_text(self, row: Property) -> str:
        """The Exif text of a field when a person wrote it, else empty."""
        text = clean(self.camera.text(row.exif)) if row.exif else ""
        model = self.camera.text("Model")
        written = not is_boilerplate(row.field, text, model=model, filename=self.filename)
        return text if written else ""

    def is_same(self, row: Property, iim: str, others: list[str]) -> bool:
        """Whether an IIM value says what another does: equal, or cut off at the limit of its field (one dot forgiven)."""
        mine = normalise(iim).strip()
        theirs = [normalise(other).strip() for other in others]
        if mine in theirs:
            return True
        length = self.block.lengths.get(row.iim, 0) if row.iim else 0
        if row.octets is None or length < row.octets - LIMIT_SLACK_OCTETS:
            return False
        beginning = mine.removesuffix(".").rstrip()
        return any(other.startswith(beginning) for other in theirs)


def _single(value: Any) -> Any:
    return next(iter(value), "") if isinstance(value, list) else value


def hints_of(sources: Sources, declared: str | None) -> Hints:
    """What the file's own tagged texts tell of its languages, beside what the depositor declared."""
    tagged = [sources.xmp_languages(BY_FIELD[name].xmp) for name in TELLING]
    defaults = (languages.default_language(values) for values in tagged)
    spoken = {languages.tag_becomes(tag) for values in tagged for tag in values if tag != DEFAULT}
    return Hints(
        declared=declared,
        default=next((language for language in defaults if language), None),
        spoken=frozenset(spoken),
    )


@dataclass(slots=True)
class Notes:
    """What is written down while choosing: the reason per field, disagreements with all values, flags."""

    reasons: dict[str, str] = field(default_factory=dict)
    conflicts: list[dict[str, str]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    def disagree(self, name: str, **values: str) -> None:
        """Two sources say different things about a field."""
        self.conflicts.append({"field": name, **values})
        self.flags.add(DISAGREE)
