"""The photo page: captions in three languages, rights, the original, and who sees it."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]
PHOTO = "2026-05-12-kolmar-berpa.jpg"
TITLES = {
    "az": "Bərpaçılar Kolmarın köhnə məhəlləsini öyrənir",
    "en": "Restorers study the old quarter of Colmar",
    "ru": "Реставраторы изучают старый квартал Кольмара",
}


@pytest.mark.parametrize("language", TITLES)
def test_the_title_is_in_the_readers_language(language: str, house: Any, visit: Visit) -> None:
    page = visit(f"/{language}/assets/{house.photos[PHOTO]}").page
    assert page.locator("h1").inner_text().replace("\n", " ") == TITLES[language]


def test_arrow_keys_move_between_the_captions(house: Any, visit: Visit) -> None:
    page = visit(f"/en/assets/{house.photos[PHOTO]}").page
    page.locator("[role=tab][aria-selected=true]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("[role=tab][aria-selected=true]").inner_text() == "Русский"
    assert "Реставраторы" in page.locator(".caption:visible").inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator("#caption-az").is_visible()


def test_all_captions_stand_on_the_page_without_script(house: Any, visit: Visit) -> None:
    page = visit(f"/en/assets/{house.photos[PHOTO]}", script=False).page
    assert page.locator(".caption:visible").count() == 3
    assert page.locator(".caption [lang=ru]").count() > 0


def test_caption_and_credit_are_copied_as_text(house: Any, visit: Visit) -> None:
    page = visit(
        f"/en/assets/{house.photos[PHOTO]}", permissions=["clipboard-read", "clipboard-write"]
    ).page
    page.locator("[data-copy]").click()
    page.wait_for_selector(".toast:not(:empty)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Restorers from Sheki")
    assert copied.endswith("Xəzər Mətbuat Mərkəzi") or "Khazar" in copied


def test_the_original_comes_byte_for_byte(house: Any, visit: Visit, media: Any) -> None:
    page = visit(f"/en/assets/{house.photos[PHOTO]}").page
    with page.expect_download() as download:
        page.locator(".take .button").click()
    got = hashlib.sha256(download.value.path().read_bytes()).hexdigest()
    assert got == hashlib.sha256((media / "press" / PHOTO).read_bytes()).hexdigest()


def test_withdrawing_asks_why_and_takes_it_from_the_public(house: Any, visit: Visit) -> None:
    asset = house.photos["sidney-bere.jpg"]
    page = visit(f"/en/assets/{asset}", as_="arxiv@media.test").page
    page.locator("summary.button").click()
    page.fill("[name=reason]", "Wrong place")
    page.locator("details form .button").click()
    page.wait_for_selector("[data-kind=bad]")
    assert "Wrong place" in page.locator(".states").inner_text()
    assert "404" in str(
        visit(f"/en/assets/{asset}").page.evaluate(
            "performance.getEntriesByType('navigation')[0].responseStatus"
        )
    )
    page.locator("form[action$=publish] .button").click()
    page.wait_for_selector("summary.button")
    assert page.locator("form[action$=publish]").count() == 0


def test_a_visitor_sees_no_buttons_that_are_not_for_him(house: Any, visit: Visit) -> None:
    page = visit(f"/en/assets/{house.photos[PHOTO]}").page
    assert page.locator("form[action$=withdraw], form[action$=publish]").count() == 0
    assert page.locator(".marks").count() == 0


def test_the_way_back_leads_to_the_results_with_their_query(house: Any, visit: Visit) -> None:
    page = visit("/en/search?q=Colmar&type=photo").page
    page.locator(".tile a").first.click()
    page.wait_for_url("**/assets/**")
    assert page.locator(".pagebar > a").get_attribute("href") == "/en/search?q=Colmar&type=photo"


def test_the_way_back_outlives_another_language_and_a_change_of_visibility(
    house: Any, visit: Visit
) -> None:
    page = visit("/en/search?q=skateboarding&sort=oldest", as_="arxiv@media.test").page
    page.locator(".tile a").first.click()
    page.wait_for_url("**/assets/**")
    page.locator("summary.button").click()
    page.fill("[name=reason]", "Wrong place")
    page.locator("details form .button").click()
    page.wait_for_selector("[data-kind=bad]")
    page.locator(".langs a[hreflang=ru]").click()
    page.wait_for_url("**/ru/assets/**")
    page.locator("form[action$=publish] .button").click()
    page.wait_for_selector("summary.button")
    back = page.locator(".pagebar > a").get_attribute("href")
    assert back == "/ru/search?q=skateboarding&sort=oldest"


def test_a_place_is_named_once_among_the_details(house: Any, visit: Visit) -> None:
    page = visit(f"/en/assets/{house.photos['seki-ev-muzeyi.jpg']}").page
    assert page.locator(".pairs dd:not(.mono)", has_text="Ev-muzey").count() == 1
    assert page.locator(".facts a[lang=az]", has_text="Ev-muzey").count() == 1


def test_the_theme_chosen_is_painted_by_the_server_and_outlives_the_system(
    house: Any, visit: Visit
) -> None:
    page = visit(f"/az/assets/{house.photos[PHOTO]}").page
    page.locator(".avatar").click()
    page.locator("[name=theme][value=dark]").click()
    page.wait_for_selector("html[data-theme=dark]")
    assert page.url.endswith(house.photos[PHOTO])
    assert (
        page.evaluate("getComputedStyle(document.body).getPropertyValue('--bg').trim()")
        == "#121314"
    )


def test_the_search_field_of_a_photo_page_is_empty(house: Any, visit: Visit) -> None:
    page = visit("/en/search?q=Colmar").page
    page.locator(".tile a").first.click()
    page.wait_for_url("**/assets/**")
    assert page.locator(".search [name=q]").input_value() == ""
