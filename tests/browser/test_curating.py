"""Curating in a browser: collections and the edit form, by mouse, by keys, without script, in three languages."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from archive import collecting
from archive.acting import Acting
from archive.collecting import Words
from archive.model.multilingual import LANGUAGES

pytestmark = pytest.mark.browser
Visit = Callable[..., Any]
ARCHIVIST, PHOTOGRAPHER = "arxiv@media.test", "foto@media.test"
PHOTO, OTHER = "2026-05-12-kolmar-berpa.jpg", "sidney-bere.jpg"
TITLES = {"az": "Bərpa ili", "en": "A year of restoration", "ru": "Год реставрации"}
TEXTS = {"az": "Ustalar və həyətlər.", "ru": "Мастера и дворы."}
SLUG = "a-year-of-restoration"
LOOKS = [(1440, False), (1440, True), (390, False), (390, True)]
PAGES = {
    "collections": ("/{language}/collections", ""),
    "collections of staff": ("/{language}/collections", ARCHIVIST),
    "collection": (f"/{{language}}/collections/{SLUG}", ""),
    "new collection": ("/{language}/collections/new", ARCHIVIST),
    "arranging": (f"/{{language}}/collections/{SLUG}/edit", ARCHIVIST),
    "photo in a collection": ("/{language}/assets/{photo}", ARCHIVIST),
    "editing": ("/{language}/assets/{photo}/edit", ARCHIVIST),
}


@pytest.fixture(scope="module", autouse=True)
def collection(house: Any) -> Iterator[None]:
    """A collection of six photos, and an empty one, gone afterwards."""
    catalogue = house.services.catalogue
    with catalogue.reading() as tx:
        account = tx.accounts.by_email(ARCHIVIST)
    by = Acting(catalogue=catalogue, agent=account.agent, now=datetime.now(UTC))
    made = collecting.make(Words(title=TITLES, text=TEXTS), by)
    for name in [PHOTO, *[one for one in sorted(house.photos) if one != PHOTO][:5]]:
        collecting.put(made.id, house.photos[name], by)
    empty = collecting.make(Words(title={"ru": "Пока пустая"}), by)
    yield
    collecting.remove(empty.id, by)
    collecting.remove(made.id, by)


def address(page: str, language: str, house: Any) -> str:
    return PAGES[page][0].format(language=language, photo=house.photos[PHOTO])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_accessible_in_both_themes_and_widths(
    page: str, language: str, house: Any, visit: Visit, violations: Callable[..., list[str]]
) -> None:
    for width, dark in LOOKS:
        seen = visit(address(page, language, house), width=width, dark=dark, as_=PAGES[page][1])
        assert violations(seen.page) == [], (width, dark)
        assert seen.complaints == [], (width, dark)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_cut_and_no_page_scrolls_sideways(
    page: str, language: str, house: Any, visit: Visit
) -> None:
    seen = visit(address(page, language, house), as_=PAGES[page][1])
    for width in (320, 390, 1024, 1440, 2560):
        seen.page.set_viewport_size({"width": width, "height": 900})
        over = seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, width
        cut = seen.page.evaluate(
            "() => [...document.querySelectorAll('.button, .sections a, .phone > *, legend')]"
            ".filter(node => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)"
            ".map(node => node.textContent.trim())"
        )
        assert cut == [], width


@pytest.mark.parametrize("page", PAGES)
def test_no_style_and_no_script_stands_inside_a_page(page: str, house: Any, visit: Visit) -> None:
    seen = visit(address(page, "en", house), as_=PAGES[page][1], script=False)
    assert seen.page.locator("[style], style, script:not([src])").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_collection_reads_in_the_readers_language_and_order(
    language: str, house: Any, visit: Visit
) -> None:
    page = visit(f"/{language}/collections").page
    page.get_by_role("link", name=TITLES[language]).click()
    page.wait_for_url(f"**/{language}/collections/{SLUG}")
    assert page.locator("h1").inner_text() == TITLES[language]
    lead = page.locator(".intro .lead")
    assert lead.inner_text() == TEXTS.get(language, TEXTS["az"])
    assert lead.get_attribute("lang") == (None if language in TEXTS else "az")
    first = page.locator(".tile a").first.get_attribute("href")
    assert first == f"/{language}/assets/{house.photos[PHOTO]}"
    assert page.locator(".tile").count() == 6


def test_an_archivist_makes_orders_and_deletes_a_collection_without_script(
    house: Any, visit: Visit
) -> None:
    page = visit(f"/az/assets/{house.photos[PHOTO]}", as_=ARCHIVIST, script=False).page
    page.locator(".anew a").click()
    page.fill("[name='title.az']", "Payız")
    page.click("[data-save]")
    page.wait_for_url("**/assets/**")
    page.goto(f"/az/assets/{house.photos[OTHER]}")
    page.select_option("[name=collection]", label="Payız")
    page.locator(".addto .button").click()
    page.wait_for_url("**#collections")
    page.locator(".collected a", has_text="Payız").click()
    page.wait_for_url("**/collections/payiz")
    page.locator(".pagebar .actions a").click()
    rows = page.locator(".ordering .row .what a")
    assert rows.nth(1).get_attribute("href") == f"/az/assets/{house.photos[OTHER]}"
    page.locator(".row").nth(1).locator("[value=up]").click()
    page.wait_for_url("**act=up")
    assert rows.nth(0).get_attribute("href") == f"/az/assets/{house.photos[OTHER]}"
    page.locator(".row").nth(1).locator("[value=remove]").click()
    page.wait_for_url("**#order")
    assert rows.count() == 1
    page.locator(".removing summary").click()
    page.locator(".removing details .button[data-kind=danger]").last.click()
    page.wait_for_url("**/az/collections")
    assert page.get_by_role("link", name="Payız").count() == 0


@pytest.mark.parametrize("script", [True, False])
def test_a_title_typed_is_kept_when_the_order_is_changed(
    script: bool, house: Any, visit: Visit
) -> None:
    page = visit(f"/en/collections/{SLUG}/edit", as_=ARCHIVIST, script=script).page
    title = page.locator("[name='title.ru']")
    title.fill("Год мастеров")
    page.locator(".row").nth(1).locator("[value=down]").click()
    page.wait_for_url("**act=down")
    assert title.input_value() == "Год мастеров"
    title.fill(TITLES["ru"])
    page.locator(".row").nth(2).locator("[value=up]").click()
    page.wait_for_url("**act=up")
    assert title.input_value() == TITLES["ru"]


def test_the_button_pressed_has_the_focus_again_after_a_move(house: Any, visit: Visit) -> None:
    page = visit(f"/en/collections/{SLUG}/edit", as_=ARCHIVIST).page
    moved = page.locator(".row").nth(3).locator(".what a").get_attribute("href")
    page.locator(".row").nth(3).locator("[value=up]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**act=up")
    assert page.locator(".row").nth(2).locator(".what a").get_attribute("href") == moved
    page.keyboard.press("Enter")
    page.wait_for_function(
        "href => document.querySelectorAll('.row .what a')[1]?.getAttribute('href') === href",
        arg=moved,
    )
    page.locator(".row").nth(1).locator("[value=down]").click()
    page.wait_for_url("**act=down")
    page.locator(".row").nth(2).locator("[value=down]").click()
    page.wait_for_function(
        "href => document.querySelectorAll('.row .what a')[3]?.getAttribute('href') === href",
        arg=moved,
    )


def test_the_way_back_to_a_collection_has_its_name_in_every_language(
    house: Any, visit: Visit
) -> None:
    page = visit(f"/en/collections/{SLUG}").page
    page.locator(".tile a").first.click()
    page.wait_for_url("**/assets/**")
    for language, title in TITLES.items():
        page.locator(f".langs a[hreflang={language}]").click()
        page.wait_for_url(f"**/{language}/assets/**")
        back = page.locator(".pagebar > a")
        assert back.get_attribute("href") == f"/{language}/collections/{SLUG}"
        assert back.inner_text().strip() == title


def test_ctrl_enter_saves_and_leads_back_to_the_photo(house: Any, visit: Visit) -> None:
    asset = house.photos[OTHER]
    page = visit(f"/ru/assets/{asset}", as_=ARCHIVIST).page
    page.locator(".pagebar .actions a").click()
    page.wait_for_url("**/edit")  # and its keys with it
    page.fill("[name='title.ru']", "Берег Сиднея")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/ru/assets/{asset}")
    assert page.locator("h1").inner_text() == "Берег Сиднея"


def test_leaving_with_unsaved_words_asks_and_without_does_not(house: Any, visit: Visit) -> None:
    page = visit(f"/en/assets/{house.photos[OTHER]}/edit", as_=ARCHIVIST).page
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.fill("[name='title.en']", "Half a title")
    page.click(".mark", no_wait_after=True)
    assert page.input_value("[name='title.en']") == "Half a title"
    assert asked == ["beforeunload"]
    assert page.url.endswith("/edit")
    page.fill(
        "[name='title.en']", page.locator("[name='title.en']").evaluate("n => n.defaultValue")
    )
    page.click(".mark")
    page.wait_for_url("**/en/")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("keep", "title"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_two_who_write_choose_with_one_press(
    script: bool, keep: str, title: str, house: Any, visit: Visit
) -> None:
    round_ = f"{keep} {script}"  # nobody writes what an earlier round left there
    path = f"/en/assets/{house.photos[OTHER]}/edit"
    mine, theirs = (visit(path, as_=ARCHIVIST, script=script).page for _ in range(2))
    theirs.fill("[name='title.en']", f"Theirs {round_}")
    theirs.click("[data-save]")
    theirs.wait_for_url("**/assets/*")
    mine.fill("[name='title.en']", f"Mine {round_}")
    mine.fill("[name='alt_text.az']", f"Dəniz sahili {round_}")
    mine.click("[data-save]")
    mine.wait_for_selector(".clashes")
    cells = mine.locator(".clashes td").all_inner_texts()
    assert [cell.strip() for cell in cells] == [f"Mine {round_}", f"Theirs {round_}"]
    mine.click(f"[name=keep][value={keep}]")
    mine.wait_for_url("**/assets/*")
    assert mine.locator("h1").inner_text() == f"{title} {round_}"
    mine.goto(path)
    assert mine.input_value("[name='alt_text.az']") == f"Dəniz sahili {round_}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_versions_and_faults_are_accessible(
    language: str, house: Any, visit: Visit, violations: Callable[..., list[str]]
) -> None:
    path = f"/{language}/assets/{house.photos[OTHER]}/edit"
    for width, dark in ((1440, False), (390, True)):
        mine = visit(path, as_=ARCHIVIST, width=width, dark=dark).page
        theirs = visit(path, as_=ARCHIVIST).page
        theirs.fill("[name='title.ru']", f"Их {width} {language}")
        theirs.click("[data-save]")
        theirs.wait_for_url("**/assets/*")
        mine.fill("[name='title.ru']", f"Мои {width} {language}")
        mine.fill("[name='taken_at']", "dünən")
        mine.click("[data-save]")
        mine.wait_for_selector(".clashes")
        assert violations(mine) == [], width
        mine.click("[name=keep][value=mine]")
        mine.wait_for_selector("[name=taken_at][aria-invalid=true]")
        assert mine.evaluate("document.activeElement.name") == "taken_at"
        assert violations(mine) == [], width
        mine.on("dialog", lambda dialog: dialog.accept())


def test_languages_stand_side_by_side_on_a_desk_and_below_each_other_on_a_phone(
    house: Any, visit: Visit
) -> None:
    page = visit(f"/az/assets/{house.photos[PHOTO]}/edit", as_=ARCHIVIST).page

    def places() -> list[tuple[float, float]]:
        boxes = [page.locator(f"[name='description.{tag}']").bounding_box() for tag in LANGUAGES]
        return [(box["x"], box["y"]) for box in boxes]

    wide = places()
    assert len({y for _, y in wide}) == 1
    assert [x for x, _ in wide] == sorted({x for x, _ in wide})
    page.set_viewport_size({"width": 390, "height": 844})
    narrow = places()
    assert len({x for x, _ in narrow}) == 1
    assert [y for _, y in narrow] == sorted({y for _, y in narrow})
    assert page.locator("[data-field=title] label [lang=az]").is_visible()


def test_a_visitor_finds_collections_in_the_bar_and_no_way_to_change_them(visit: Visit) -> None:
    for width in (1440, 390):
        page = visit("/en/", width=width).page
        page.locator(".sections a, .phone a", has_text="Collections").locator(
            "visible=true"
        ).click()
        page.wait_for_url("**/en/collections")
        page.locator(".covers a").first.click()
        page.wait_for_url(f"**/{SLUG}")
        assert page.locator("main form, a[href$=edit], a[href$=new]").count() == 0
