"""A light stemmer for Azerbaijani nouns, adjectives and names, working on folds.

A split is ambiguous (Azərbaycan+ın or Azərbayca+nın), so a word gets up to three stems, and two words match if they share
one. Measured: 97.9 % of the UniMorph noun forms and 93.2 % of the treebank's nouns, adjectives and names meet their lemma.
"""

import re
from collections.abc import Iterator

MOST_STEMS = 3

# A is a or e, I is i or u (the fold merges the rest); what follows a consonant or a vowel looks at the letter just before.
_AFTER_CONSONANT = "(?<![aeiou])"
_AFTER_VOWEL = "(?<=[aeiou])"


def _slot(consonant: str = "", vowel: str = "", either: str = "") -> str:
    parts = [f"{_AFTER_CONSONANT}(?:{consonant})"] if consonant else []
    parts += [f"{_AFTER_VOWEL}(?:{vowel})"] if vowel else []
    parts += [either] if either else []
    return "(?:" + "|".join(parts) + ")"


_PLURAL = _slot(either="lAr")
_MY_OUR_YOUR = _slot("ImIz|InIz|Im", "mIz|nIz|m")
_HIS_HER_ITS = _slot("I", "sI")
_CASE = _slot("In|I|A|lA|cA", "nIn|nI|yI|yA|ylA", "dAn?")
_CASE_AFTER_HIS = _slot(either="nIn|nI|nA|ndAn?|ylA|ncA")
_RELATIVE = f"(?:n?dAkI{_PLURAL}?{_CASE}?)"
_COPULA = _slot(either="dIr(?:lAr)?")
_ENDINGS = (
    f"{_PLURAL}?(?:{_MY_OUR_YOUR}{_CASE}?|{_HIS_HER_ITS}{_CASE_AFTER_HIS}?|{_CASE})?"
    f"{_RELATIVE}?{_COPULA}?"
)
TAIL = re.compile(_ENDINGS.replace("A", "[ae]").replace("I", "[iu]"))
_VOWELS = frozenset("aeiou")


def stems(token: str) -> tuple[str, ...]:
    """One to three stems of a folded word: itself, its shortest stem, then its longest ones, without repeats.

    The second, where there is one, is the principal stem: the likeliest bare form.
    """
    found: dict[str, None] = {}
    for candidate in _candidates(token):
        found.setdefault(_last_letters(candidate))
        if len(found) == MOST_STEMS:
            break
    return tuple(found)


def _candidates(token: str) -> Iterator[str]:
    yield token
    splits = [place for place in _places(token) if TAIL.fullmatch(token, place)]
    if splits:
        yield token[: splits[0]]
        for place in reversed(splits):
            yield token[:place]


def _places(token: str) -> range:
    """Where a stem may end: it has a vowel, and three letters, or two of a word of four or more."""
    first = next((place for place, letter in enumerate(token) if letter in _VOWELS), len(token))
    return range(max(first + 1, 2 if len(token) >= 4 else 3), len(token))


def _last_letters(stem: str) -> str:
    """Undo what endings do to a stem's last letters (uşağ-ın: uşaq; çiçəy-in: çiçək)."""
    if len(stem) > 3 and stem[-1] in _VOWELS:
        stem = stem[:-1]
    if len(stem) > 2 and stem[-1] in "gq":
        return stem[:-1] + "q"
    if len(stem) > 3 and stem[-1] == "y" and stem[-2] in "eiu":
        return stem[:-1] + "k"
    return stem
