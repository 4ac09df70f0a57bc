"""The headers of every answer, on every route of the live table."""

import pytest
from depositing import deposit
from making import jpeg

from web.headers import BYTES_POLICY, HSTS, PAGE_POLICY

PLACES = {
    "<any(az, en, ru):language>": "ru",
    "<path:profile>": "preview",
    "<path:name>": "no-such.css",
    "<upload_id>": "node.unknown",
    "<collection_id>": "no-such",
    "<slug>": "no-such",
}


@pytest.fixture
def asset(receiver, archivist, catalogue):
    return deposit(receiver, archivist, jpeg(), catalogue=catalogue, wishes={"publish": True})


@pytest.fixture
def addresses(app, asset) -> list[str]:
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods:
            path = rule.rule.replace("<asset_id>", asset.id)
            for place, value in PLACES.items():
                path = path.replace(place, value)
            assert "<" not in path, rule
            found.append(path)
    assert len(found) > 15
    return found


def test_every_answer_carries_the_headers_of_the_house(addresses, visit, archivist) -> None:
    for path in [*addresses, "/nothing", "/api/v1/nothing"]:
        for who in (visit(), visit(archivist)):
            headers = who.get(path).headers
            assert headers["X-Content-Type-Options"] == "nosniff", path
            policy = headers["Content-Security-Policy"]
            assert policy in {PAGE_POLICY, BYTES_POLICY}, path
            assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert headers["Cross-Origin-Resource-Policy"] == "same-site", path
            assert "camera=()" in headers["Permissions-Policy"], path
            assert len(headers["X-Request-Id"]) == 32, path
            assert headers["Content-Language"] in {"az", "en", "ru"}, path
            assert "Cookie" in headers["Vary"], path
            assert headers["Cache-Control"], path
            assert "Server" not in headers, path


def test_nobody_elses_cache_keeps_what_is_shown_to_somebody_signed_in(
    addresses, visit, archivist
) -> None:
    own = visit(archivist)
    for path in addresses:
        if "/static/" in path or path.endswith(("/original", "/preview", "/favicon.svg")):
            continue  # the same for all, or decided by the asset's rights
        kept = own.get(path).headers["Cache-Control"]
        assert "no-store" in kept, path
        assert "public" not in kept, path


def test_no_page_lets_scripts_in_from_elsewhere_or_from_its_own_text() -> None:
    rules = dict(part.strip().split(" ", 1) for part in PAGE_POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in PAGE_POLICY
    assert "http" not in PAGE_POLICY


def test_https_is_remembered_only_when_it_is_used(make_app) -> None:
    client = make_app("https://media.test").test_client()
    assert (
        client.get("/healthz", base_url="https://media.test").headers["Strict-Transport-Security"]
        == HSTS
    )
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_every_request_has_an_id_of_its_own(visit) -> None:
    ids = {visit().get("/healthz").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


def test_a_control_sign_in_an_address_is_refused(visit) -> None:
    for path in ("/api/v1/assets/%00", "/%0a", "/en/%1f"):
        assert visit().get(path).status_code == 400
