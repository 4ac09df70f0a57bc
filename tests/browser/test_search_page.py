"""The search page: filters, chips, order, rows that fill the width; with script and without."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]


def count(page: Any) -> int:
    return int("".join(char for char in page.locator(".head h1").inner_text() if char.isdigit()))


def test_choosing_a_filter_finds_as_many_as_it_promised(visit: Visit) -> None:
    page = visit("/en/search").page
    option = page.locator(".option").filter(has=page.locator("[name=place]")).first
    promised = int(option.locator(".count").inner_text())
    option.click()
    page.wait_for_url("**place=**")
    page.wait_for_function(
        "n => document.querySelector('.head h1').textContent.startsWith(n)", arg=str(promised)
    )
    assert page.locator(".tile").count() == promised
    assert page.locator(".search .chip").count() == 1


def test_focus_stays_on_the_filter_that_was_chosen(visit: Visit) -> None:
    page = visit("/en/search").page
    box = page.locator("[name=type]").first
    box.focus()
    page.keyboard.press("Space")
    page.wait_for_url("**type=photo**")
    page.wait_for_selector(".search .chip")
    assert page.evaluate("document.activeElement.name") == "type"


def test_a_chip_is_taken_off_and_going_back_brings_it_again(visit: Visit) -> None:
    page = visit("/en/search?type=photo").page
    page.locator(".search .chip a").click()
    page.wait_for_url("**/en/search")
    assert page.locator(".search .chip").count() == 0
    page.go_back()
    page.wait_for_selector(".search .chip")


def test_filters_work_without_script(visit: Visit) -> None:
    page = visit("/ru/search", script=False).page
    page.locator("[name=type]").first.check()
    page.locator(".filters .apply").click()
    assert "type=photo" in page.url
    assert page.locator(".search .chip").count() == 1


def test_a_date_is_read_back_into_its_field(visit: Visit) -> None:
    page = visit("/az/search?date=2026-05-01..2026-05-31").page
    assert page.locator("[name=from]").input_value() == "2026-05-01"
    assert page.locator("[name=to]").input_value() == "2026-05-31"
    assert 0 < count(page) < 24


def test_a_word_in_one_language_finds_what_is_said_in_another(visit: Visit) -> None:
    found = {
        visit(path).page.locator(".tile a").first.get_attribute("href").split("/")[-1]
        for path in (
            "/en/search?q=bərpaçılar",
            "/az/search?q=реставраторы",
            "/ru/search?q=restorers",
        )
    }
    assert len(found) == 1


def test_a_query_that_is_no_query_is_answered_with_a_note(visit: Visit) -> None:
    page = visit("/en/search?q=shutter%3Afast%20%22(").page
    assert page.locator(".head h1").is_visible()
    assert page.locator(".notes li").count() >= 1


@pytest.mark.parametrize(
    ("language", "asks"), [("az", "Bəlkə"), ("en", "Did you mean"), ("ru", "Возможно")]
)
def test_one_press_tries_the_word_that_was_meant(language: str, asks: str, visit: Visit) -> None:
    page = visit(f"/{language}/search?q=Colmra&type=photo").page
    offer = page.locator(".notes a")
    assert asks in offer.inner_text()
    offer.click()
    page.wait_for_url(f"**/{language}/search?q=Colmar&type=photo")
    assert count(page) > 0
    assert page.locator(".notes li").count() == 0


def test_a_cursor_that_is_not_ours_starts_the_list_again(visit: Visit) -> None:
    page = visit("/en/search?type=photo&cursor=nonsense").page
    assert "cursor" not in page.url
    assert page.locator(".tile").count() > 0


@pytest.mark.parametrize("width", [390, 760, 1024, 1440, 1900])
def test_rows_fill_the_width_and_pictures_keep_their_shape(width: int, visit: Visit) -> None:
    page = visit("/en/search", width=width).page
    rows, wide = page.evaluate(
        """() => {
            const rows = {};
            for (const tile of document.querySelectorAll('.tile')) {
                const box = tile.querySelector('.shot').getBoundingClientRect();
                (rows[Math.round(box.top)] ??= []).push(box);
            }
            const grid = document.querySelector('.grid').getBoundingClientRect();
            return [Object.values(rows).map(row => ({left: row[0].left - grid.left,
                right: grid.right - row.at(-1).right, heights: row.map(box => box.height)})), grid.width];
        }"""
    )
    assert len(rows) > 2
    for row in rows[:-1]:
        assert abs(row["left"]) <= 1
        assert abs(row["right"]) <= 1
    for row in rows:
        assert max(row["heights"]) - min(row["heights"]) <= 1
    assert wide > 0
    cropped = page.evaluate(
        """() => [...document.querySelectorAll('.shot:not([data-fit]) img')].map(image => {
            const box = image.getBoundingClientRect();
            return Math.abs(box.width / box.height / (image.getAttribute('width') / image.getAttribute('height')) - 1);
        })"""
    )
    assert max(cropped) <= 0.02


def test_on_a_phone_photos_need_no_title(visit: Visit) -> None:
    page = visit("/en/search?type=photo", width=390).page
    assert page.locator(".tile").count() > 0
    assert page.locator(".tile .words:visible").count() == 0


def test_the_slash_key_leads_to_the_search_field(visit: Visit) -> None:
    page = visit("/az/search").page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


def test_the_keyboard_alone_leads_from_the_search_to_the_original(visit: Visit) -> None:
    page = visit("/en/").page
    page.keyboard.press("/")
    page.keyboard.type("Colmar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=Colmar")
    page.locator(".tile a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/assets/**")
    page.locator(".take .button").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "2026-05-12-kolmar-berpa.jpg"


def test_the_filters_open_over_the_page_on_a_phone_and_stay_open_while_choosing(
    visit: Visit,
) -> None:
    page = visit("/ru/search", width=390).page
    page.locator(".sheet").click()
    page.locator(".filters [name=type]").first.check()
    page.wait_for_url("**type=photo**")
    page.wait_for_selector(".rowchips .chip", state="attached")
    assert page.locator(".filters").is_visible()
    page.locator(".sheethead .button").click()
    assert page.locator(".filters").is_hidden()


def test_an_archivist_finds_what_is_not_published_and_lets_go_of_it_again(visit: Visit) -> None:
    page = visit("/en/search?q=museum", as_="arxiv@media.test").page
    page.locator(".standings a", has_text="Not published").click()
    page.wait_for_url("**q=museum+is%3Adraft")
    assert count(page) == 0
    chosen = page.locator(".standings a[aria-current=true]")
    assert chosen.inner_text() == "Not published"
    page.locator(".standings a", has_text="Withdrawn").click()
    page.wait_for_url("**q=museum+is%3Awithdrawn")
    page.locator(".standings a[aria-current=true]").click()
    page.wait_for_url("**/en/search?q=museum")
    assert count(page) > 0


def test_a_visitor_is_not_asked_about_states(visit: Visit) -> None:
    assert visit("/en/search").page.locator(".standings").count() == 0


def test_who_comes_back_from_a_photo_finds_the_list_as_long_as_it_was(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.pages.search.PAGE", 8)
    page = visit("/en/search").page
    page.locator("[data-more]").click()
    page.wait_for_function("() => document.querySelectorAll('.tile').length === 16")
    page.locator(".tile a").nth(12).click()
    page.wait_for_url("**/assets/**")
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.tile').length === 16")


def test_the_key_for_the_search_field_works_from_a_filter(visit: Visit) -> None:
    page = visit("/ru/search").page
    page.locator("[name=type]").first.focus()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_a_name_in_the_address_that_nothing_holds_is_shown_as_people_write_it(visit: Visit) -> None:
    page = visit("/en/search?person=~nobody").page
    assert page.locator(".search .chip b").inner_text() == "nobody"
