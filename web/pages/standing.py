"""The standings of material that staff look for: rows beside the results which put a word into the query or take it out."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from web.i18n import words
from web.i18n.catalogue import marked as _m
from web.pages.blueprint import language

STANDINGS = {
    "is:draft": ("eye-off", _m("Not published")),
    "is:withdrawn": ("circle-x", _m("Withdrawn")),
    "is:attention": ("triangle-alert", _m("Needs attention")),
}
"""Words of the query language, each with its icon and its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One row: its name, where it leads, and whether the query holds it."""

    label: str
    icon: str
    href: str
    chosen: bool


def standings(query: str) -> Iterator[Standing]:
    """Every row for this query; all but one standing at a time would find nothing, so choosing one drops the others."""
    held = query.split()
    rest = [word for word in held if word not in STANDINGS]
    for word, (icon, label) in STANDINGS.items():
        chosen = word in held
        wanted = rest if chosen else [*rest, word]
        yield Standing(
            label=words(language()).gettext(label),
            icon=icon,
            href=_address(" ".join(wanted)),
            chosen=chosen,
        )


def _address(query: str) -> str:
    """The same page with another query, from its beginning."""
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in {"q", "cursor"} and value
    ]
    pairs = [("q", query), *kept] if query else kept
    return f"{request.path}?{urlencode(pairs)}" if pairs else request.path
