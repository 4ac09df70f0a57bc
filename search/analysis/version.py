"""The analyser's version: an index made by another one finds less than it should, and is rebuilt."""

import hashlib

import Stemmer

from search.analysis import azerbaijani, chains, words

# Raised by hand when a rule changes that the data below does not show.
RULES = 1


def analyser_version() -> str:
    """Twelve hex digits that change with the rules, their data and the stemmer library."""
    data = (
        RULES,
        sorted(chains.STOP_WORDS),
        words.SUFFIX.pattern,
        sorted(words.TO_LATIN.items()),
        azerbaijani.TAIL.pattern,
        azerbaijani.MOST_STEMS,
        Stemmer.version(),
    )
    return hashlib.sha256(repr(data).encode()).hexdigest()[:12]
