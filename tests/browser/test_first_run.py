"""First run: an empty house is opened by its one-time link, in three languages."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from archive.model.multilingual import LANGUAGES
from web.auth.accounts import offer_setup

pytestmark = pytest.mark.browser


@pytest.fixture
def empty(serving_house: Callable[[Any], Any], tmp_path: Any) -> Iterator[tuple[str, str]]:
    """An empty house's address and its set-up secret."""
    with serving_house(tmp_path / "home") as (address, services):
        secret = offer_setup(services.catalogue)
        assert secret is not None
        yield address, secret


def test_the_first_admin_is_made_by_the_link_which_then_is_used_up(
    browser: Browser, empty: tuple[str, str], violations: Callable[..., list[str]]
) -> None:
    address, secret = empty
    page = browser.new_page()
    for language in LANGUAGES:
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{address}/setup?token={secret}&language={language}")
            assert page.locator("html").get_attribute("lang") == language
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.fill("[name=name]", "Leyla Məmmədova")
    page.fill("[name=email]", "leyla@media.test")
    page.locator("[name=password]").evaluate("field => field.removeAttribute('minlength')")
    page.fill("[name=password]", "short")
    page.locator("main form .button").click()
    page.wait_for_selector("[aria-invalid=true]")
    page.locator(".langs a[hreflang=en]").click()
    page.fill("[name=name]", "Leyla Məmmədova")
    page.fill("[name=email]", "leyla@media.test")
    page.fill("[name=password]", "four plain words here")
    page.locator("main form .button").click()
    page.wait_for_url("**/en/")
    assert page.locator(".avatar").inner_text() == "LM"
    assert "Nothing is published yet" in page.locator(".newest").inner_text()
    answer = page.goto(f"{address}/setup?token={secret}&language=az")
    assert answer is not None
    assert answer.status == 404
    page.close()
