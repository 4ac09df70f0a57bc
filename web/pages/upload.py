"""The deposit page. Its script sends resumable uploads; without script the form sends one file."""

from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol
from flask import Response, render_template

from archive.model.asset import Reason
from archive.rights import Act
from web.api.uploads import form_upload
from web.auth.bodies import takes_files
from web.i18n import error_text, reason_text, words
from web.i18n.catalogue import marked as _m
from web.i18n.formats import LOCALES, SIZES
from web.pages.blueprint import LANGUAGE, language, pages
from web.parts import parts
from web.rules import On, may, rule

STATES = {
    "waiting": ("clock", _m("Waiting"), ""),
    "reading": ("loader", _m("Reading"), ""),
    "sending": ("arrow-up", _m("Sending, %(percent)s%"), ""),
    "paused": (
        "wifi-off",
        _m("Connection lost"),
        _m("Resumes by itself, %(sent)s of %(all)s kept."),
    ),
    "checking": ("loader", _m("Checking"), ""),
    "stored": ("circle-check", _m("In the archive"), ""),
    "examining": ("loader", _m("In the archive, preview on its way"), ""),
    "ready": ("circle-check", _m("In the archive"), _m("It can be searched.")),
    "attention": ("triangle-alert", _m("In the archive, needs attention"), ""),
    "known": ("copy", _m("Already in the archive"), _m("The very same file is here already.")),
    "refused": ("circle-x", _m("Refused"), ""),
}
"""State of a file on the page: icon, words, and what stands below them."""
UNPUBLISHED = _m("You and the archive's staff find it, everyone once it is published.")
ERRORS = (
    "too-large",
    "no-room",
    "unauthenticated",
    "forbidden",
    "too-many-requests",
    "fixity-mismatch",
    "unavailable",
    "invalid",
    "conflict",
)


@pages.get(f"{LANGUAGE}/upload")
@rule(Act.DEPOSIT, on=On.HOUSE)
def upload() -> str:
    """Choose files, see each one's state in words."""
    return render_template(
        "upload.html",
        words=client_words(language()),
        limit=parts().receiver.max_bytes,
        may_publish=may(Act.PUBLISH),
    )


@pages.post(f"{LANGUAGE}/upload")
@rule(Act.DEPOSIT, on=On.HOUSE)
@takes_files
def send() -> Response:
    """One file by a plain form: without script, or from a program as simple."""
    return form_upload()


def client_words(spoken: str) -> dict[str, Any]:
    """Every sentence the page's script may have to say, with CLDR plural forms where it counts."""
    said = words(spoken)
    return {
        "states": {
            name: {
                "icon": icon,
                "text": said.gettext(text),
                "hint": said.gettext(hint) if hint else "",
            }
            for name, (icon, text, hint) in STATES.items()
        },
        "sums": {
            "files": said.forms("%(num)s file", "%(num)s files"),
            "known": said.forms("%(num)s was here already", "%(num)s were here already"),
            "here": said.forms("%(num)s in the archive", "%(num)s in the archive"),
            "moving": said.forms("%(num)s on the way", "%(num)s on the way"),
            "need": said.forms("%(num)s needs you", "%(num)s need you"),
        },
        "unpublished": said.gettext(UNPUBLISHED),
        "marks": {
            "decimal": get_decimal_symbol(LOCALES[spoken]),
            "group": get_group_symbol(LOCALES[spoken]),
        },
        "sizes": [said.gettext(size) for size in SIZES],
        "rate": said.gettext(_m("%(size)s/s")),
        "reasons": {reason.value: reason_text(reason, spoken) for reason in Reason},
        "errors": {code: error_text(code, spoken) for code in ERRORS},
    }
