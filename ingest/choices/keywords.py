"""Keywords: the union of XMP and IIM, each once, every one with its own language."""

from archive.languages import language_of
from archive.model.description import Keyword
from archive.model.iptc import BY_FIELD, HIERARCHIES_XMP
from archive.model.multilingual import UNDETERMINED
from archive.text import fold_phrase, has_cyrillic
from ingest.choices.sources import IIM, XMP, Notes, Sources
from ingest.cleaning import CUT, MOST_KEYWORDS
from ingest.languages import Hints

STEP = "|"
LATIN = frozenset({"az", "en"})


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
    tags = assign_languages([text for text, _ in kept], sources.hints)
    return tuple(
        Keyword(text=text, source=source, language=language)
        for (text, source), language in zip(kept, tags, strict=True)
    )


def assign_languages(texts: list[str], hints: Hints) -> list[str]:
    """A language per keyword: by its own letters and words, else by its place in the bag, else undetermined.

    Bags list their languages one after the other: where the file speaks az and en, the Latin run is cut where its decided
    words agree best, in the middle when they leave a choice. Elsewhere the nearest decided word in the same script decides.
    """
    own = [language_of(text) for text in texts]
    cyrillic = [has_cyrillic(text) for text in texts]
    latin = [index for index, is_cyrillic in enumerate(cyrillic) if not is_cyrillic]
    by_place: dict[int, str] = {}
    if hints.spoken >= LATIN:
        runs = _cut_in_two([own[index] for index in latin], hints.default)
        by_place = dict(zip(latin, runs, strict=True)) if runs else {}
    only = hints.spoken & LATIN
    rest = next(iter(only)) if len(only) == 1 else hints.declared
    return [
        own[index]
        or by_place.get(index)
        or _nearest(index, own, cyrillic)
        or (None if cyrillic[index] else rest)
        or UNDETERMINED
        for index in range(len(texts))
    ]


def _cut_in_two(own: list[str | None], default: str | None) -> list[str] | None:
    """One language up to a cut and the other behind it, contradicting no decided word; None where that is impossible."""
    orders = (("en", "az"), ("az", "en")) if default == "en" else (("az", "en"), ("en", "az"))
    best: tuple[float, list[str]] | None = None
    for first, second in orders:
        for cut in range(1, len(own)):
            runs = [first] * cut + [second] * (len(own) - cut)
            agrees = all(said in {None, run} for said, run in zip(own, runs, strict=True))
            off_middle = abs(cut - len(own) / 2)
            if agrees and (best is None or off_middle < best[0]):
                best = off_middle, runs
    return best[1] if best else None


def _nearest(index: int, own: list[str | None], cyrillic: list[bool]) -> str | None:
    """The language of the nearest decided keyword in the same script; at equal distance the one before decides."""
    for distance in range(1, len(own)):
        for place in (index - distance, index + distance):
            if 0 <= place < len(own) and own[place] and cyrillic[place] == cyrillic[index]:
                return own[place]
    return None
