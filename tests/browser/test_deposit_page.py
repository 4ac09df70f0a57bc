"""The deposit page: files sent in parts, cut and resumed, known ones told apart, refusals with their reason."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from making import jpeg
from playwright.sync_api import Page, Route

from archive.model.ids import AssetId

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]
PHOTOGRAPHER = "foto@media.test"
PICK = "[data-choose] input"


def state_of(page: Page, name: str) -> str:
    row = page.locator(".filerow").filter(has_text=name)
    return str(row.get_attribute("data-state"))


def wait_for(page: Page, name: str, *states: str) -> None:
    page.wait_for_function(
        "([name, states]) => [...document.querySelectorAll('.filerow')].some("
        "row => row.textContent.includes(name) && states.includes(row.dataset.state))",
        arg=[name, list(states)],
        timeout=60_000,
    )


def asset_of(page: Page, name: str) -> AssetId:
    link = page.locator(".filerow").filter(has_text=name).locator("[data-open]")
    return AssetId(str(link.get_attribute("href")).split("/")[-1])


def test_a_photo_is_sent_and_followed_until_it_is_ready(
    visit: Visit, tmp_path: Path, house: Any
) -> None:
    file = tmp_path / "Günəş çıxır.jpg"
    file.write_bytes(jpeg(seed=71, size=(640, 480)))
    seen = visit("/az/upload", as_=PHOTOGRAPHER)
    seen.page.set_input_files(PICK, [file])
    wait_for(seen.page, "Günəş", "ready", "attention")
    assert state_of(seen.page, "Günəş") == "ready"
    assert "yayımlanandan sonra" in seen.page.locator(".filerow .reason").inner_text()
    with house.services.catalogue.reading() as tx:
        kept = tx.assets.get(asset_of(seen.page, "Günəş"))
    assert kept.original.filename == "Günəş çıxır.jpg"
    assert kept.original.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert seen.complaints == []


@pytest.mark.parametrize("script", [True, False])
def test_one_caption_and_credit_go_with_every_file(
    script: bool, visit: Visit, tmp_path: Path, house: Any
) -> None:
    files = [tmp_path / f"opening{number}{script}.jpg" for number in range(2 if script else 1)]
    for number, file in enumerate(files):
        file.write_bytes(jpeg(seed=700 + number + 10 * script, size=(640, 480)))
    page = visit("/en/upload", as_=PHOTOGRAPHER, script=script).page
    page.locator(".batch summary").click()
    page.fill("[name=description]", "The opening of the exhibition.")
    page.fill("[name=credit]", "Photo: Press centre")
    if script:
        page.set_input_files(PICK, files)
        for file in files:
            wait_for(page, file.stem, "ready", "attention")
    else:
        page.set_input_files("#f-file", files)
        page.locator("[data-plain] .button").click()
        page.wait_for_selector(".outcomes")
    links = page.locator(".filerow .acts a")
    found = [str(links.nth(at).get_attribute("href")).split("/")[-1] for at in range(len(files))]
    with house.services.catalogue.reading() as tx:
        for kept in tx.assets.find([AssetId(one) for one in found]).values():
            assert kept.description.description.text("en") == "The opening of the exhibition."
            assert kept.description.credit.text("en") == "Photo: Press centre"


def test_each_refused_file_says_why_in_the_readers_language(visit: Visit, tmp_path: Path) -> None:
    empty, text = tmp_path / "boş.jpg", tmp_path / "mətn.jpg"
    empty.write_bytes(b"")
    text.write_text("not a picture at all\n" * 100, "utf-8")
    page = visit("/az/upload", as_=PHOTOGRAPHER).page
    page.set_input_files(PICK, [empty, text])
    wait_for(page, "boş", "refused")
    wait_for(page, "mətn", "refused")
    assert "Fayl boşdur" in page.locator(".filerow").filter(has_text="boş").inner_text()
    assert "foto, video" in page.locator(".filerow").filter(has_text="mətn").inner_text()
    page.locator(".filerow").filter(has_text="boş").locator("[data-leave]").click()
    assert page.locator(".filerow").count() == 1


def test_a_file_that_is_here_already_is_not_sent_again(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "twice.jpg"
    file.write_bytes(jpeg(seed=72, size=(640, 480)))
    page = visit("/en/upload", as_=PHOTOGRAPHER).page
    page.set_input_files(PICK, [file])
    wait_for(page, "twice", "ready")
    page.reload()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.set_input_files(PICK, [file])
    wait_for(page, "twice", "known")
    assert not [one for one in asked if one.startswith("PATCH")]
    assert page.locator("[data-open]").is_visible()


def test_a_copy_under_another_name_in_the_same_batch_is_told_as_known(
    visit: Visit, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("morning.jpg", "morning copy.jpg")]
    for file in files:
        file.write_bytes(jpeg(seed=78, size=(640, 480)))
        os.utime(file, (1_790_000_000, 1_790_000_000))
    page = visit("/en/upload", as_=PHOTOGRAPHER).page
    page.set_input_files(PICK, files)
    wait_for(page, "morning.jpg", "ready", "known")
    wait_for(page, "morning copy", "ready", "known")
    assert {state_of(page, "morning.jpg"), state_of(page, "morning copy")} == {"ready", "known"}


def test_a_cut_upload_goes_on_after_the_page_is_loaded_again(
    visit: Visit, tmp_path: Path, house: Any
) -> None:
    file = tmp_path / "long.jpg"
    whole = jpeg(seed=73, size=(320, 240)) + b"\0" * (9 << 20)
    file.write_bytes(whole)
    page = visit("/en/upload", as_=PHOTOGRAPHER).page
    parts: list[int] = []

    def cut_after_the_first(route: Route) -> None:
        parts.append(int(route.request.headers["upload-offset"]))
        if len(parts) == 1:
            route.continue_()
        else:
            route.abort("connectionfailed")

    page.route(
        "**/api/v1/uploads/*",
        lambda route: (
            cut_after_the_first(route) if route.request.method == "PATCH" else route.continue_()
        ),
    )
    page.set_input_files(PICK, [file])
    wait_for(page, "long", "paused")
    page.unroute_all(behavior="ignoreErrors")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector("[data-begun]:not([hidden])")
    assert "long.jpg" in page.locator("[data-begun]").inner_text()
    offsets: list[int] = []
    page.on(
        "request",
        lambda request: (
            offsets.append(int(request.headers["upload-offset"]))
            if request.method == "PATCH"
            else None
        ),
    )
    page.set_input_files(PICK, [file])
    wait_for(page, "long", "stored", "examining", "ready", "attention")
    assert offsets[0] >= 4 << 20
    with house.services.catalogue.reading() as tx:
        kept = tx.assets.get(asset_of(page, "long"))
    assert kept.original.sha256 == hashlib.sha256(whole).hexdigest()
    assert page.locator("[data-begun]").is_hidden()
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-begun]").is_hidden()
    assert page.evaluate("localStorage.length") == 0


def test_a_lost_line_is_told_at_once_and_the_file_goes_on_when_it_is_back(
    visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "hall.jpg"
    file.write_bytes(jpeg(seed=76, size=(640, 480)))
    page = visit("/az/upload", as_=PHOTOGRAPHER).page
    page.route(
        "**/api/v1/uploads/*",
        lambda route: None if route.request.method == "PATCH" else route.continue_(),
    )
    page.set_input_files(PICK, [file])
    wait_for(page, "hall", "sending", "checking")
    page.evaluate("dispatchEvent(new Event('offline'))")
    wait_for(page, "hall", "paused")
    page.unroute_all(behavior="ignoreErrors")
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for(page, "hall", "ready")


def test_a_file_chosen_once_more_is_shown_where_it_stands(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "frame.jpg"
    file.write_bytes(jpeg(seed=77, size=(640, 480)).ljust(1_800_000, b"\0"))
    page = visit("/az/upload", as_=PHOTOGRAPHER).page
    page.set_input_files(PICK, [file])
    wait_for(page, "frame", "ready", "attention")
    assert "1,8 MB" in page.locator(".filerow .size").inner_text()
    page.set_input_files(PICK, [file])
    page.wait_for_selector(".filerow[data-met]")
    assert page.locator(".filerow").count() == 1


def test_the_picture_at_the_door_has_words_even_when_the_newest_photo_has_none(
    visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "bare.jpg"
    file.write_bytes(jpeg(seed=78, size=(1200, 800)))
    page = visit("/en/upload", as_="arxiv@media.test").page
    page.locator("[name=publish]").check()
    page.set_input_files(PICK, [file])
    wait_for(page, "bare", "ready")
    assert "searched" in page.locator(".filerow .reason").inner_text()
    door = visit("/az/sign-in").page
    assert len(door.locator(".art figcaption").inner_text()) > 10
    assert asset_of(page, "bare") not in str(door.locator(".art img").get_attribute("src"))


def test_one_file_is_sent_by_a_plain_form_without_script(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "plain.jpg"
    file.write_bytes(jpeg(seed=74, size=(640, 480)))
    page = visit("/ru/upload", as_=PHOTOGRAPHER, script=False).page
    page.set_input_files("#f-file", [file])
    page.locator("form[data-plain] .button").click()
    assert "В архиве" in page.locator(".outcomes").inner_text()
    page.locator(".outcomes a").click()
    assert page.locator("h1").inner_text() == "plain.jpg"


def test_a_visitor_is_asked_to_sign_in_and_comes_back(visit: Visit) -> None:
    page = visit("/en/upload").page
    page.locator("main .button[data-kind=solid]").click()
    page.fill("[name=email]", PHOTOGRAPHER)
    page.fill("[name=password]", "uzun və sadə parol")
    page.locator("main form .button").click()
    page.wait_for_url("**/en/upload")


def test_a_shared_computer_keeps_no_trace_of_what_was_begun(visit: Visit, tmp_path: Path) -> None:
    page = visit("/en/sign-in").page
    page.fill("[name=email]", PHOTOGRAPHER)
    page.fill("[name=password]", "uzun və sadə parol")
    page.locator("[name=shared]").check()
    page.locator("main form .button").click()
    page.wait_for_url("**/en/")
    assert page.locator(".shared").is_visible()
    page.goto("/en/upload")
    file = tmp_path / "shared.jpg"
    file.write_bytes(jpeg(seed=75, size=(640, 480)))
    page.set_input_files(PICK, [file])
    wait_for(page, "shared", "stored", "examining", "ready")
    assert page.evaluate("localStorage.length") == 0


def test_a_wrong_password_is_said_in_words_and_the_address_stays(visit: Visit) -> None:
    page = visit("/az/sign-in").page
    page.fill("[name=email]", "nobody@media.test")
    page.fill("[name=password]", "something else")
    page.locator("main form .button").click()
    assert "düzgün deyil" in page.locator("[role=alert]").inner_text()
    assert page.locator("[name=email]").input_value() == "nobody@media.test"
