"""Film and sound on the page of one material: played to the end, sought by the storyboard, in the reader's language."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from archive.model.multilingual import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("player")]
Visit = Callable[..., Any]
FILM, SOUND = "place-35s-low-resolution.mp4", "interview.wav"
PLAY = {"az": "oxut", "en": "play", "ru": "воспроизвести"}
WATCHED = "() => document.querySelector('media-controller video, media-controller audio')"
AT_END = f"() => {{ const film = ({WATCHED})(); return film.ended && film.error === null }}"


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, media: Path, furnished: Callable[..., Any]
) -> Iterator[Any]:
    files = [media / "videos" / FILM, media / "audio" / SOUND]
    with furnished(tmp_path_factory.mktemp("screening"), files) as house:
        yield house


def page_of(name: str, house: Any, language: str = "en") -> str:
    return f"/{language}/assets/{house.photos[name]}"


def play_fast(page: Page) -> None:
    page.locator("media-play-button").click()
    page.evaluate(f"() => {{ ({WATCHED})().playbackRate = 16 }}")


def test_a_film_plays_to_its_end_by_the_playlist(house: Any, visit: Visit) -> None:
    seen = visit(page_of(FILM, house))
    asked: list[str] = []
    seen.page.on("request", lambda request: asked.append(request.url))
    play_fast(seen.page)
    seen.page.wait_for_function(AT_END, timeout=30_000)
    assert seen.page.locator("media-controller").get_attribute("data-by") == "hls.js"
    assert any(url.endswith("ladder/master.m3u8") for url in asked)
    assert seen.complaints == []


def test_a_film_plays_to_its_end_as_one_file_when_the_playlist_cannot_be_had(
    house: Any, visit: Visit
) -> None:
    seen = visit(page_of(FILM, house))
    seen.page.route("**/*.m3u8", lambda route: route.abort())
    play_fast(seen.page)
    seen.page.wait_for_function(AT_END, timeout=30_000)
    assert seen.page.evaluate(f"() => ({WATCHED})().currentSrc").endswith(".mp4")


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_the_tiles_of_film_and_sound_show_which_they_are(
    dark: bool, house: Any, visit: Visit, violations: Callable[..., list[str]]
) -> None:
    seen = visit("/en/search", width=390, dark=dark)
    names = seen.page.locator(".tile .name")
    for name in (FILM, SOUND):
        tile = seen.page.locator(f".tile:has(a[href='{page_of(name, house)}'])")
        assert tile.locator(".name").is_visible()
        box, shot = tile.locator(".words").bounding_box(), tile.locator(".shot").bounding_box()
        assert shot["y"] <= box["y"]
        assert box["y"] + box["height"] <= shot["y"] + shot["height"]
    assert names.count() == 2
    assert violations(seen.page) == []


def test_no_film_is_fetched_before_somebody_means_to_play(house: Any, visit: Visit) -> None:
    seen = visit("/en/")
    asked: list[str] = []
    seen.page.on("request", lambda request: asked.append(request.url))
    seen.page.goto(page_of(FILM, house))
    seen.page.wait_for_load_state("networkidle")
    assert [url for url in asked if url.endswith((".mp4", ".m3u8")) or "/hls" in url] == []
    assert seen.page.locator("media-time-display").inner_text() == ""
    assert seen.page.evaluate("document.querySelector('media-controller').defaultDuration") > 34


def test_the_storyboard_shows_where_a_press_would_lead(house: Any, visit: Visit) -> None:
    seen = visit(page_of(FILM, house))
    line = seen.page.locator("media-time-range")
    seen.page.locator("media-play-button").click()
    seen.page.wait_for_function(f"() => ({WATCHED})().currentTime > 0")
    box = line.bounding_box()
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2
    seen.page.mouse.move(x, y)
    shown = (
        "() => document.querySelector('media-preview-thumbnail').shadowRoot.querySelector('img')"
    )
    seen.page.wait_for_function(f"() => ({shown})().naturalWidth > 0")
    assert "/storyboard/0001.jpg" in seen.page.evaluate(f"() => ({shown})().src")
    seen.page.mouse.click(x, y)
    seen.page.wait_for_function(f"() => ({WATCHED})().currentTime > 19")
    assert seen.page.evaluate(f"() => ({WATCHED})().currentTime") < 27


def test_sound_shows_its_waveform_and_plays_from_where_it_is_pressed(
    house: Any, visit: Visit
) -> None:
    seen = visit(page_of(SOUND, house))
    drawn = """() => {
        const canvas = document.querySelector(".waveform");
        const blank = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
        return canvas.toDataURL() !== blank.toDataURL();
    }"""
    seen.page.wait_for_function(drawn)
    canvas = seen.page.locator(".waveform")
    canvas.click(position={"x": canvas.bounding_box()["width"] * 0.5, "y": 40})
    seen.page.wait_for_function(f"() => ({WATCHED})().currentTime > 22")
    assert seen.complaints == []


def test_the_space_bar_plays_and_pauses(house: Any, visit: Visit) -> None:
    seen = visit(page_of(FILM, house))
    seen.page.locator("media-controller").focus()
    seen.page.keyboard.press("Space")
    seen.page.wait_for_function(f"() => ({WATCHED})().currentTime > 0")
    seen.page.keyboard.press("Space")
    seen.page.wait_for_function(f"() => ({WATCHED})().paused")


def test_without_script_the_browsers_own_controls_stand_there(house: Any, visit: Visit) -> None:
    seen = visit(page_of(FILM, house), script=False)
    assert seen.page.locator("video[controls][poster]").is_visible()
    assert not seen.page.locator("media-control-bar").is_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_accessible_and_speaks_the_readers_language(
    language: str, house: Any, visit: Visit, violations: Callable[[Page], list[str]]
) -> None:
    for width, dark in ((1440, False), (390, True)):
        for name in (FILM, SOUND):
            seen = visit(page_of(name, house, language), width=width, dark=dark)
            button = seen.page.locator("media-play-button")
            seen.page.wait_for_function(
                "() => document.querySelector('media-play-button').hasAttribute('aria-label')"
            )
            assert button.get_attribute("aria-label") == PLAY[language]
            assert violations(seen.page) == [], (name, width)
            assert seen.complaints == [], (name, width)
            over = seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0
