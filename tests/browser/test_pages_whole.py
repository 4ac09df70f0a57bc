"""Every page in every language, width and theme: accessible, without complaint from the browser, never sideways."""

from collections.abc import Callable
from typing import Any

import pytest

from archive.model.multilingual import LANGUAGES

pytestmark = pytest.mark.browser
ARCHIVIST, PHOTOGRAPHER = "arxiv@media.test", "foto@media.test"
PHOTO = "2026-05-12-kolmar-berpa.jpg"
PAGES = {
    "home": ("/{language}/", ""),
    "search": ("/{language}/search?q=muzey&type=photo&from=2026-01-01", ""),
    "search of staff": ("/{language}/search", ARCHIVIST),
    "nothing found": ("/{language}/search?q=zzzzzz&type=photo", ""),
    "photo": ("/{language}/assets/{photo}", ""),
    "photo of staff": ("/{language}/assets/{photo}", ARCHIVIST),
    "deposit": ("/{language}/upload", PHOTOGRAPHER),
    "sign-in": ("/{language}/sign-in", ""),
    "not found": ("/{language}/nowhere", ""),
    "not allowed": ("/{language}/upload", ""),
}
LOOKS = [(1440, False), (1440, True), (390, False), (390, True)]
Visit = Callable[..., Any]


def address(page: str, language: str, house: Any) -> str:
    return PAGES[page][0].format(language=language, photo=house.photos[PHOTO])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_accessible_in_both_themes_and_widths(
    page: str, language: str, house: Any, visit: Visit, violations: Callable[..., list[str]]
) -> None:
    for width, dark in LOOKS:
        seen = visit(address(page, language, house), width=width, dark=dark, as_=PAGES[page][1])
        assert seen.page.locator("html").get_attribute("lang") == language
        assert violations(seen.page) == [], (width, dark)
        assert seen.complaints == [], (width, dark)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_never_scrolls_sideways(page: str, language: str, house: Any, visit: Visit) -> None:
    seen = visit(address(page, language, house), as_=PAGES[page][1])
    for width in (320, 390, 1024, 1440, 2560):
        seen.page.set_viewport_size({"width": width, "height": 900})
        over = seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, width


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_no_word_is_cut_in_buttons_tabs_and_filters(
    page: str, language: str, house: Any, visit: Visit
) -> None:
    seen = visit(address(page, language, house), as_=PAGES[page][1])
    for width in (390, 1440):
        seen.page.set_viewport_size({"width": width, "height": 900})
        cut = seen.page.evaluate(
            "() => [...document.querySelectorAll('.button, [role=tab], .option .text, .sections a, .phone > *')]"
            ".filter(node => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)"
            ".map(node => node.textContent.trim())"
        )
        assert cut == [], width


def moved(page: Any) -> float:
    """How much has moved on a page by itself since it was first painted."""
    page.wait_for_load_state("networkidle")
    shift: float = page.evaluate(
        "() => new Promise(done => new PerformanceObserver(list => done(list.getEntries()"
        ".filter(one => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0)))"
        ".observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 300))"
    )
    return shift


@pytest.mark.parametrize("page", ["home", "search", "photo", "deposit", "sign-in"])
def test_nothing_moves_after_it_has_been_painted(page: str, house: Any, visit: Visit) -> None:
    seen = visit(address(page, "az", house), as_=PAGES[page][1])
    assert moved(seen.page) <= 0.01


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("page", ["home", "search", "photo", "sign-in"])
def test_nothing_moves_when_the_pictures_come_after_the_first_paint(
    page: str, width: int, house: Any, visit: Visit
) -> None:
    seen = visit("/az/nowhere", width=width).page
    kept: list[Any] = []

    def keep(route: Any) -> None:  # a list's own method cannot be a handler
        kept.append(route)

    seen.route("**/renditions/*", keep)
    with seen.expect_request("**/renditions/*"):
        seen.goto(address(page, "az", house), wait_until="commit")
    seen.wait_for_function(
        "() => performance.getEntriesByName('first-contentful-paint').length > 0"
    )
    seen.route("**/renditions/*", lambda route: route.continue_())
    for route in kept:
        route.continue_()
    seen.wait_for_load_state()
    assert moved(seen) <= 0.01


def test_every_page_names_its_forms_in_the_other_languages(house: Any, visit: Visit) -> None:
    seen = visit("/az/search?q=muzey&type=photo")
    links = seen.page.locator("link[hreflang]")
    assert [link.get_attribute("hreflang") for link in links.all()] == list(LANGUAGES)
    assert links.nth(2).get_attribute("href") == "/ru/search?q=muzey&type=photo"


def test_no_style_and_no_script_stands_inside_a_page(house: Any, visit: Visit) -> None:
    for page, (_, account) in PAGES.items():
        seen = visit(address(page, "en", house), as_=account, script=False)
        assert seen.page.locator("[style], style, script:not([src])").count() == 0, page


def test_no_request_leaves_the_house(house: Any, visit: Visit) -> None:
    seen = visit("/en/sign-in")
    asked: list[str] = []
    seen.page.on("request", lambda request: asked.append(request.url))
    for page in ("home", "search", "photo"):
        seen.page.goto(address(page, "en", house))
        seen.page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((house.address, "data:", "blob:"))] == []
