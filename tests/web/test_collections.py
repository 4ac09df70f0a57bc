"""Collections by API and page: order, rights, staleness, search; every form works as plain HTML."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from depositing import deposit
from making import jpeg

from archive import collecting
from archive.collecting import Words
from archive.model.agent import TokenScope
from archive.model.asset import Visibility
from archive.model.rendition import Profile, Rendition

API = "/api/v1/collections"
TITLE = {"az": "Bayram", "en": "Feast", "ru": "Праздник"}


@pytest.fixture
def photos(receiver, photographer, catalogue, objects, clock):
    """Three photos with a thumbnail: a draft, two published."""
    made = []
    for seed in range(3):
        asset = deposit(receiver, photographer, jpeg(seed), catalogue=catalogue)
        key = f"renditions/{seed}.jpg"
        objects.put(key, jpeg(seed))
        thumb = Rendition(
            profile=Profile.THUMBNAIL,
            recipe="r",
            key=key,
            media_type="image/jpeg",
            width=64,
            height=48,
            size_bytes=len(jpeg(seed)),
            sha256="0" * 64,
            made_at=clock(),
        )
        with catalogue.writing() as tx:
            tx.assets.set_rendition(asset.id, thumb)
            if seed:
                tx.assets.save(replace(tx.assets.get(asset.id), visibility=Visibility.PUBLISHED))
        made.append(asset.id)
    return made


@pytest.fixture
def staff(visit, archivist):
    return visit(archivist)


@pytest.fixture
def feast(staff):
    made = staff.post(API, json={"title": TITLE, "text": {"en": "A day in spring."}})
    assert made.status_code == 201, made.json
    return made.json


@pytest.fixture
def filled(staff, feast, photos):
    for photo in photos:
        assert staff.open(f"{API}/{feast['id']}/assets/{photo}", "PUT").status_code == 200
    return feast


def shown(visitor, name):
    return [item["id"] for item in visitor.get(f"{API}/{name}").json["items"]]


def test_a_collection_is_made_read_and_listed(staff, feast) -> None:
    assert feast["title"] == TITLE
    assert feast["slug"] == "feast"
    assert feast["links"]["page"].endswith("/collections/feast")
    by_slug = staff.get(f"{API}/feast")
    assert by_slug.json == staff.get(f"{API}/{feast['id']}").json
    assert by_slug.headers["ETag"] == f'"{feast["revision"]}"'
    assert [one["id"] for one in staff.get(API).json["items"]] == [feast["id"]]


def test_a_title_and_address_that_do_not_fit_are_refused_by_name(staff, feast) -> None:
    for body, field in (
        ({"title": {}}, "title"),
        ({"title": {"az": " "}}, "title"),
        ({"title": {"en": "x"}, "slug": "new"}, "slug"),
    ):
        refused = staff.post(API, json=body)
        assert (refused.status_code, refused.json["field"]) == (400, field)
    assert staff.post(API, json={"title": {"en": "x"}, "slug": "feast"}).status_code == 409
    assert staff.post(API, json={"title": {"en": "x"}, "slug": "Ə"}).status_code == 400
    assert staff.post(API, json={"name": "x"}).status_code == 400


def test_a_merge_patch_changes_what_it_names(staff, feast) -> None:
    path = f"{API}/{feast['id']}"
    changed = staff.patch(
        path, json={"title": {"ru": None}, "text": None}, headers={"If-Match": '"1"'}
    )
    assert changed.json["title"] == {"az": "Bayram", "en": "Feast"}
    assert changed.json["text"] == {}
    assert changed.headers["ETag"] == '"2"'


def test_a_patch_names_its_revision_and_a_stale_one_is_412(staff, feast) -> None:
    path = f"{API}/{feast['id']}"
    assert staff.patch(path, json={"slug": "one"}).status_code == 400
    assert staff.patch(path, json={"slug": "one"}, headers={"If-Match": '"1"'}).status_code == 200
    stale = staff.patch(path, json={"slug": "two"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert staff.get(f"{API}/one").status_code == 200


def test_a_star_means_whatever_is_there_at_the_moment_of_the_change(
    staff, feast, monkeypatch
) -> None:
    describe, others = collecting.describe, []

    def later(name, words, by, **more):
        if not others:
            others.append(describe(name, Words(text={"en": "Theirs"}), by))
        return describe(name, words, by, **more)

    monkeypatch.setattr(collecting, "describe", later)
    saved = staff.patch(f"{API}/feast", json={"title": {"en": "x"}}, headers={"If-Match": "*"})
    assert (saved.status_code, len(others)) == (200, 1)
    assert (saved.json["title"]["en"], saved.json["text"]["en"]) == ("x", "Theirs")
    gone = staff.patch(f"{API}/none", json={"title": {"en": "x"}}, headers={"If-Match": "*"})
    assert gone.status_code == 404


def test_members_keep_their_order_and_move(staff, filled, photos) -> None:
    a, b, c = photos
    assert shown(staff, "feast") == [a, b, c]
    moved = staff.open(f"{API}/feast/assets/{c}", "PUT", json={"position": 1})
    assert moved.json == {"collection": filled["id"], "asset": c, "position": 1}
    assert shown(staff, "feast") == [c, a, b]
    assert staff.open(f"{API}/feast/assets/{a}", "DELETE").status_code == 204
    assert staff.open(f"{API}/feast/assets/{a}", "DELETE").status_code == 204
    assert shown(staff, "feast") == [c, b]


def test_an_order_made_on_an_old_revision_is_refused_when_it_says_so(staff, filled, photos) -> None:
    path = f"{API}/feast/assets/{photos[2]}"
    stale = staff.open(path, "PUT", json={"position": 1}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert shown(staff, "feast") == photos


def test_a_place_is_a_number_from_one(staff, filled, photos) -> None:
    path = f"{API}/feast/assets/{photos[0]}"
    for body in ({"position": 0}, {"position": "x"}, {"place": 1}):
        assert staff.open(path, "PUT", json=body).status_code == 400


def test_long_collections_come_in_pages_that_hold_each_member_once(
    staff, visit, filled, photos
) -> None:
    first = staff.get(f"{API}/feast?limit=2").json
    second = staff.get(f"{API}/feast?limit=2&cursor={first['next']}").json
    assert [one["id"] for one in first["items"] + second["items"]] == photos
    assert second["next"] is None
    for bad in ("cursor=x", "limit=0", "cursor=1", f"cursor={feast_id(filled)}"):
        assert staff.get(f"{API}/feast?{bad}").status_code == 400
    assert staff.get(f"{API}?cursor=x").status_code == 400


def feast_id(filled) -> str:
    """An id, but of no member."""
    return filled["id"]


def test_nothing_a_reader_is_told_counts_the_hidden(
    staff, visit, filled, photos, photographer, other_photographer
) -> None:
    draft, first, second = photos
    assert staff.open(f"{API}/feast/assets/{draft}", "PUT", json={"position": 2}).json["position"]
    outsider = visit(other_photographer)
    for reader in (visit(), outsider):
        page = reader.get(f"{API}/feast?limit=1")
        assert page.json["next"] == first
        assert "revision" not in page.json
        assert "revision" not in reader.get(API).json["items"][0]
        assert "ETag" not in page.headers
        rest = reader.get(f"{API}/feast?limit=1&cursor={first}").json
        assert ([one["id"] for one in rest["items"]], rest["next"]) == ([second], None)
        assert reader.get(f"{API}/feast?cursor={draft}").status_code == 400
        assert reader.get(f"/en/collections/feast?after={draft}").status_code == 400
    owner = visit(photographer).get(f"{API}/feast?cursor={draft}").json
    assert [one["id"] for one in owner["items"]] == [second]
    assert staff.get(f"{API}/feast").json["revision"] == 5


def test_lists_come_in_pages_newest_first(staff) -> None:
    for number in range(3):
        staff.post(API, json={"title": {"en": f"n {number}"}})
    first = staff.get(f"{API}?limit=2").json
    second = staff.get(f"{API}?limit=2&cursor={first['next']}").json
    slugs = [one["slug"] for one in first["items"] + second["items"]]
    assert slugs == ["n-2", "n-1", "n-0"]
    assert second["next"] is None


def test_readers_see_only_what_they_may_discover_count_and_cover_too(
    visit, staff, filled, photos, journalist, photographer, archivist
) -> None:
    draft, *published = photos
    for reader in (visit(), visit(journalist)):
        seen = reader.get(f"{API}/feast").json
        assert [one["id"] for one in seen["items"]] == published
        assert (seen["count"], seen["cover"]["asset"]) == (2, published[0])
        (listed,) = reader.get(API).json["items"]
        assert (listed["count"], listed["cover"]["asset"]) == (2, published[0])
        assert draft not in reader.get("/en/collections/feast").text
        assert draft not in reader.get("/en/collections").text
    for insider in (staff, visit(photographer)):
        seen = insider.get(f"{API}/feast").json
        assert (seen["count"], seen["cover"]["asset"]) == (3, draft)


def test_a_collection_with_nothing_to_discover_is_not_there(
    visit, staff, feast, photos, journalist, photographer, clock, catalogue
) -> None:
    draft, published, _ = photos
    for visitor in (visit(), visit(journalist), visit(photographer)):
        assert visitor.get(f"{API}/feast").status_code == 404
        assert visitor.get("/az/collections/feast").status_code == 404
        assert visitor.get(API).json["items"] == []
    staff.open(f"{API}/feast/assets/{draft}", "PUT")
    assert visit(photographer).get(f"{API}/feast").status_code == 200
    assert visit(journalist).get(f"{API}/feast").status_code == 404
    with catalogue.writing() as tx:
        until = clock.now + timedelta(hours=1)
        tx.assets.save(replace(tx.assets.get(published), embargo_until=until))
    staff.open(f"{API}/feast/assets/{published}", "PUT")
    assert visit().get(f"{API}/feast").status_code == 404
    clock.advance(3600)
    assert visit().get(f"{API}/feast").json["count"] == 1


def test_search_knows_at_once_what_is_in_a_collection(
    staff, visit, filled, photos, indexed
) -> None:
    indexed()
    page = visit().get("/api/v1/assets?collection=feast&language=ru").json
    assert {one["id"] for one in page["items"]} == set(photos[1:])
    (facet,) = page["facets"]["collection"]
    assert (facet["label"], facet["count"]) == ("Праздник", 2)
    staff.patch(f"{API}/feast", json={"title": {"ru": "Байрам"}}, headers={"If-Match": "*"})
    (facet,) = visit().get("/api/v1/assets?language=ru").json["facets"]["collection"]
    assert facet["label"] == "Байрам"
    staff.open(f"{API}/feast/assets/{photos[1]}", "DELETE")
    indexed()
    assert visit().get("/api/v1/assets?collection=feast").json["total"] == 1
    staff.open(f"{API}/feast", "DELETE")
    indexed()
    assert visit().get("/api/v1/assets").json["facets"]["collection"] == []


def test_an_asset_says_which_collections_it_is_in_and_its_etag_changes_with_them(
    staff, feast, photos
) -> None:
    before = staff.get(f"/api/v1/assets/{photos[0]}")
    staff.open(f"{API}/feast/assets/{photos[0]}", "PUT")
    after = staff.get(f"/api/v1/assets/{photos[0]}")
    assert (before.json["collections"], after.json["collections"]) == ([], [feast["id"]])
    assert before.headers["ETag"] != after.headers["ETag"]


def test_a_token_needs_the_scope_to_edit(visit, archivist, feast, photos) -> None:
    path = f"{API}/feast/assets/{photos[0]}"
    reads = visit(archivist, frozenset({TokenScope.READ}))
    edits = visit(archivist, frozenset({TokenScope.EDIT}))
    assert reads.open(path, "PUT").status_code == 403
    assert edits.open(path, "PUT").status_code == 200
    assert edits.get(API).status_code == 403


# --- pages


def forms(visitor, path: str) -> str:
    page = visitor.get(path)
    assert page.status_code == 200, page.text
    return page.text


def send(visitor, path: str, **data):
    token = visitor.headers["X-CSRF-Token"]
    return visitor.client.post(path, data={"csrf": token, **data})


def test_a_collection_is_made_and_described_by_plain_forms(staff) -> None:
    assert 'name="title.az"' in forms(staff, "/az/collections/new")
    made = send(staff, "/az/collections", **{"title.az": "Qış  günü", "text.ru": "Зима"})
    assert made.headers["Location"] == "/az/collections/qis-gunu/edit"
    base = re.search(r'name="base" value="([^"]*)"', forms(staff, "/az/collections/qis-gunu/edit"))
    saved = send(
        staff,
        "/az/collections/qis-gunu/edit",
        **{"base": unescape(base[1]), "title.az": "Qış", "title.en": "Winter", "slug": "winter"},
    )
    assert saved.headers["Location"] == "/az/collections/winter"
    held = staff.get(f"{API}/winter").json
    assert held["title"] == {"az": "Qış", "en": "Winter"}
    assert held["text"] == {"ru": "Зима"}


def test_faults_stand_beside_their_fields_and_what_was_typed_stays(staff, feast) -> None:
    page = send(staff, "/en/collections", **{"title.az": "", "text.az": "Yazılmış mətn"})
    assert page.status_code == 400
    assert 'id="e-title.en"' in page.text
    assert "Yazılmış mətn" in page.text
    taken = send(staff, "/en/collections", **{"title.en": "Other", "slug": "feast"})
    assert taken.status_code == 400
    assert re.search(r'id="e-slug">.*Another collection', taken.text)
    assert 'value="feast"' in taken.text


def test_two_who_rename_see_each_other(staff, feast) -> None:
    page = forms(staff, "/en/collections/feast/edit")
    base = unescape(re.search(r'name="base" value="([^"]*)"', page)[1])
    staff.patch(f"{API}/feast", json={"title": {"en": "Theirs"}}, headers={"If-Match": "*"})
    typed = {"title.en": "Mine", "title.az": "Bayram", "text.ru": "Мой текст", "base": base}
    clash = send(staff, "/en/collections/feast/edit", **typed)
    assert clash.status_code == 412
    assert "Mine" in clash.text
    assert "Theirs" in clash.text
    assert "Мой текст" in clash.text
    again = unescape(re.search(r'name="base" value="([^"]*)"', clash.text)[1])
    kept = {**typed, "base": again, "keep": "theirs", "clash": "title.en"}
    assert send(staff, "/en/collections/feast/edit", **kept).status_code == 303
    held = staff.get(f"{API}/feast").json
    assert (held["title"]["en"], held["text"]["ru"]) == ("Theirs", "Мой текст")


def test_words_are_not_lost_in_a_race(staff, feast, monkeypatch) -> None:
    base = unescape(
        re.search(r'name="base" value="([^"]*)"', forms(staff, "/en/collections/feast/edit"))[1]
    )
    describe = collecting.describe

    def beaten(name, words, by, **more):
        with by.catalogue.writing() as tx:
            tx.collections.save(tx.collections.resolve(name))
        return describe(name, words, by, **more)

    monkeypatch.setattr(collecting, "describe", beaten)
    typed = {"title.en": "Mine", "text.ru": "Мой текст", "base": base}
    busy = send(staff, "/en/collections/feast/edit", **typed)
    assert busy.status_code == 412
    assert "Others are saving this" in busy.text
    assert "Мой текст" in busy.text
    assert ">\nMine</textarea>" in busy.text


def test_adding_a_photo_meanwhile_is_no_clash_of_words(staff, feast, photos) -> None:
    page = forms(staff, "/en/collections/feast/edit")
    base = unescape(re.search(r'name="base" value="([^"]*)"', page)[1])
    staff.open(f"{API}/feast/assets/{photos[0]}", "PUT")
    saved = send(staff, "/en/collections/feast/edit", **{"title.en": "Spring", "base": base})
    assert saved.status_code == 303
    assert staff.get(f"{API}/feast").json["title"]["en"] == "Spring"


def test_buttons_move_take_out_and_come_back_to_the_row(staff, filled, photos) -> None:
    a, b, c = photos
    path = "/en/collections/feast/assets/{}"
    up = send(staff, path.format(c), act="up")
    assert up.headers["Location"] == f"/en/collections/feast/edit?moved={c}&act=up"
    assert shown(staff, "feast") == [a, c, b]
    send(staff, path.format(a), act="down")
    send(staff, path.format(b), act="first")
    assert shown(staff, "feast") == [b, c, a]
    send(staff, path.format(c), act="remove")
    assert shown(staff, "feast") == [b, a]
    assert send(staff, path.format(a), act="sideways").status_code == 400
    assert send(staff, path.format(c), act="up").status_code == 404


def edited(staff, **typed) -> dict[str, str]:
    page = forms(staff, "/en/collections/feast/edit")
    return {"base": unescape(re.search(r'name="base" value="([^"]*)"', page)[1])} | typed


def test_a_move_keeps_the_words_typed_beside_it(staff, filled, photos) -> None:
    a, b, c = photos
    typed = edited(staff, **{"title.en": "Spring", "text.ru": "Весной", "slug": "spring"})
    up = send(staff, f"/en/collections/feast/assets/{c}", act="up", **typed)
    assert up.headers["Location"] == f"/en/collections/spring/edit?moved={c}&act=up"
    held = staff.get(f"{API}/spring").json
    assert (held["title"]["en"], held["text"]["ru"]) == ("Spring", "Весной")
    assert shown(staff, "spring") == [a, c, b]
    out = send(staff, f"/en/collections/spring/assets/{a}", act="remove")
    assert out.headers["Location"] == "/en/collections/spring/edit#order"
    assert shown(staff, "spring") == [c, b]


def test_a_move_waits_while_the_words_beside_it_cannot_be_kept(staff, filled, photos) -> None:
    a, b, c = photos
    typed = edited(staff, **{"title.en": "Mine", "text.ru": "Мой текст"})
    staff.patch(f"{API}/feast", json={"title": {"en": "Theirs"}}, headers={"If-Match": "*"})
    clash = send(staff, f"/en/collections/feast/assets/{c}", act="up", **typed)
    assert clash.status_code == 412
    assert ">\nMine</textarea>" in clash.text
    assert 'name="act"' not in clash.text  # the choice between two versions comes first
    typed = edited(staff, slug="Not an address")
    fault = send(staff, f"/en/collections/feast/assets/{c}", act="up", **typed)
    assert fault.status_code == 400
    assert 'value="Not an address"' in fault.text
    assert shown(staff, "feast") == [a, b, c]


def test_a_photo_goes_into_a_collection_from_its_own_page(staff, visit, feast, photos) -> None:
    page = forms(staff, f"/en/assets/{photos[1]}")
    assert '<option value="feast">Feast</option>' in page
    added = send(staff, f"/en/assets/{photos[1]}/collections", collection="feast", found="q=x")
    assert added.headers["Location"] == f"/en/assets/{photos[1]}?found=q%3Dx#collections"
    page = forms(staff, f"/en/assets/{photos[1]}")
    assert 'href="/en/collections/feast"' in page
    assert '<option value="feast">' not in page
    anonymous = forms(visit(), f"/ru/assets/{photos[1]}")
    assert "Праздник" in anonymous
    assert "f-collection" not in anonymous
    gone = send(staff, f"/en/assets/{photos[1]}/collections", collection="nowhere")
    assert gone.status_code == 404


def test_a_new_collection_begins_with_the_photo_it_was_made_from(staff, photos) -> None:
    page = forms(staff, f"/en/collections/new?asset={photos[1]}")
    assert f'name="asset" value="{photos[1]}"' in page
    made = send(staff, "/en/collections", **{"title.en": "Spring", "asset": photos[1]})
    assert made.headers["Location"] == f"/en/assets/{photos[1]}#collections"
    assert shown(staff, "spring") == [photos[1]]
    lost = send(staff, "/en/collections", **{"title.en": "Autumn", "asset": "nobody"})
    assert lost.headers["Location"] == "/en/collections/autumn/edit"


def test_a_collection_is_deleted_and_its_photos_stay(staff, filled, photos) -> None:
    assert "3 materials in it stay" in forms(staff, "/en/collections/feast/edit")
    gone = send(staff, "/en/collections/feast/delete")
    assert gone.headers["Location"] == "/en/collections"
    assert staff.get(f"{API}/feast").status_code == 404
    assert staff.get(f"/api/v1/assets/{photos[0]}").json["collections"] == []


def test_a_reader_gets_title_and_text_in_their_language_or_told_which(visit, filled) -> None:
    page = forms(visit(), "/ru/collections/feast")
    assert "<h1>Праздник</h1>" in page
    assert '<p class="lead" lang="en">A day in spring.</p>' in page
    assert "Изменить коллекцию" not in page


def test_the_page_of_a_long_collection_leads_on(staff, filled, photos, monkeypatch) -> None:
    monkeypatch.setattr("web.pages.collection.PAGE", 2)
    first = forms(staff, "/en/collections/feast")
    assert f'href="/en/collections/feast?after={photos[1]}" data-more' in first
    second = forms(staff, f"/en/collections/feast?after={photos[1]}")
    assert photos[2] in second
    assert "data-more" not in second
    assert staff.get("/en/collections/feast?after=x").status_code == 400
    assert staff.get("/en/collections?before=x").status_code == 400
