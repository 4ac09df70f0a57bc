"""What visitors may not do to the house or to each other."""

from dataclasses import replace
from datetime import timedelta

import pytest
from depositing import deposit
from making import jpeg

from archive.model.agent import TokenScope
from archive.model.asset import Findings, Visibility
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Description, Link
from archive.model.ids import AuthorityId, new_id


@pytest.fixture
def asset(receiver, photographer, catalogue):
    return deposit(receiver, photographer, jpeg(21), catalogue=catalogue)


def test_a_strangers_large_form_is_refused_before_it_is_read(visit) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="l"\r\n\r\n' + bytes(
        1 << 20
    )
    response = visit().post(
        "/en/sign-in", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert response.status_code == 413


def test_only_so_many_strangers_send_forms_at_once(visit, monkeypatch) -> None:
    import threading

    from web.auth import bodies

    monkeypatch.setattr(bodies, "_strangers", threading.BoundedSemaphore(1))
    assert bodies._strangers.acquire(blocking=False)
    assert visit().post("/en/sign-in", data={"email": "a@b.c"}).status_code == 429
    assert visit().get("/en/sign-in").status_code == 200
    bodies._strangers.release()
    for _ in range(3):  # each gives its place back
        assert visit().post("/en/sign-in", data={"email": "a@b.c"}).status_code == 403


@pytest.mark.parametrize("embargo", [None, "2026-03-01T08:00:01+00:00"])
def test_an_owner_cannot_lift_the_press_offices_embargo(
    visit, photographer, archivist, asset, catalogue, clock, embargo
) -> None:
    until = clock.now + timedelta(days=1)
    with catalogue.writing() as tx:
        tx.assets.save(
            replace(tx.assets.get(asset.id), visibility=Visibility.PUBLISHED, embargo_until=until)
        )
    path = f"/api/v1/assets/{asset.id}"
    change = {"json": {"embargo_until": embargo}, "headers": {"If-Match": "*"}}
    assert visit(photographer).patch(path, **change).status_code == 403
    assert visit().get(path).status_code == 404
    assert visit(archivist).patch(path, **change).status_code == 200


def test_an_owner_sets_and_lifts_an_embargo_of_an_own_draft(visit, photographer, asset) -> None:
    path = f"/api/v1/assets/{asset.id}"
    for embargo in ("2030-01-01T00:00:00+04:00", None):
        change = {"json": {"embargo_until": embargo}, "headers": {"If-Match": "*"}}
        assert visit(photographer).patch(path, **change).status_code == 200


def test_the_name_of_somebody_only_on_hidden_assets_is_told_to_nobody_else(
    visit, archivist, asset, catalogue, clock, indexed
) -> None:
    person = Authority(
        id=AuthorityId(new_id(clock())), kind=AuthorityKind.PERSON, labels={"az": "Gizli Şəxs"}
    )
    link = Link(labels=person.labels, source="typed", authority=person.id)
    with catalogue.writing() as tx:
        tx.authorities.save(person)
        found = Findings(chosen=Description(people=(link,)), technical={}, tools=())
        tx.assets.save(tx.assets.get(asset.id).examined(found, clock()))
    indexed()
    address = f"/api/v1/assets?person={person.id}"
    assert "Gizli" in visit(archivist).get(address).text
    assert "Gizli" not in visit().get(address).text
    assert "Gizli" not in visit().get(f"/az/search?person={person.id}").text


def test_readers_are_served_while_somebody_else_writes(
    visit, photographer, catalogue, clock
) -> None:
    reader = visit(photographer, frozenset({TokenScope.READ}))
    assert reader.get("/api/v1/assets").status_code == 200
    clock.advance(10)
    with catalogue.writing():
        assert reader.get("/api/v1/assets").status_code == 200


def test_an_address_with_thousands_of_filters_is_refused_at_once(visit) -> None:
    many = "&".join(f"person=p{number}" for number in range(3000))
    for path in ("/api/v1/assets", "/az/search"):
        assert visit().get(f"{path}?{many}").status_code == 400


@pytest.mark.parametrize(("proxies", "secure"), [(0, False), (1, True)])
def test_what_a_proxy_says_is_believed_only_of_proxies_of_ours(make_app, proxies, secure) -> None:
    client = make_app(proxies=proxies).test_client()
    answer = client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert ("Strict-Transport-Security" in answer.headers) is secure


def test_a_forwarded_request_is_never_taken_for_one_of_this_machine(visit) -> None:
    assert visit().get("/metrics").status_code == 200
    assert visit().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
