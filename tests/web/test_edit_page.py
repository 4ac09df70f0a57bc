"""The edit form: three columns, names made or matched, and two who write at once lose nothing."""

import re
from dataclasses import replace
from html import unescape

import pytest
from depositing import deposit
from hypothesis import given
from hypothesis import strategies as st
from making import jpeg

from archive.model.asset import Findings, Visibility
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Description, Keyword, Link
from archive.model.ids import AuthorityId, new_id
from archive.model.multilingual import Multilingual, Value
from web.pages import editing
from web.pages.threeway import mark, merge, read_base, write_base

LONG = "Uzun mətn və ещё кириллица. " * 700


def said(**texts: str) -> Multilingual:
    return Multilingual(
        {tag: Value(text=text, source="embedded:xmp") for tag, text in texts.items()}
    )


@pytest.fixture
def asset(receiver, photographer, catalogue, clock):
    chosen = Description(
        title=said(az="Başlıq", en="Title"),
        description=said(az="Birinci.\n\nİkinci.", ru="Подпись"),
        keywords=(
            Keyword(text="bayram", source="embedded:xmp", language="az"),
            Keyword(text="1988", source="embedded:xmp"),
        ),
        people=(Link(labels={"und": "Kənan Rzayev"}, source="embedded:xmp"),),
        places_created=(Link(labels={"en": "Baku"}, source="embedded:xmp"),),
    )
    made = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    findings = Findings(chosen=chosen, technical={}, tools=())
    with catalogue.writing() as tx:
        return tx.assets.save(made.examined(findings, clock()))


@pytest.fixture
def owner(visit, photographer):
    return visit(photographer)


@pytest.fixture
def staff(visit, archivist):
    return visit(archivist)


@pytest.fixture
def now(catalogue, asset):
    def reading():
        with catalogue.reading() as tx:
            return tx.assets.get(asset.id)

    return reading


FIELD = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', re.DOTALL)
INPUT = re.compile(r'<input[^>]* name="(taken_at|embargo_until|base|slug)"[^>]*>')


def filled(page: str) -> dict[str, str]:
    """What a browser would send for this page."""
    sent = {name: unescape(text) for name, text in FIELD.findall(page)}
    for found in INPUT.finditer(page):
        if "disabled" not in found[0]:
            sent[found[1]] = unescape(re.search(r'value="([^"]*)"', found[0])[1])
    return sent


def opened(visitor, asset, language="en") -> dict[str, str]:
    page = visitor.get(f"/{language}/assets/{asset.id}/edit")
    assert page.status_code == 200, page.text
    return filled(page.text)


def send(visitor, asset, form, language="en", **more):
    data = {"csrf": visitor.headers["X-CSRF-Token"], **form, **more}
    return visitor.client.post(
        f"/{language}/assets/{asset.id}/edit", data=data, content_type="multipart/form-data"
    )


@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_the_form_holds_what_the_file_says_in_three_columns(owner, asset, language) -> None:
    form = opened(owner, asset, language)
    assert [form[f"title.{tag}"] for tag in ("az", "en", "ru")] == ["Başlıq", "Title", ""]
    assert form["description.az"] == "Birinci.\n\nİkinci."
    assert (form["people.az"], form["people.en"]) == ("Kənan Rzayev", "")
    assert (form["places.az"], form["places.en"]) == ("", "Baku")


def test_saving_what_was_opened_changes_nothing(owner, asset, now) -> None:
    sent = {name: text.replace("\n", "\r\n") for name, text in opened(owner, asset).items()}
    assert send(owner, asset, sent).status_code == 303
    assert now().revision == asset.revision


def test_a_caption_in_one_column_leaves_the_rest_as_the_file_says(owner, asset, now) -> None:
    form = opened(owner, asset) | {"description.en": "A caption.", "title.az": ""}
    saved = send(owner, asset, form)
    assert saved.headers["Location"] == f"/en/assets/{asset.id}"
    after = now()
    assert after.description.description.text("en") == "A caption."
    assert after.description.title.text("az") is None
    assert set(after.edited) == {"description", "title"}


