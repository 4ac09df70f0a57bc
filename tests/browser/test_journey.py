"""The whole way in the browser: deposit a clip and photos, describe them in three columns, publish, collect, find, play, take away."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from making import jpeg
from playwright.sync_api import Page

from archive.model.multilingual import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]
Visit = Callable[..., Any]
ARCHIVIST = "arxiv@media.test"
CLIP = "rotated-270.mp4"
TITLES = {
    "az": "Bərpaçılar işləyir",
    "en": "Restorers at work",
    "ru": "Реставраторы за работой",
}
CAPTIONS = {
    "az": "Şəki ustaları Bakıda şəbəkə bərpa edir.",
    "en": "Craftsmen from Sheki restore a stained window in Baku.",
    "ru": "Мастера из Шеки восстанавливают витраж в Баку.",
}
COLLECTION = {"az": "Payız sərgisi", "en": "Autumn exhibition", "ru": "Осенняя выставка"}
WORD = {"az": "ustalar", "en": "windows", "ru": "мастера"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, furnished: Callable[..., Any]) -> Iterator[Any]:
    with furnished(tmp_path_factory.mktemp("journey"), []) as house:
        yield house


def deposited(page: Page, files: list[Path]) -> list[str]:
    """Send files by the deposit page; returns the addresses of their pages."""
    page.set_input_files("[data-choose] input", files)
    page.wait_for_function(
        "count => document.querySelectorAll('.filerow[data-state=ready]').length === count",
        arg=len(files),
        timeout=90_000,
    )
    return [str(link.get_attribute("href")) for link in page.locator("[data-open]").all()]


def described(page: Page, address: str) -> None:
    page.goto(f"{address}/edit")
    for tag in LANGUAGES:
        page.fill(f"[name='title.{tag}']", TITLES[tag])
        page.fill(f"[name='description.{tag}']", CAPTIONS[tag])
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{address}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clip_and_photos_go_the_whole_way(
    language: str, house: Any, visit: Visit, media: Path, tmp_path: Path
) -> None:
    clip = tmp_path / f"{language}.mp4"
    # A box at the end that nobody reads makes each language's clip another file.
    clip.write_bytes((media / "videos" / CLIP).read_bytes() + b"\0\0\0\x0afree" + language.encode())
    photos = [tmp_path / f"{language}{number}.jpg" for number in range(2)]
    for number, photo in enumerate(photos):
        photo.write_bytes(jpeg(seed=LANGUAGES.index(language) * 10 + number, size=(640, 480)))

    staff = visit(f"/{language}/upload", as_=ARCHIVIST).page
    addresses = deposited(staff, [*photos, clip])
    assert len(addresses) == 3
    for address in addresses:
        described(staff, address)
        staff.locator("form[action$='/publish'] button").click()
        staff.wait_for_selector("form[action$='/withdraw']", state="attached")

    staff.goto(addresses[0])
    staff.locator(".anew a").click()
    for tag in LANGUAGES:
        staff.fill(f"[name='title.{tag}']", f"{COLLECTION[tag]} {language}")
    staff.click("[data-save]")
    staff.wait_for_url("**/assets/**")
    for address in addresses[1:]:
        staff.goto(address)
        staff.select_option("[name=collection]", label=f"{COLLECTION[language]} {language}")
        staff.locator(".addto .button").click()
        staff.wait_for_url("**#collections")

    visitor = visit(f"/{language}/search?q={WORD[language]}")
    page = visitor.page
    found = {
        str(link.get_attribute("href")).split("?")[0] for link in page.locator(".tile a").all()
    }
    assert set(addresses) <= found
    page.goto(f"/{language}/collections")
    page.get_by_role("link", name=f"{COLLECTION[language]} {language}").click()
    page.wait_for_selector(".tile")
    assert page.locator(".tile").count() == 3
    page.locator(".tile a").nth(2).click()
    page.wait_for_selector("media-play-button")
    assert page.locator("h1").inner_text() == TITLES[language]
    assert CAPTIONS[language] in page.locator(".caption:visible").inner_text()
    page.locator("media-play-button").click()
    page.wait_for_function("() => document.querySelector('video').ended", timeout=30_000)
    with page.expect_download() as download:
        page.locator(".take .button").click()
    taken = hashlib.sha256(download.value.path().read_bytes()).hexdigest()
    assert taken == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert visitor.complaints == []
