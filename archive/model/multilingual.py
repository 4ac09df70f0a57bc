"""Text in languages: a value per language, each with its source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("az", "en", "ru")
UNDETERMINED = "und"  # BCP 47: the language of this value is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One text in one language and where it came from.

    `source` is one of `embedded:xmp`, `embedded:iim`, `embedded:exif`, `container`, `sidecar`, `import`, `template`,
    `typed`, `translated:<from>`; `guessed` says that the language is our guess, not the writer's word.
    """

    text: str
    source: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Multilingual:
    """A text per language tag: `az`, `en`, `ru` are edited, other tags are kept and searched."""

    values: Mapping[str, Value] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    def __iter__(self) -> Iterator[tuple[str, Value]]:
        return iter(self.values.items())

    def text(self, language: str) -> str | None:
        """The text in exactly this language, or None."""
        value = self.values.get(language)
        return value.text if value else None

    def best(self, language: str) -> tuple[str, str] | None:
        """The (language, text) to show a reader of `language`: that one, else az, en, ru, else any."""
        for tag in (language, *LANGUAGES, *self.values):
            if value := self.values.get(tag):
                return tag, value.text
        return None

    def with_value(self, language: str, value: Value | None) -> "Multilingual":
        """A copy with one language set, or removed when `value` is None."""
        rest = {tag: kept for tag, kept in self.values.items() if tag != language}
        return Multilingual(rest | {language: value} if value else rest)

    def to_json(self) -> dict[str, Any]:
        """`{language: {"text", "source", "guessed"?}}`, the form kept in the catalogue and in storage."""
        return {
            tag: {"text": value.text, "source": value.source}
            | ({"guessed": True} if value.guessed else {})
            for tag, value in self.values.items()
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Multilingual":
        """Read what `to_json` wrote."""
        return cls({tag: Value(**value) for tag, value in document.items()})
