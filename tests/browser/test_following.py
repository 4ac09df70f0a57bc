"""A page keeps up with the work on its material, and takes nothing from who watches, writes or looks elsewhere."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("player")]
Visit = Callable[..., Any]
FILM = "place-35s-low-resolution.mp4"
EVERY_MS = 3000
FILM_OF = "document.querySelector('media-controller video')"


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, media: Path, furnished: Callable[..., Any]
) -> Iterator[Any]:
    with furnished(tmp_path_factory.mktemp("following"), [media / "videos" / FILM]) as house:
        yield house


@dataclass
class Work:
    """What the house says of a film: still worked on with a first copy, then done with a better one."""

    is_done: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        if not self.is_done:
            text = text.replace('<div class="states">', '<div class="states" data-follow>')
            text = re.sub(r'(<source [^>]*src="[^"?]*)"', r'\1?first"', text)
        self.asked.append("page" if route.request.is_navigation_request() else "look")
        route.fulfill(response=answer, body=text)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def page(house: Any, visit: Visit, work: Work) -> Page:
    seen = visit("/en/", as_="arxiv@media.test").page
    address = f"/en/assets/{house.photos[FILM]}"
    seen.clock.install()
    seen.route(f"**{address}", work.answer)
    seen.goto(address)
    assert work.asked == ["page"]
    return seen


def look(page: Page) -> None:
    """Let the time of one look pass, and the answer be read."""
    with page.expect_response(lambda answer: "/en/assets/" in answer.url):
        page.clock.run_for(EVERY_MS)
    page.evaluate("() => new Promise(requestAnimationFrame)")


def test_a_better_copy_appears_by_itself(page: Page, work: Work) -> None:
    look(page)
    assert work.asked == ["page", "look"]
    work.is_done = True
    with page.expect_navigation():
        page.clock.run_for(EVERY_MS)
    assert page.locator("[data-follow]").count() == 0


def test_who_watches_gets_the_better_copy_when_the_film_is_back_at_its_beginning(
    page: Page, work: Work
) -> None:
    page.evaluate(
        f"() => {{ Object.defineProperty({FILM_OF}, 'currentTime', {{ value: 9, writable: true }}) }}"
    )
    work.is_done = True
    look(page)
    page.wait_for_function("() => !document.querySelector('[data-follow]')")
    page.clock.run_for(3 * EVERY_MS)
    assert work.asked == ["page", "look"]
    page.evaluate(f"() => {{ {FILM_OF}.currentTime = 0 }}")
    with page.expect_navigation():
        page.clock.run_for(EVERY_MS)
    assert work.asked == ["page", "look", "page"]


def test_a_half_typed_reason_is_not_taken_away(page: Page, work: Work) -> None:
    page.locator(".acts summary").click()
    page.fill("[name=reason]", "Wrong pers")
    page.locator("h1").click()
    work.is_done = True
    look(page)
    page.wait_for_function("() => !document.querySelector('[data-follow]')")
    page.clock.run_for(3 * EVERY_MS)
    assert page.input_value("[name=reason]") == "Wrong pers"
    page.fill("[name=reason]", "")
    page.locator("h1").click()
    page.evaluate("() => document.activeElement.blur()")
    with page.expect_navigation():
        page.clock.run_for(EVERY_MS)


def test_a_tab_that_nobody_sees_asks_nothing(page: Page, work: Work) -> None:
    hide = "value => { Object.defineProperty(document, 'hidden', { value, configurable: true }); document.dispatchEvent(new Event('visibilitychange')) }"
    page.evaluate(
        "() => { window.looks = 0; const ask = fetch; window.fetch = (...what) => (window.looks++, ask(...what)) }"
    )
    page.evaluate(hide, True)
    page.clock.run_for(10 * EVERY_MS)
    assert page.evaluate("window.looks") == 0
    with page.expect_response(lambda answer: "/en/assets/" in answer.url):
        page.evaluate(hide, False)
    assert work.asked == ["page", "look"]
