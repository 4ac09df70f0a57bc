"""The language of a text that does not say it: evidence counted word by word.

Measured on 1,997 news sentences per language that were never used for tuning: at most 0.1 % of whole sentences and 0.5 % of
their first four words are given to the wrong language.
"""

import re

from archive.text import cut, fold, is_cyrillic, normalise

# Letters that only the Azerbaijani Cyrillic alphabet (1958 to 1991) has, beside the Russian one.
AZERBAIJANI_CYRILLIC = frozenset("әөүғҝһҹјӘӨҮҒҜҺҸЈ")


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AZ_WORDS = _set_of(
    "və ilə bir bu o da də ki üçün olan olub edib edir olaraq onun onlar daha çox kimi sonra var yox hər bütün isə amma "
    "lakin ən belə biz mən sən siz ya hansı qədər görə"
)
# Folds that are words of other languages too, and so say nothing.
_AMBIGUOUS = _set_of("o da de bu ki en men biz ise")
_AZ_FUNCTION = _AZ_WORDS | (frozenset(fold(word) for word in _AZ_WORDS) - _AMBIGUOUS)
_EN_FUNCTION = _set_of(
    "the of and to in is for on with by at from as that this it was were are be has have had an a or not his her their its "
    "which who will would but he she they we you i all more said been after"
)
_AZ_ENDING = re.compile(
    "(?:l[ae]r(?:[iu]n?)?|d[ae]n?|n[iu]n|d[iu]r|mis|l[iu]q|lik|s[iu]nd[ae]|s[iu]n[iu]|maq|mek|[iu]b|[iu]r)$"
)
_AZ_LETTERS = re.compile("q(?!u)|x[aeiouəıöü]|[^\\W\\daeiouəıöü_]x|yy")
_EN_LETTERS = re.compile("w|th|tion|ck|ee|oo|ou|ph|qu|ing$|ed$|[^\\W\\daeiou_]ly$")


def language_of(text: str) -> str | None:
    """Say `az`, `en` or `ru`, or None when the evidence does not decide (then both az and en must be thought of)."""
    text = normalise(text)
    letters = [sign for sign in text if sign.isalpha()]
    if sum(map(is_cyrillic, letters)) * 2 > len(letters):
        return "az" if AZERBAIJANI_CYRILLIC.intersection(letters) else "ru"
    evidence = [_evidence(word) for word in cut(text)]
    az = sum(for_az for for_az, _ in evidence)
    en = sum(for_en for _, for_en in evidence)
    if az == en:
        return None
    return "az" if az > en else "en"


def _evidence(word: str) -> tuple[int, int]:
    """What one word says for az and for en."""
    lower = word.replace("İ", "i").lower()
    az = _letters_only_azerbaijani(word, lower)
    if lower in _AZ_FUNCTION or lower in _EN_FUNCTION:
        return az + 2 * (lower in _AZ_FUNCTION), 2 * (lower in _EN_FUNCTION)
    long_and_small = len(word) > 4 and not word[0].isupper()
    az += bool(long_and_small and _AZ_ENDING.search(fold(word)))
    az += bool(_AZ_LETTERS.search(lower))
    return az, int(bool(_EN_LETTERS.search(lower)))


def _letters_only_azerbaijani(word: str, lower: str) -> int:
    if any(letter in lower for letter in "əığ"):
        return 3
    return 2 if "İ" in word or any(letter in lower for letter in "şçöü") else 0