def test_every_field_of_the_form_is_kept(owner, asset, now) -> None:
    form = opened(owner, asset) | {
        "alt_text.ru": "Человек у окна",
        "credit.az": "Foto:  Leyla",
        "usage_terms.en": "Free for press",
        "copyright.ru": "© Пресс-центр",
        "keywords.ru": "праздник; весна\nпраздник",
        "keywords.az": "bayram, xalça,",
        "taken_at": "12.05.2025 11:20",
        "embargo_until": "2030-01-02T09:30",
    }
    assert send(owner, asset, form).status_code == 303
    after = now()
    told = after.description
    assert told.alt_text.text("ru") == "Человек у окна"
    assert told.credit.text("az") == "Foto: Leyla"
    assert told.usage_terms.text("en") == "Free for press"
    assert told.copyright.text("ru") == "© Пресс-центр"
    by_language = {(word.language, word.text) for word in told.keywords}
    assert by_language == {
        ("az", "bayram"),
        ("az", "xalça"),
        ("und", "1988"),
        ("ru", "праздник"),
        ("ru", "весна"),
    }
    assert told.taken.shown == "2025-05-12T11:20+04:00"
    assert after.embargo_until.isoformat() == "2030-01-02T05:30:00+00:00"
    again = opened(owner, asset)
    assert again["embargo_until"] == "2030-01-02T09:30"
    assert send(owner, asset, again | {"embargo_until": ""}).status_code == 303
    assert now().embargo_until is None


def test_names_in_two_languages_make_a_record_and_later_match_it(
    owner, asset, now, catalogue
) -> None:
    form = opened(owner, asset) | {
        "people.az": "Kənan Rzayev\nAydan Quliyeva",
        "people.ru": "-;Айдан Кулиева",
        "occasion.az": "Bayram",
        "occasion.en": "Feast",
    }
    assert send(owner, asset, form).status_code == 303
    first, second = now().description.people
    assert (first.authority, dict(first.labels)) == (None, {"und": "Kənan Rzayev"})
    assert second.authority is not None
    with catalogue.reading() as tx:
        made = tx.authorities.find([second.authority])[second.authority]
        feast = tx.authorities.matching(AuthorityKind.OCCASION, ["feast"])["feast"]
    assert (made.kind, dict(made.labels)) == (
        AuthorityKind.PERSON,
        {"az": "Aydan Quliyeva", "ru": "Айдан Кулиева"},
    )
    assert now().description.occasion.authority == feast[0].id
    shown = opened(owner, asset)
    assert (shown["people.az"], shown["people.ru"]) == (
        "Kənan Rzayev\nAydan Quliyeva",
        "-\nАйдан Кулиева",
    )
    form = shown | {"people.az": "aydan quliyeva", "people.ru": ""}
    assert send(owner, asset, form).status_code == 303
    (only,) = now().description.people
    assert only.authority == made.id


def test_a_comma_parts_keywords_and_is_part_of_a_name(owner, asset, now) -> None:
    form = opened(owner, asset) | {
        "keywords.en": "feast, dance;spring",
        "people.az": "Əliyev, İlham",
    }
    form |= {"people.en": "", "people.ru": ""}
    assert send(owner, asset, form).status_code == 303
    told = now().description
    assert [word.text for word in told.keywords if word.language == "en"] == [
        "feast",
        "dance",
        "spring",
    ]
    assert [link.labels["az"] for link in told.people] == ["Əliyev, İlham"]


@pytest.mark.parametrize("language", ["az", "en", "ru"])
def test_the_form_says_how_keywords_are_parted(owner, asset, language) -> None:
    said = {"az": "vergül", "en": "comma", "ru": "запят"}[language]
    page = owner.get(f"/{language}/assets/{asset.id}/edit").text
    hint = page[page.index('id="h-keywords"') :]
    assert said in hint[: hint.index("</p>")]


def test_places_are_replaced_whole_and_emptied(owner, asset, now) -> None:
    form = opened(owner, asset)
    assert send(owner, asset, form | {"places.az": "Bakı"}).status_code == 303
    (place,) = now().description.places
    assert dict(place.labels) == {"az": "Bakı", "en": "Baku"}
    assert send(owner, asset, opened(owner, asset) | {"places.az": "", "places.en": ""})
    assert now().description.places == ()


