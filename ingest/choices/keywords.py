"""Keywords: the union of XMP and IIM, each once, every one with its own language."""

from archive.languages import language_of
from archive.model.description import Keyword
from archive.model.iptc import BY_FIELD, HIERARCHIES_XMP
from archive.model.multilingual import UNDETERMINED
from archive.text import fold_phrase, has_cyrillic
from ingest.choices.sources import IIM, XMP, Notes, Sources
from ingest.cleaning import CUT, MOST_KEYWORDS

STEP = "|"


def keywords(sources: Sources, notes: Notes) -> tuple[Keyword, ...]:
    """All keywords in their order, XMP's first; of hierarchies the last step. At most 500."""
    row = BY_FIELD["keywords"]
    found = [(text, XMP) for text in sources.xmp_list(row.xmp)]
    found += [(text, IIM) for text in sources.iim_list(row)]
    last_steps = (path.rpartition(STEP)[2].strip() for path in sources.xmp_list(HIERARCHIES_XMP))
    found += [(text, XMP) for text in last_steps if text]
    unique: dict[str, tuple[str, str]] = {}
    for text, source in found:
        unique.setdefault(fold_phrase(text) or text, (text, source))
    if len(unique) > MOST_KEYWORDS:
        notes.flags.add(CUT)
    kept = list(unique.values())[:MOST_KEYWORDS]
    tags = assign_languages([text for text, _ in kept], sources.hints.declared)
    return tuple(
        Keyword(text=text, source=source, language=language)
        for (text, source), language in zip(kept, tags, strict=True)
    )


def assign_languages(texts: list[str], declared: str | None = None) -> list[str]:
    """A language per keyword: by its own letters and words, else that of the nearest decided one in the same script."""
    own = [language_of(text) for text in texts]
    cyrillic = [has_cyrillic(text) for text in texts]
    return [
        own[index] or _nearest(index, own, cyrillic) or declared or UNDETERMINED
        for index in range(len(texts))
    ]


def _nearest(index: int, own: list[str | None], cyrillic: list[bool]) -> str | None:
    """Bags list their languages one after the other; at equal distance the one before decides."""
    for distance in range(1, len(own)):
        for place in (index - distance, index + distance):
            if 0 <= place < len(own) and own[place] and cyrillic[place] == cyrillic[index]:
                return own[place]
    return None
