"""Publishing by the page: what has no title is asked about once, in the reader's language, without script."""

from dataclasses import replace

import pytest
from depositing import deposit
from making import jpeg

from archive.model.asset import Visibility
from archive.model.description import Description
from archive.model.multilingual import Multilingual, Value

ASKED = {
    "az": "Bu materialın heç bir dildə başlığı yoxdur.",
    "en": "This material has no title in any language.",
    "ru": "У этого материала нет заголовка ни на одном языке.",
}


@pytest.fixture
def untitled(receiver, photographer, catalogue):
    return deposit(receiver, photographer, jpeg(41), catalogue=catalogue)


@pytest.fixture
def staff(visit, archivist):
    return visit(archivist)


@pytest.fixture
def visibility(catalogue, untitled):
    def reading() -> Visibility:
        with catalogue.reading() as tx:
            return tx.assets.get(untitled.id).visibility

    return reading


def press(visitor, asset, language="en", **more):
    data = {"csrf": visitor.headers["X-CSRF-Token"], "found": "q=x", **more}
    return visitor.client.post(f"/{language}/assets/{asset.id}/publish", data=data)


@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_material_without_a_title_is_asked_about_before_it_is_published(
    staff, untitled, visibility, language
) -> None:
    asked = press(staff, untitled, language)
    assert asked.status_code == 200
    assert ASKED[language] in asked.text
    assert f'href="/{language}/assets/{untitled.id}/edit"' in asked.text
    assert visibility() is Visibility.DRAFT
    assert 'name="untitled" value="1"' in asked.text
    done = press(staff, untitled, language, untitled="1")
    assert done.headers["Location"] == f"/{language}/assets/{untitled.id}?found=q%3Dx"
    assert visibility() is Visibility.PUBLISHED


def test_the_question_leads_to_the_material_in_the_other_languages(staff, untitled) -> None:
    asked = press(staff, untitled).text
    for language in ("az", "en", "ru"):
        assert f'hreflang="{language}" href="/{language}/assets/{untitled.id}?found=q%3Dx"' in asked


def test_a_title_in_one_language_is_enough(staff, untitled, visibility, catalogue) -> None:
    title = Multilingual({"ru": Value(text="Открытие", source="embedded:xmp")})
    with catalogue.writing() as tx:
        tx.assets.save(replace(tx.assets.get(untitled.id), chosen=Description(title=title)))
    assert press(staff, untitled).status_code == 303
    assert visibility() is Visibility.PUBLISHED


def test_what_is_published_already_is_not_asked_about(staff, untitled) -> None:
    press(staff, untitled, untitled="1")
    assert press(staff, untitled).status_code == 303


def test_the_page_itself_asks_nothing(staff, untitled) -> None:
    assert ASKED["en"] not in staff.get(f"/en/assets/{untitled.id}").text


def test_programs_are_not_asked(staff, untitled, visibility) -> None:
    assert staff.post(f"/api/v1/assets/{untitled.id}/publish").status_code == 200
    assert visibility() is Visibility.PUBLISHED