def test_a_refused_edit_leaves_no_record_of_its_names(owner, asset, catalogue) -> None:
    form = opened(owner, asset) | {
        "people.az": "Yeni Ad",
        "people.en": "New Name",
        "taken_at": "yesterday",
    }
    assert send(owner, asset, form).status_code == 400
    with catalogue.reading() as tx:
        assert tx.authorities.matching(AuthorityKind.PERSON, ["yeni ad"]) == {}


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(owner, asset, now) -> None:
    form = opened(owner, asset) | {
        "title.ru": "Новый заголовок",
        "people.az": "Bir\nİki",
        "people.en": "One",
    }
    page = send(owner, asset, form)
    assert page.status_code == 400
    assert 'id="e-people"' in page.text
    assert filled(page.text) == form
    form |= {"people.en": "One\nTwo", "taken_at": "sabah"}
    page = send(owner, asset, form)
    assert 'id="e-taken_at"' in page.text
    assert filled(page.text) == form
    page = send(owner, asset, form | {"taken_at": "", "embargo_until": "9999-99"})
    assert 'id="e-embargo_until"' in page.text
    assert now().revision == asset.revision
    form |= {"taken_at": "1988", "description.ru": LONG + LONG}
    page = send(owner, asset, form)
    assert (page.status_code, 'id="e-description.ru"' in page.text) == (400, True)


def test_captions_larger_than_plain_forms_are_taken(owner, asset, now) -> None:
    form = opened(owner, asset)
    form |= {f"description.{tag}": LONG for tag in ("az", "en", "ru")}
    assert len(LONG.encode()) * 3 > 64 * 1024
    assert send(owner, asset, form).status_code == 303
    assert len(now().description.description.text("ru")) == len(LONG.strip())


def test_an_embargo_with_an_offset_of_its_own_keeps_its_instant(owner, asset, now) -> None:
    form = opened(owner, asset) | {"embargo_until": "2030-05-12T11:20+00:00"}
    assert send(owner, asset, form).status_code == 303
    assert now().embargo_until.isoformat() == "2030-05-12T11:20:00+00:00"


def test_two_people_of_one_name_stay_two(owner, asset, now, catalogue, clock) -> None:
    labels, pair = {"az": "Elçin Quliyev"}, [AuthorityId(new_id(clock())) for _ in range(2)]
    with catalogue.writing() as tx:
        for one in pair:
            tx.authorities.save(Authority(id=one, kind=AuthorityKind.PERSON, labels=labels))
        links = [{"labels": labels, "source": "user", "authority": one} for one in pair]
        tx.assets.save(replace(now(), edited={"people": links}))
    form = opened(owner, asset)
    assert form["people.az"] == "Elçin Quliyev\nElçin Quliyev"
    form |= {"people.az": form["people.az"] + "\nYeni Ad"}
    assert send(owner, asset, form).status_code == 303
    assert [link.authority for link in now().description.people[:2]] == pair


# --- two who write at once


def test_two_who_change_different_fields_both_keep_theirs(owner, staff, asset, now) -> None:
    mine, theirs = opened(owner, asset), opened(staff, asset)
    assert send(staff, asset, theirs | {"title.ru": "Их заголовок"}).status_code == 303
    assert send(owner, asset, mine | {"description.en": "Mine"}).status_code == 303
    told = now().description
    assert (told.title.text("ru"), told.description.text("en")) == ("Их заголовок", "Mine")


def test_work_of_the_house_meanwhile_is_no_clash(owner, asset, now, catalogue) -> None:
    mine = opened(owner, asset)
    with catalogue.writing() as tx:
        tx.assets.save(now())
    assert send(owner, asset, mine | {"title.en": "Mine"}).status_code == 303
    assert now().description.title.text("en") == "Mine"


@pytest.fixture
def clash(owner, staff, asset):
    """Both changed the English title and the people; I changed a caption besides."""
    mine, theirs = opened(owner, asset), opened(staff, asset)
    theirs |= {"title.en": "Their title", "people.az": "Onların adı", "credit.ru": "Их автор"}
    assert send(staff, asset, theirs).status_code == 303
    mine |= {"title.en": "My title", "people.az": "Mənim adım", "description.ru": "Моя подпись"}
    return send(owner, asset, mine)


def test_a_clash_shows_both_versions_and_saves_neither_yet(clash, now) -> None:
    assert clash.status_code == 412
    table = re.search(r"<table>(.*?)</table>", clash.text, re.DOTALL)[1]
    for text in ("My title", "Their title", "Mənim adım", "Onların adı"):
        assert text in table
    assert "Моя подпись" not in table
    form = filled(clash.text)
    assert (form["title.en"], form["description.ru"]) == ("My title", "Моя подпись")
    assert form["credit.ru"] == "Их автор"
    assert now().description.title.text("en") == "Their title"


