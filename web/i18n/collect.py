"""Collect the messages of templates and code, and bring the catalogues up to date with them."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from web.i18n.catalogue import LANGUAGES, path_of, read

WEB = Path(__file__).resolve().parent.parent
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {
    "templates/**.html": {"encoding": "utf-8", "newstyle_gettext": "true", "silent": "false"}
}
KEYWORDS = {
    "_": None,
    "_m": None,
    "gettext": None,
    "marked": None,
    "ngettext": (1, 2),
    "forms": (1, 2),
}
PLURALS = {
    "az": "nplurals=1; plural=0;",
    "en": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
}


def messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Every message with the file it stands in."""
    found = extract_from_dir(WEB, METHODS, OPTIONS, keywords=KEYWORDS)
    for filename, _line, message, _comments, _context in found:
        yield filename, message


def collected() -> Catalog:
    """A catalogue of all messages, without translations."""
    catalogue = Catalog(charset="utf-8")
    for filename, message in messages():
        catalogue.add(message, locations=[(filename, 0)])
    return catalogue


def update() -> None:
    """Add new messages to the three catalogues and drop those no longer used; what is translated stays."""
    for language in LANGUAGES:
        catalogue = _existing(language)
        # Collected for each anew: a catalogue takes the messages themselves over, and English writes into them.
        catalogue.update(collected(), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        if language == "en":
            _say_ids(catalogue)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        with path_of(language).open("wb") as file:
            write_po(
                file, catalogue, width=110, omit_header=True, no_location=True, sort_output=True
            )
        text = path_of(language).read_text("utf-8")
        path_of(language).write_text(_header(language) + text, "utf-8")


def _existing(language: str) -> Catalog:
    if path_of(language).exists():
        return read(language)
    return Catalog(locale=language, charset="utf-8")


def _say_ids(catalogue: Catalog) -> None:
    """In English a message reads as its id."""
    for message in catalogue:
        if message.id:
            message.string = message.id


def _header(language: str) -> str:
    return (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    )
