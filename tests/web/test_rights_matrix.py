"""Every route of the live table × every kind of visitor × every state of an asset, against a table written by hand."""

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from depositing import deposit
from making import jpeg

from archive.model.agent import TokenScope
from archive.model.asset import Findings, Visibility
from archive.model.description import Coordinates, Description
from archive.model.job import RenderAudio, RenderLadder
from archive.model.multilingual import Multilingual, Value
from archive.model.rendition import Profile, Rendition

AGENTS = (
    "anonymous",
    "journalist",
    "other",
    "owner",
    "archivist",
    "admin",
    "t-read",
    "t-upload",
    "t-edit",
    "t-publish",
    "t-admin",
)
STATES = ("draft", "published", "embargoed", "lifted", "withdrawn", "unknown")
TABLE = Path(__file__).parent / "rights.tsv"
SLUG = "open-day"
UNKNOWN = "00000000-0000-7000-8000-000000000000"
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Offset": "0"}
OFFSET = {"Content-Type": "application/offset+octet-stream"}
JOBS: dict[str, str] = {}  # a job that can be cancelled, one that can be retried
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def rows() -> list[list[str]]:
    with TABLE.open() as file:
        return [
            row for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")
        ]


@pytest.fixture
def visitors(visit, journalist, other_photographer, photographer, archivist, admin):
    scoped = {
        "t-read": (photographer, TokenScope.READ),
        "t-upload": (photographer, TokenScope.UPLOAD),
        "t-edit": (photographer, TokenScope.EDIT),
        "t-publish": (archivist, TokenScope.PUBLISH),
        "t-admin": (admin, TokenScope.ADMIN),
    }
    people = {
        "anonymous": None,
        "journalist": journalist,
        "other": other_photographer,
        "owner": photographer,
        "archivist": archivist,
        "admin": admin,
    }

    def visiting(name: str):
        if name in scoped:
            account, scope = scoped[name]
            return visit(account, frozenset({scope}))
        return visit(people[name])

    return visiting


@pytest.fixture
def asset_in(receiver, photographer, catalogue, objects, clock):
    """An asset in a state, whole: described, with a rendition and a place that must not leak."""
    asset = deposit(receiver, photographer, jpeg(11), catalogue=catalogue)
    objects.put("renditions/ab/cd/made.jpg", jpeg(12))
    made = Rendition(
        profile=Profile.PREVIEW,
        recipe="r",
        key="renditions/ab/cd/made.jpg",
        media_type="image/jpeg",
        width=64,
        height=48,
        size_bytes=len(jpeg(12)),
        sha256="0" * 64,
        made_at=clock(),
    )
    chosen = Description(
        title=Multilingual({"az": Value(text="Gizli", source="typed")}),
        coordinates=Coordinates(latitude="40.4093", longitude="49.8671"),
        instructions="do not tell",
    )
    findings = Findings(chosen=chosen, technical={}, tools=())
    with catalogue.writing() as tx:
        tx.assets.set_rendition(asset.id, made)
        asset = tx.assets.save(tx.assets.get(asset.id).examined(findings, clock()))

    def put_into(state: str) -> str:
        if state == "unknown":
            return UNKNOWN
        published = state in {"published", "embargoed", "lifted"}
        ends = {
            "embargoed": clock.now + timedelta(days=1),
            "lifted": clock.now - timedelta(seconds=1),
        }
        visibility = Visibility.PUBLISHED if published else Visibility(state)
        with catalogue.writing() as tx:
            JOBS["retry"] = tx.jobs.defer(RenderAudio(asset.id))
            JOBS["cancel"] = tx.jobs.defer(RenderLadder(asset.id))
            tx.jobs.cancel(JOBS["retry"])
            tx.jobs.retry(tx.jobs.get(JOBS["cancel"]))  # one who came before may have cancelled it
            current = tx.assets.get(asset.id)
            tx.assets.save(replace(current, visibility=visibility, embargo_until=ends.get(state)))
        return asset.id

    return put_into


def ask(visitor, route: str, method: str, asset: str):
    path = (
        route.replace("<asset_id>", asset)
        .replace("<any(az, en, ru):language>", "ru")
        .replace("<path:profile>", "preview")
        .replace("<upload_id>", "node.unknown")
        .replace("<path:name>", "no-such.css")
        .replace("<job_id>", JOBS.get(route.rpartition("/")[2], UNKNOWN))
        .replace("<collection_id>", SLUG)
        .replace("<slug>", SLUG)
    )
    more: dict = {"headers": {"If-Match": "*"}, "environ_overrides": ELSEWHERE}
    if path.startswith("/api/v1/uploads") and "check" not in path:
        more["headers"] |= TUS | (OFFSET if method == "PATCH" else {})
    if (
        "/api/v1" in path
        and method in {"POST", "PATCH", "PUT"}
        and "Tus-Resumable" not in more["headers"]
    ):
        words = {"title": {"en": "Open day"}}
        body = {"check": {"sha256": []}, "withdraw": {"reason": "x"}, "assets/": {}}
        body |= {"collections/": words, "collections": words}
        if "/collections/" not in path:
            del body["assets/"]
        more["json"] = next(
            (value for name, value in body.items() if name in path), {"city": "Bakı"}
        )
    elif method == "POST" and "/api/v1" not in path:
        more["data"] = {"reason": "x", "theme": "dark", "act": "remove", "untitled": "1"}
        if "/collections" in path:
            more["data"] |= {"title.en": "Open day", "collection": SLUG}
            more["data"] |= (
                {"keep": "theirs", "clash": "title.en"}
                if "/edit" in path or "/collections/" in path
                else {}
            )
    return visitor.open(path, method, **more)


