"""Words, sentences and figures in Azerbaijani, English and Russian, for pages, problem documents and the command line.

Nothing here needs a request or a web framework. Message ids are English; the catalogues are the `.po` files of
`web/translations/`, read once per process. `python -m web.i18n check` proves them whole, `update` collects new messages.
"""

from web.i18n.catalogue import LANGUAGES, NAMES, Words, words
from web.i18n.formats import (
    date_text,
    day_text,
    length_text,
    moment_text,
    number_text,
    short_moment_text,
    size_text,
    taken_text,
)
from web.i18n.sentences import error_text, flag_text, note_text, reason_text, type_text

__all__ = [
    "LANGUAGES",
    "NAMES",
    "Words",
    "date_text",
    "day_text",
    "error_text",
    "flag_text",
    "length_text",
    "moment_text",
    "note_text",
    "number_text",
    "reason_text",
    "short_moment_text",
    "size_text",
    "taken_text",
    "type_text",
    "words",
]
