"""Assets by the API: read, described by merge patches, published, found; problems said in three languages."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from depositing import deposit
from making import jpeg

from archive.model.agent import TokenScope
from archive.model.asset import Findings, Reason, Trouble
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Description, Keyword, Link
from archive.model.ids import AuthorityId, new_id
from archive.model.multilingual import Multilingual, Value

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def asset(receiver, photographer, catalogue, clock):
    made = deposit(receiver, photographer, jpeg(), catalogue=catalogue, name="IMG_1.jpg")
    chosen = Description(
        title=Multilingual(
            {
                "az": Value(text="Şuşada bayram", source="embedded:xmp"),
                "en": Value(text="Holiday in Shusha", source="embedded:xmp"),
            }
        ),
        credit=Multilingual({"az": Value(text="AZƏRTAC", source="embedded:xmp")}),
        keywords=(
            Keyword(text="bayram", source="embedded:xmp", language="az"),
            Keyword(text="праздник", source="embedded:xmp", language="ru"),
            Keyword(text="NATO", source="embedded:xmp"),
        ),
        places_created=(Link(labels={"az": "Bakı"}, source="embedded:xmp"),),
        creator=("Leyla", "Rəşid"),
    )
    with catalogue.writing() as tx:
        findings = Findings(chosen=chosen, technical={}, tools=(), width=64, height=48)
        return tx.assets.save(tx.assets.get(made.id).examined(findings, clock()))


@pytest.fixture
def owner(visit, photographer):
    return visit(photographer, frozenset({TokenScope.READ, TokenScope.EDIT}))


@pytest.fixture
def staff(visit, archivist):
    return visit(archivist, frozenset(TokenScope) - {TokenScope.ADMIN})


@pytest.fixture
def patch(owner, asset):
    def patching(body, *, match: str | None = "*", who=owner):
        headers = {"Content-Type": "application/merge-patch+json"}
        headers |= {"If-Match": match} if match is not None else {}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return who.patch(f"/api/v1/assets/{asset.id}", data=data, headers=headers)

    return patching


@pytest.fixture
def authority(catalogue, clock):
    def making(kind: AuthorityKind, **labels: str) -> Authority:
        made = Authority(id=AuthorityId(new_id(clock())), kind=kind, labels=labels)
        with catalogue.writing() as tx:
            tx.authorities.save(made)
        return made

    return making


# --- reading -----------------------------------------------------------------------------------------------------------


def test_an_asset_is_shown_whole(owner, asset, photographer) -> None:
    shown = owner.get(f"/api/v1/assets/{asset.id}").json
    assert shown["title"] == {"az": "Şuşada bayram", "en": "Holiday in Shusha"}
    assert shown["keywords"]["az"] == ["bayram"]
    assert shown["keywords"]["und"] == ["NATO"]
    assert shown["credit"] == "AZƏRTAC"
    assert (shown["creator"], shown["creators"]) == ("Leyla; Rəşid", ["Leyla", "Rəşid"])
    assert shown["places"] == [{"id": None, "label": {"az": "Bakı"}}]
    assert (shown["width"], shown["height"], shown["type"]) == (64, 48, "photo")
    assert (shown["state"], shown["visibility"]) == ("processing", "draft")
    assert (shown["filename"], shown["size_bytes"]) == ("IMG_1.jpg", len(jpeg()))
    assert shown["links"]["original"] == f"/api/v1/assets/{asset.id}/original"


def test_what_is_shown_is_what_the_document_promises(owner, asset) -> None:
    from web.api.models import AssetOut

    shown = owner.get(f"/api/v1/assets/{asset.id}").json
    AssetOut.model_validate(shown)
    assert set(shown) == set(AssetOut.model_fields)


@pytest.mark.parametrize(
    ("language", "word"), [("az", "zədə"), ("en", "damaged"), ("ru", "повреж")]
)
def test_trouble_is_told_in_the_readers_language(owner, asset, catalogue, language, word) -> None:
    from dataclasses import replace

    with catalogue.writing() as tx:
        current = tx.assets.get(asset.id)
        tx.assets.save(replace(current, trouble=Trouble(reason=Reason.DAMAGED, detail="rows")))
    shown = owner.get(f"/api/v1/assets/{asset.id}?language={language}").json
    assert (shown["state"], shown["reason"], shown["detail"]) == ("attention", "damaged", "rows")
    assert word in shown["reason_text"].lower()


def test_an_unchanged_asset_is_not_sent_again(owner, asset, patch) -> None:
    path = f"/api/v1/assets/{asset.id}"
    tag = owner.get(path).headers["ETag"]
    again = owner.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    patch({"city": "Quba"})
    assert owner.get(path, headers={"If-None-Match": tag}).status_code == 200


# --- describing --------------------------------------------------------------------------------------------------------


def test_an_edit_moves_revision_and_tag(owner, asset, patch) -> None:
    before = owner.get(f"/api/v1/assets/{asset.id}")
    after = patch({"city": "Quba"}, match=before.headers["ETag"])
    assert after.status_code == 200, after.text
    assert after.json["revision"] == before.json["revision"] + 1
    assert after.headers["ETag"] == f'"{after.json["revision"]}"'
    assert after.json["city"] == "Quba"


def test_an_edit_that_does_not_say_on_what_it_was_made_is_refused(patch) -> None:
    response = patch({"city": "Quba"}, match=None)
    assert (response.status_code, response.json["field"]) == (400, "If-Match")


@pytest.mark.parametrize("match", ['"1"', '"999"', "2", 'W/"2"', ""])
def test_an_edit_on_another_revision_is_stale(owner, asset, patch, match) -> None:
    response = patch({"city": "Quba"}, match=match)
    assert (response.status_code, response.json["code"]) == (412, "stale")
    assert response.json["revision"] == asset.revision
    assert owner.get(f"/api/v1/assets/{asset.id}").json["city"] is None


def test_languages_are_merged_one_by_one(patch) -> None:
    shown = patch({"title": {"ru": "Праздник в Шуше", "en": None}}).json
    assert shown["title"] == {"az": "Şuşada bayram", "ru": "Праздник в Шуше"}
    assert patch({"title": {"az": "  "}}).json["title"] == {"ru": "Праздник в Шуше"}


def test_null_removes_a_whole_field(patch) -> None:
    shown = patch({"title": None, "creator": None, "places": None, "keywords": None}).json
    assert (shown["title"], shown["creator"], shown["places"]) == ({}, None, [])
    assert shown["keywords"] == {"az": [], "en": [], "ru": []}
    assert patch({"title": {"ru": "Новое"}}).json["title"] == {"ru": "Новое"}


def test_keywords_are_replaced_language_by_language(patch) -> None:
    shown = patch({"keywords": {"az": ["Şuşa", " bayram ", "", "Şuşa"], "en": ["holiday"]}}).json
    assert shown["keywords"] == {
        "az": ["Şuşa", "bayram"],
        "en": ["holiday"],
        "ru": ["праздник"],
        "und": ["NATO"],
    }
    assert patch({"keywords": {"ru": None}}).json["keywords"]["ru"] == []


def test_a_person_is_named_by_label_or_by_authority(patch, authority) -> None:
    known = authority(AuthorityKind.PERSON, az="İlham Quliyev", ru="Ильхам Кулиев")
    people = [{"label": {"az": "Naməlum", "en": ""}}, {"id": known.id}]
    assert patch({"people": people}).json["people"] == [
        {"id": None, "label": {"az": "Naməlum"}},
        {"id": known.id, "label": {"az": "İlham Quliyev", "ru": "Ильхам Кулиев"}},
    ]
    assert patch({"people": []}).json["people"] == []


@pytest.mark.parametrize(
    "person", [{}, {"label": {}}, {"label": {"az": " "}}, {"id": UNKNOWN}, {"id": "x"}]
)
def test_a_person_without_a_name_is_refused(patch, person) -> None:
    response = patch({"people": [person]})
    assert (response.status_code, response.json["field"]) == (400, "people")


def test_a_place_is_no_person(patch, authority) -> None:
    place = authority(AuthorityKind.PLACE, az="Gəncə")
    assert patch({"people": [{"id": place.id}]}).status_code == 400
    shown = patch({"places": [{"id": place.id}]}).json
    assert shown["places"] == [{"id": place.id, "label": {"az": "Gəncə"}}]
    assert shown["places_created"] == []


def test_an_occasion_is_chosen_and_taken_away(patch, authority) -> None:
    occasion = authority(AuthorityKind.OCCASION, az="Novruz", ru="Новруз")
    assert patch({"occasion": {"id": occasion.id}}).json["occasion"]["label"]["ru"] == "Новруз"
    assert patch({"occasion": None}).json["occasion"] is None


@pytest.mark.parametrize(
    ("given", "shown", "precision"),
    [
        ("1988", "1988", "year"),
        ("1988-06", "1988-06", "month"),
        ("1988-06-02", "1988-06-02", "day"),
        ("2026-02-01T11:20:05+02:00", "2026-02-01T11:20:05+02:00", "second"),
        ("2026-02-01T11:20:05", "2026-02-01T11:20:05+04:00", "second"),
    ],
)
def test_a_date_is_as_exact_as_it_was_written(patch, given, shown, precision) -> None:
    answer = patch({"taken_at": given})
    assert answer.status_code == 200, answer.text
    assert answer.json["taken_at"] == shown
    assert (answer.json["taken"]["precision"], answer.json["taken"]["source"]) == (
        precision,
        "typed",
    )
    assert patch({"taken_at": None}).json["taken_at"] is None


@pytest.mark.parametrize("given", ["yesterday", "", "2026-13-01", "9" * 41])
def test_a_date_that_is_none_is_refused(patch, given) -> None:
    response = patch({"taken_at": given})
    assert response.status_code == 400
    assert "taken_at" in response.text


def test_an_embargo_is_set_with_its_offset_and_lifted(patch) -> None:
    shown = patch({"embargo_until": "2030-01-01T10:00:00+04:00"}).json
    assert datetime.fromisoformat(shown["embargo_until"]) == datetime(2030, 1, 1, 6, tzinfo=UTC)
    assert patch({"embargo_until": None}).json["embargo_until"] is None


@pytest.mark.parametrize(
    "until", ["2030-01-01T10:00:00", "2030-01-01", "soon", "9999-12-31T23:59:59-12:00"]
)
def test_an_embargo_that_is_no_instant_is_refused_and_the_asset_stays_readable(
    patch, owner, asset, until
) -> None:
    response = patch({"embargo_until": until})
    assert response.status_code == 400
    assert "embargo_until" in response.text
    assert owner.get(f"/api/v1/assets/{asset.id}").json["embargo_until"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"titel": {"az": "x"}}, "titel"),
        ({"title": {"fr": "x"}}, "title.fr"),
        ({"title": "x"}, "title"),
        ({"rating": 9}, "rating"),
        ({"people": [{"name": "x"}]}, "people.0.name"),
        ({"keywords": {"az": "one"}}, "keywords.az"),
        ({"city": "x" * 32_001}, "city"),
        ({"visibility": "published"}, "visibility"),
    ],
)
def test_a_field_that_does_not_fit_is_named(patch, body, field) -> None:
    response = patch(body)
    assert response.status_code == 400
    assert field in {error["field"] for error in response.json["errors"]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"city": "\\ud800"}'])
def test_a_body_that_is_no_object_is_refused(patch, body) -> None:
    response = patch(body)
    assert response.status_code == 400, response.text
    assert response.json["code"] == "invalid"


def test_a_body_larger_than_metadata_can_be_is_refused(patch) -> None:
    response = patch(b'{"city": "' + b"x" * (4 << 20) + b'"}')
    assert (response.status_code, response.json["code"]) == (413, "too-large")


def test_a_large_body_of_unknown_length_is_refused_too(owner, asset) -> None:
    import io

    body = io.BytesIO(b" " * ((4 << 20) + 10))
    response = owner.patch(
        f"/api/v1/assets/{asset.id}",
        input_stream=body,
        headers={"If-Match": "*", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == 413


def test_every_field_of_a_patch_is_kept_and_shown(patch, authority) -> None:
    texts = {tag: f"{tag} text" for tag in ("az", "en", "ru")}
    many = (
        "headline",
        "description",
        "alt_text",
        "extended_description",
        "copyright",
        "usage_terms",
    )
    once = (
        "creator_job",
        "source",
        "job_id",
        "city",
        "sublocation",
        "state_or_province",
        "country",
        "country_code",
    )
    body = dict.fromkeys(many, texts) | {name: f"one {name}" for name in once}
    rights = {"licence": "CC BY 4.0", "web_statement": "https://media.test/rights"}
    more = {"rating": 5, "creator": ["Leyla"], "credit": texts, "instructions": "quietly"}
    shown = patch(body | rights | more).json
    assert {name: shown[name] for name in body} == body
    assert {name: shown["rights"][name] for name in rights} == rights
    assert (shown["rating"], shown["creator"], shown["instructions"]) == (5, "Leyla", "quietly")
    assert shown["credit_by_language"] == texts


# --- publishing --------------------------------------------------------------------------------------------------------


def test_publishing_and_withdrawing_change_who_sees_it(staff, visit, asset) -> None:
    path, reader = f"/api/v1/assets/{asset.id}", visit()
    assert reader.get(path).status_code == 404
    published = staff.post(f"{path}/publish")
    assert (published.status_code, published.json["visibility"]) == (200, "published")
    assert published.headers["ETag"] == f'"{published.json["revision"]}"'
    assert reader.get(path).status_code == 200
    withdrawn = staff.post(f"{path}/withdraw", json={"reason": "wrong person"})
    assert withdrawn.json["visibility"] == "withdrawn"
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": 5}, {"why": "x"}]
)
def test_a_withdrawal_says_why(staff, asset, body) -> None:
    assert staff.post(f"/api/v1/assets/{asset.id}/withdraw", json=body).status_code == 400


# --- searching ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(receiver, archivist, catalogue, indexed, clock):
    """Five published photos, a minute apart."""
    made = []
    for number in range(5):
        clock.advance(60)
        one = deposit(
            receiver,
            archivist,
            jpeg(50 + number),
            catalogue=catalogue,
            wishes={
                "publish": True,
                "edited": {"title": {"az": {"text": f"Şuşa şəkli {number}", "source": "import"}}},
            },
        )
        made.append(one.id)
    indexed()
    return made


def test_a_page_goes_on_where_the_last_one_ended(visit, shelf) -> None:
    reader, found, cursor = visit(), [], ""
    for _ in range(3):
        page = reader.get(f"/api/v1/assets?limit=2&sort=newest&cursor={cursor}").json
        assert page["total"] == 5
        found += [item["id"] for item in page["items"]]
        cursor = page["next"] or ""
    assert cursor == ""
    assert found == shelf[::-1]
    oldest = reader.get("/api/v1/assets?sort=oldest").json
    assert [item["id"] for item in oldest["items"]] == shelf


def test_words_find_and_facets_count(visit, shelf) -> None:
    page = visit().get("/api/v1/assets?q=susa+sekli&type=photo").json
    assert page["total"] == 5
    assert [(one["value"], one["count"]) for one in page["facets"]["type"]] == [("photo", 5)]
    assert visit().get("/api/v1/assets?q=yoxdur").json["total"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=%C2%B2", "limit"),
        ("limit=000100" + "0" * 5000, "limit"),
        ("sort=random", "sort"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(visit, query, field) -> None:
    response = visit().get(f"/api/v1/assets?{query}")
    assert (response.status_code, response.json["field"]) == (400, field)


def test_a_cursor_that_is_none_of_ours_is_refused(visit, shelf) -> None:
    reader = visit()
    cursor = reader.get("/api/v1/assets?limit=2").json["next"]
    assert reader.get(f"/api/v1/assets?limit=2&cursor={cursor}").status_code == 200
    for forged in ("nonsense", cursor[:-1], cursor + "A", "%C9%99"):
        response = reader.get(f"/api/v1/assets?limit=2&cursor={forged}")
        assert (response.status_code, response.json["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    "query", ['q="', "q=((", "q=date:soon", "q=%00", "date=nonsense", "q=" + "x" * 5000]
)
def test_a_query_never_errors(visit, shelf, query) -> None:
    response = visit().get(f"/api/v1/assets?{query}")
    assert response.status_code == 200
    assert response.json["items"] is not None


def test_what_was_understood_differently_is_noted_in_the_readers_language(visit, shelf) -> None:
    said = {
        language: visit().get(f"/api/v1/assets?q=date:soon&language={language}").json["notes"]
        for language in ("az", "en", "ru")
    }
    assert all(notes and notes[0]["text"] for notes in said.values())
    assert len({notes[0]["text"] for notes in said.values()}) == 3


# --- problems ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["az", "en", "ru"])
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"/api/v1/assets/{UNKNOWN}", 404, "not-found"),
        ("GET", "/api/v1/assets/not-an-id", 404, "not-found"),
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("DELETE", "/api/v1/assets", 405, "method-not-allowed"),
        ("POST", "/api/v1/uploads", 401, "unauthenticated"),
        ("GET", "/api/v1/assets?limit=x", 400, "invalid"),
    ],
)
def test_a_problem_is_a_document_with_a_sentence(
    visit, language, method, path, status, code
) -> None:
    response = visit().open(path, method, headers={"Accept-Language": language})
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert (response.json["status"], response.json["code"]) == (status, code)
    assert response.json["type"] == f"urn:mediateka:error:{code}"
    assert response.headers["Content-Language"] == language
    titles = {
        visit().open(path, method, headers={"Accept-Language": one}).json["title"]
        for one in ("az", "en", "ru")
    }
    assert len(titles) == 3


def test_a_method_that_is_not_allowed_names_those_that_are(visit) -> None:
    allowed = visit().open("/api/v1/assets", "DELETE").headers["Allow"]
    assert {"GET", "HEAD"} <= set(allowed.split(", "))


def test_a_part_that_is_away_is_told_with_the_time_to_come_back(
    visit, asset, photographer, tmp_path
) -> None:
    (tmp_path / "objects" / "marker.json").unlink()
    reader = visit(photographer, frozenset({TokenScope.READ}))
    response = reader.get(f"/api/v1/assets/{asset.id}/original")
    assert (response.status_code, response.json["code"]) == (503, "objects-unavailable")
    assert response.headers["Retry-After"].isdigit()
    ready = visit().get("/readyz")
    assert ready.status_code == 503
    assert ready.json == {"catalogue": "ok", "objects": "objects-unavailable", "search": "ok"}
    assert visit().get("/healthz").status_code == 200


def test_an_object_that_is_missing_is_our_fault_and_said_so(
    visit, asset, photographer, objects
) -> None:
    objects.remove(asset.original.key)
    reader = visit(photographer, frozenset({TokenScope.READ}))
    for method in ("GET", "HEAD"):
        response = reader.open(f"/api/v1/assets/{asset.id}/original", method)
        assert response.status_code == 500
        assert "Content-Disposition" not in response.headers


def test_a_defect_tells_nothing_of_its_inside(app, visit, monkeypatch) -> None:
    from web.api import assets as module

    def broken(*_args, **_more):
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(module, "find", broken)
    response = visit().get("/api/v1/assets")
    assert (response.status_code, response.json["code"]) == (500, "internal")
    assert "secret inside" not in response.text


def test_metrics_are_for_this_machine_and_admins(visit, admin, archivist, asset) -> None:
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    here = visit().get("/metrics")
    assert here.status_code == 200
    assert 'mediateka_jobs{queue="interactive",state="ready"} 1.0' in here.text
    assert "mediateka_index_due 1.0" in here.text
    assert visit().get("/metrics", **elsewhere).status_code == 404
    assert visit().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert visit(archivist).get("/metrics", **elsewhere).status_code == 404
    assert visit(admin).get("/metrics", **elsewhere).status_code == 200


def test_an_embargo_of_the_present_hides_from_everybody_else(
    patch, visit, staff, asset, clock
) -> None:
    staff.post(f"/api/v1/assets/{asset.id}/publish")
    until = clock.now + timedelta(hours=1)
    patch({"embargo_until": until.isoformat()}, who=staff)
    assert visit().get(f"/api/v1/assets/{asset.id}").status_code == 404
    clock.advance(3600)
    assert visit().get(f"/api/v1/assets/{asset.id}").status_code == 200