def test_the_table_covers_the_live_routes_and_nothing_else(app) -> None:
    live = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    live |= {("/api/v1/uploads/<upload_id>", "HEAD"), ("/api/v1/uploads", "OPTIONS")}
    written = {(row[0], row[1]) for row in rows()}
    assert written == live
    for route, method in written:
        states = {row[2] for row in rows() if (row[0], row[1]) == (route, method)}
        assert states == (set(STATES) if "<asset_id>" in route else {"-"}), route


@pytest.fixture
def collection_there(catalogue):
    """An empty collection under its address, also after somebody removed it."""

    def there(route: str) -> None:
        if "collection" in route:
            with catalogue.writing() as tx:
                if not tx.collections.is_taken(SLUG):
                    tx.collections.add(slug=SLUG, title={"az": "Açıq qapı günü"})

    return there


def test_every_cell_answers_as_written(visitors, asset_in, collection_there) -> None:
    cells, wrong, leaks = 0, [], []
    for route, method, state, *wanted in rows():
        asset = UNKNOWN
        for agent, status in zip(AGENTS, wanted, strict=True):
            if state != "-" and (method != "GET" or asset == UNKNOWN):
                asset = asset_in(state)
            collection_there(route)
            response = ask(visitors(agent), route, method, asset)
            cells += 1
            if response.status_code != int(status):
                wrong.append(
                    f"{method} {route} {state} {agent}: {response.status_code}, written {status}"
                )
            if agent in {"anonymous", "journalist", "other"} and any(
                secret in response.data for secret in (b"40.4093", b"do not tell")
            ):
                leaks.append(f"{method} {route} {state} {agent}")
    print(f"\n{cells} cells, {len(leaks)} leaks")
    assert cells == len(rows()) * len(AGENTS)
    assert cells >= 800
    assert wrong == []
    assert leaks == []


def test_hits_totals_and_facets_show_to_nobody_what_the_matrix_hides(
    visitors, asset_in, indexed
) -> None:
    for state in STATES[:-1]:
        asset = asset_in(state)
        indexed()
        for agent in (
            "anonymous",
            "journalist",
            "other",
            "owner",
            "archivist",
            "admin",
            "t-read",
            "t-admin",
        ):
            page = visitors(agent).get("/api/v1/assets?q=Gizli").json
            seen = visitors(agent).get(f"/api/v1/assets/{asset}").status_code == 200
            assert page["total"] == int(seen), (state, agent)
            assert [item["id"] for item in page["items"]] == ([asset] if seen else []), (
                state,
                agent,
            )
            counted = sum(value["count"] for value in page["facets"]["type"])
            assert counted == int(seen), (state, agent)


def test_hidden_is_told_exactly_as_unknown(visitors, asset_in) -> None:
    hidden = visitors("journalist").get(f"/api/v1/assets/{asset_in('draft')}")
    unknown = visitors("journalist").get(f"/api/v1/assets/{UNKNOWN}")
    assert hidden.json["code"] == unknown.json["code"] == "not-found"
    assert hidden.json["title"] == unknown.json["title"]


def test_protected_fields_are_left_out_not_blanked(visitors, asset_in) -> None:
    asset = asset_in("published")
    assert (
        visitors("archivist").get(f"/api/v1/assets/{asset}").json["coordinates"]["latitude"]
        == "40.4093"
    )
    assert "coordinates" not in visitors("anonymous").get(f"/api/v1/assets/{asset}").json
    assert "instructions" not in visitors("other").get(f"/api/v1/assets/{asset}").json


def test_an_embargo_lifts_by_itself_to_the_second(visitors, asset_in, indexed, clock) -> None:
    asset = asset_in("embargoed")
    indexed()
    reader = visitors("anonymous")
    assert reader.get(f"/api/v1/assets/{asset}").status_code == 404
    assert reader.get("/api/v1/assets").json["total"] == 0
    clock.advance(timedelta(days=1).total_seconds())
    assert reader.get(f"/api/v1/assets/{asset}").status_code == 200
    assert reader.get("/api/v1/assets").json["total"] == 1


def test_a_route_without_a_rule_stops_the_start(app) -> None:
    from web.rules import require_rules

    app.add_url_rule("/forgotten", "forgotten", lambda: "hello")
    with pytest.raises(LookupError, match="/forgotten"):
        require_rules(app)


def test_bytes_that_are_not_public_are_never_cached_by_others(visitors, asset_in) -> None:
    for state, agent, wanted in (
        ("draft", "owner", "private, no-store"),
        ("embargoed", "archivist", "private, no-store"),
        ("published", "anonymous", "public, max-age=60, must-revalidate"),
    ):
        asset = asset_in(state)
        for tail in ("original", "renditions/preview"):
            response = visitors(agent).get(f"/api/v1/assets/{asset}/{tail}")
            assert response.headers["Cache-Control"] == wanted, (state, agent, tail)
