"""The interface speaks three languages: every message whole, every reason a sentence, no bare text."""

from pathlib import Path

import pytest
from babel.messages.catalog import Message

from archive import errors
from archive.model.asset import Reason
from archive.model.multilingual import LANGUAGES
from web import i18n
from web.i18n import check
from web.i18n.collect import collected


def all_error_codes() -> set[str]:
    waiting, found = [errors.MediatekaError], set()
    while waiting:
        kind = waiting.pop()
        found.add(kind.code)
        waiting += [one for one in kind.__subclasses__() if one.__module__ == errors.__name__]
    return found


def test_the_catalogues_are_whole() -> None:
    assert check.faults() == []


def test_messages_are_collected_from_templates_and_code() -> None:
    ids = {message.id for message in collected() if message.id}
    assert {"Download original", "The file is empty. Copy it from the card again."} <= ids


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_sentence_of_its_own(language: str) -> None:
    said = [i18n.reason_text(reason, language) for reason in Reason]
    assert len(set(said)) == len(Reason)
    assert all(sentence.endswith(".") and len(sentence) > 10 for sentence in said)


@pytest.mark.parametrize("language", ["az", "ru"])
def test_every_error_code_is_translated(language: str) -> None:
    for code in all_error_codes():
        assert code in i18n.sentences.ERRORS, code
        assert i18n.error_text(code, language) != i18n.error_text(code, "en")


def test_an_unknown_code_still_says_something() -> None:
    assert i18n.error_text("never-heard-of", "en") == i18n.error_text("error", "en")
    assert "never-heard-of" in i18n.flag_text("never-heard-of", "az")


def test_a_note_carries_its_facts_and_survives_their_absence() -> None:
    assert "“shutter”" in i18n.note_text("unknown_field", {"field": "shutter"}, "en")
    assert "«shutter»" in i18n.note_text("unknown_field", {"field": "shutter"}, "ru")
    assert "…" in i18n.note_text("unknown_field", {}, "az")


@pytest.mark.parametrize(
    ("number", "word"), [(1, "файл"), (3, "файла"), (5, "файлов"), (11, "файлов"), (21, "файл")]
)
def test_russian_counts_in_three_forms(number: int, word: str) -> None:
    said = i18n.words("ru").ngettext("%(num)s file", "%(num)s files", number)
    assert said % {"num": number} == f"{number} {word}"


@pytest.mark.parametrize("number", [1, 2, 5, 100])
def test_azerbaijani_has_no_plural_after_a_number(number: int) -> None:
    assert i18n.words("az").ngettext("%(num)s file", "%(num)s files", number) == "%(num)s fayl"


def test_upload_and_download_are_never_mixed_up() -> None:
    assert i18n.words("az").gettext("Download") == "Endir"
    assert i18n.words("az").gettext("Upload") == "Yüklə"
    assert i18n.words("ru").gettext("Download") == "Скачать"
    assert i18n.words("ru").gettext("Upload") == "Загрузить"


@pytest.mark.parametrize(
    ("language", "message", "fault"),
    [
        ("az", Message("Download the file", "Faylı yüklə"), "forbidden word"),
        ("ru", Message("Download the file", "Загрузить файл"), "forbidden word"),
        ("az", Message("Subtitles", "Altyazılar"), "forbidden word"),
        ("en", Message("Done", "Done!"), "forbidden word"),
        ("ru", Message("%(num)s left", "осталось"), "unequal placeholders"),
        ("ru", Message("Save", ""), "untranslated"),
        ("az", Message("Save", "Yadda saxla", flags=["fuzzy"]), "fuzzy"),
        ("ru", Message(("%(n)s a", "%(n)s b"), ("%(n)s а", "%(n)s б", "")), "untranslated"),
    ],
)
def test_a_faulty_message_is_named(language: str, message: Message, fault: str) -> None:
    assert fault in "".join(check.message_faults(language, message, 3))


@pytest.mark.parametrize(
    ("template", "bare"),
    [
        ("<p>Hello there</p>", "Hello there"),
        ('<img alt="A bird">', "A bird"),
        ('<button aria-label="Close it">x</button>', "Close it"),
        ("{% if a %}<b>Bare</b>{% endif %}", "Bare"),
    ],
)
def test_bare_text_in_a_template_is_named(template: str, bare: str) -> None:
    assert bare in "".join(check.bare_text(template, "t.html"))


def test_text_that_passes_through_a_message_is_not_bare() -> None:
    source = """<p title="{{ _('x') }}">{{ _("Hello there") }}</p>{# a comment #}{% trans %}Hi you{% endtrans %}"""
    assert list(check.bare_text(source, "t.html")) == []


@pytest.mark.parametrize(
    ("size", "en", "az", "ru"),
    [
        (0, "0 kB", "0 KB", "0 КБ"),
        (12, "1 kB", "1 KB", "1 КБ"),
        (2_100_000, "2.1 MB", "2,1 MB", "2,1 МБ"),
        (596_000_000, "596 MB", "596 MB", "596 МБ"),
        (4_200_000_000, "4.2 GB", "4,2 GB", "4,2 ГБ"),
    ],
)
def test_sizes_are_written_as_each_language_does(size: int, en: str, az: str, ru: str) -> None:
    assert [i18n.size_text(size, language) for language in ("en", "az", "ru")] == [en, az, ru]


def test_numbers_are_grouped_as_each_language_does() -> None:
    said = [i18n.number_text(1284, language) for language in ("en", "az", "ru")]
    assert said == ["1,284", "1.284", "1\N{NO-BREAK SPACE}284"]


def test_every_code_that_an_answer_may_carry_has_a_sentence() -> None:
    """A code without one would be told as a fault of ours."""
    import re

    from web.i18n.sentences import ERRORS

    room = Path(check.__file__).parent.parent
    said = [path.read_text() for path in room.rglob("*.py") if path.parent.name != "i18n"]
    written = re.compile(r'problem\(\s*[A-Za-z_.]+,\s*"([a-z-]+)"')
    codes = {code for text in said for code in written.findall(text)}
    assert "tus-version" in codes
    assert codes - set(ERRORS) == set()