def test_one_press_saves_mine_over_theirs(clash, owner, asset, now) -> None:
    assert send(owner, asset, filled(clash.text), keep="mine").status_code == 303
    told = now().description
    assert told.title.text("en") == "My title"
    assert told.people[0].labels == {"az": "Mənim adım"}
    assert told.description.text("ru") == "Моя подпись"
    assert told.credit.text("ru") == "Их автор"


def test_one_press_keeps_theirs_and_saves_the_rest_of_mine(clash, owner, asset, now) -> None:
    names = re.findall(r'name="clash" value="([^"]+)"', clash.text)
    assert names == ["title.en", "people"]
    kept = send(owner, asset, filled(clash.text) | {"clash": names}, keep="theirs")
    assert kept.status_code == 303
    told = now().description
    assert told.title.text("en") == "Their title"
    assert told.people[0].labels == {"az": "Onların adı"}
    assert told.description.text("ru") == "Моя подпись"


def test_a_third_who_saves_while_two_versions_are_shown_is_shown_too(
    clash, owner, staff, asset, now
) -> None:
    third = opened(staff, asset) | {"title.en": "Third title"}
    assert send(staff, asset, third).status_code == 303
    again = send(owner, asset, filled(clash.text), keep="mine")
    assert again.status_code == 412
    assert "Third title" in again.text
    assert send(owner, asset, filled(again.text), keep="mine").status_code == 303
    assert now().description.title.text("en") == "My title"


def test_a_form_without_its_base_never_overwrites_unseen(owner, asset) -> None:
    form = opened(owner, asset) | {"title.en": "Other", "base": "}{"}
    assert send(owner, asset, form).status_code == 412


# --- who


def test_the_link_to_the_form_is_there_for_those_who_may_describe(
    visit, owner, staff, asset, catalogue, journalist, now
) -> None:
    link = f'href="/en/assets/{asset.id}/edit"'
    with catalogue.writing() as tx:
        tx.assets.save(replace(now(), visibility=Visibility.PUBLISHED))
    for visitor, there in ((owner, True), (staff, True), (visit(), False)):
        assert (link in visitor.get(f"/en/assets/{asset.id}").text) is there
    assert visit(journalist).get(f"/en/assets/{asset.id}/edit").status_code == 403


def test_an_owner_may_not_move_the_embargo_of_published_material(
    owner, asset, catalogue, now, clock
) -> None:
    with catalogue.writing() as tx:
        tx.assets.save(replace(now(), visibility=Visibility.PUBLISHED))
    form = opened(owner, asset)
    assert "embargo_until" not in form
    forced = send(owner, asset, form | {"embargo_until": "2030-01-02T09:30"})
    assert forced.status_code == 400
    assert 'id="e-embargo_until"' in forced.text
    assert now().embargo_until is None


def test_an_edit_by_page_is_remembered_as_one(owner, asset, catalogue) -> None:
    send(owner, asset, opened(owner, asset) | {"title.ru": "Заголовок"})
    with catalogue.reading() as tx:
        entry = list(tx.audit.of(asset.id))[-1]
    assert (entry.act, entry.via, entry.detail) == (
        "asset.described",
        "page",
        {"fields": ["title"]},
    )


# --- parts


def test_names_in_columns_are_things_in_the_same_order() -> None:
    assert editing.rows_of(("A; B", "", "-\nБ")) == [{"az": "A"}, {"az": "B", "ru": "Б"}]
    assert editing.rows_of(("A\nB", "A", "")) is None
    assert editing.rows_of(("-", "", "\n")) == []


texts = st.text(max_size=5)
values = st.fixed_dictionaries({name: st.tuples(texts) for name in "abc"})


@given(base=values, typed=values, now=values)
def test_merging_never_drops_what_only_one_of_two_changed(base, typed, now) -> None:
    merged = merge(typed, read_base(write_base(base)), now)
    for name in "abc":
        if typed[name] == base[name]:
            assert merged.values[name] == now[name]
        elif now[name] == base[name]:
            assert merged.values[name] == typed[name]
            assert name not in merged.clashes
        elif typed[name] != now[name]:
            assert name in merged.clashes
            assert merged.values[name] == typed[name]


def test_marks_tell_columns_apart() -> None:
    assert mark(("a", "b")) != mark(("a\x1fb",)) != mark(("", "ab"))
    assert read_base("[1]") == read_base("x") == {}


def test_a_base_nested_beyond_reading_proves_nothing() -> None:
    assert read_base("[" * 16_000) == read_base('{"a":' * 3000) == {}
