"""The doors: who gets in, who is kept waiting, what a thief of the database or of a cookie can do with it."""

import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue.accounts import Account
from archive.catalogue.engine import Catalogue
from archive.catalogue.tables import metadata
from archive.model.agent import Role, TokenScope
from web.auth import accounts, secrets
from web.auth.accounts import _network

PASSWORD = "correct horse battery"
EMAIL = "leyla@media.test"
WRONG = "this is not the one"
ELSEWHERE = "203.0.113.7"


HASHER = secrets._hasher


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch) -> None:
    """The real thing with small parameters, or these tests would spend their time hashing."""
    monkeypatch.setattr(
        secrets, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    )
    secrets._decoy.cache_clear()


@pytest.fixture
def hashed() -> str:
    return secrets.hash_password(PASSWORD)


def test_passwords_are_hashed_at_a_price() -> None:
    assert HASHER.type.name == "ID"
    assert (HASHER.time_cost, HASHER.memory_cost) >= (3, 64 * 1024)


@pytest.fixture
def add(catalogue: Catalogue, hashed: str):
    def adding(email: str = EMAIL, role: Role = Role.PHOTOGRAPHER) -> Account:
        with catalogue.writing() as tx:
            return tx.accounts.add(email=email, name="Leyla", role=role, password_hash=hashed)

    return adding


@pytest.fixture
def account(add) -> Account:
    return add()


def csrf_of(client, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200, page.text
    return re.search(r'name="csrf"[^>]*value="([^"]+)"', page.text)[1]


def sign_in(
    client, email: str = EMAIL, password: str = PASSWORD, *, address="198.51.100.1", **form
):
    form |= {"email": email, "password": password, "csrf": csrf_of(client, "/en/sign-in")}
    where = {"REMOTE_ADDR": address}
    return client.post("/en/sign-in", data=form, environ_overrides=where)


def is_in(client) -> bool:
    """Whether the visitor may deposit, which nobody may without an account."""
    return client.get("/en/upload").status_code == 200


def cookies_of(response) -> dict[str, str]:
    """Name → the whole line that sets it."""
    return {line.split("=")[0]: line for line in response.headers.getlist("Set-Cookie")}


def test_the_right_pair_leads_in(app, account) -> None:
    client = app.test_client()
    assert not is_in(client)
    response = sign_in(client)
    assert (response.status_code, response.headers["Location"]) == (303, "/en/")
    assert is_in(client)


def test_the_address_may_be_written_in_any_case(app, account) -> None:
    assert sign_in(app.test_client(), EMAIL.upper()).status_code == 303


def test_a_password_typed_in_another_normal_form_is_the_same(app, catalogue) -> None:
    accounts.add_account(
        email=EMAIL,
        name="",
        role=Role.ADMIN,
        password="şifrə-й-şifrə",
        catalogue=catalogue,
        via="t",
    )
    import unicodedata

    spelled = unicodedata.normalize("NFD", "şifrə-й-şifrə")
    assert sign_in(app.test_client(), password=spelled).status_code == 303


def test_every_wrong_pair_gets_the_same_answer(app, account, add, catalogue) -> None:
    with catalogue.writing() as tx:
        tx.accounts.add(email="none@media.test", name="", role=Role.ADMIN, password_hash=None)
    answers = []
    for email, password in (
        (EMAIL, WRONG),
        ("nobody@media.test", PASSWORD),
        ("none@media.test", PASSWORD),
        (EMAIL, ""),
    ):
        client = app.test_client()
        response = sign_in(client, email, password)
        assert not is_in(client)
        text = response.text.replace(email, "").replace(csrf_of(client, "/en/sign-in"), "")
        answers.append((response.status_code, re.sub(r"[0-9a-f]{64}", "", text)))
    assert {status for status, _ in answers} == {403}
    assert len({text for _, text in answers}) == 1


def test_a_disabled_account_does_not_lead_in(app, account, catalogue) -> None:
    client = app.test_client()
    sign_in(client)
    with catalogue._ledger.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET disabled_at = 1")
    assert not is_in(client)
    assert sign_in(app.test_client()).status_code == 403


def guess_wrong(app, times: int, *, email: str = EMAIL, address="198.51.100.1") -> list[int]:
    client = app.test_client()
    return [sign_in(client, email, WRONG, address=address).status_code for _ in range(times)]


def test_after_ten_wrong_tries_even_the_right_password_waits(app, account, clock) -> None:
    assert guess_wrong(app, 10) == [403] * 10
    response = sign_in(app.test_client())
    assert response.status_code == 429
    clock.advance(1)
    assert sign_in(app.test_client()).status_code == 303


def test_further_wrong_tries_wait_ever_longer(app, account, clock) -> None:
    guess_wrong(app, 10)
    for delay in (1, 2, 4, 8):
        clock.advance(delay * 0.9)
        assert guess_wrong(app, 1) == [429]
        clock.advance(delay * 0.1)
        assert guess_wrong(app, 1) == [403]


def test_a_right_password_forgets_the_wrong_tries(app, account, clock) -> None:
    guess_wrong(app, 9)
    sign_in(app.test_client())
    assert guess_wrong(app, 10) == [403] * 10


def test_wrong_tries_are_forgotten_after_a_quarter_of_an_hour(app, account, clock) -> None:
    guess_wrong(app, 10)
    clock.advance(15 * 60 + 1)
    assert sign_in(app.test_client()).status_code == 303


def test_a_known_device_is_not_held_up_by_what_others_guess(app, account) -> None:
    known = app.test_client()
    sign_in(known)
    guess_wrong(app, 10, address=ELSEWHERE)
    assert sign_in(app.test_client()).status_code == 429
    assert sign_in(known).status_code == 303


def test_the_device_of_another_account_excuses_nobody(app, account, add) -> None:
    add("rashid@media.test")
    other = app.test_client()
    sign_in(other, "rashid@media.test")
    guess_wrong(app, 10, address=ELSEWHERE)
    assert sign_in(other).status_code == 429


def test_fifty_wrong_tries_from_one_network_make_it_wait(
    app, account, catalogue, clock, make_app
) -> None:
    from web.auth.accounts import Attempt, _subject

    attempt = Attempt(
        email="x", password="", address=ELSEWHERE, now=clock(), key=b"a key for tests"
    )
    with catalogue.writing() as tx:
        for _ in range(50):
            tx.sign_in_attempts.record(_subject(attempt, "network", ELSEWHERE))
    assert sign_in(app.test_client(), address=ELSEWHERE).status_code == 429
    assert sign_in(app.test_client(), address="198.51.100.9").status_code == 303


def test_a_network_is_an_address_or_what_one_subscriber_holds() -> None:
    assert _network("203.0.113.7") == "203.0.113.7"
    assert _network("2001:db8:1:2:3::4") == _network("2001:db8:1:2:ffff::1")
    assert _network("2001:db8:1:2::1") != _network("2001:db8:1:3::1")
    assert _network("unix:") == "unix:"


# --- sessions ----------------------------------------------------------------------------------------------------------


def test_signing_in_draws_a_new_session_whatever_the_browser_brought(app, account) -> None:
    client = app.test_client()
    client.set_cookie("mediateka", "planted-by-somebody-else")
    sign_in(client)
    first = client.get_cookie("mediateka").value
    assert first != "planted-by-somebody-else"
    with_planted = app.test_client()
    with_planted.set_cookie("mediateka", "planted-by-somebody-else")
    assert not is_in(with_planted)
    client.delete_cookie("mediateka")
    sign_in(client)
    assert client.get_cookie("mediateka").value != first


@pytest.mark.parametrize(
    ("role", "shared", "idle", "absolute"),
    [
        (Role.PHOTOGRAPHER, False, timedelta(hours=12), timedelta(days=7)),
        (Role.ADMIN, False, timedelta(minutes=30), timedelta(days=7)),
        (Role.ARCHIVIST, False, timedelta(minutes=30), timedelta(days=7)),
        (Role.PHOTOGRAPHER, True, timedelta(minutes=10), timedelta(hours=4)),
        (Role.ADMIN, True, timedelta(minutes=10), timedelta(hours=4)),
    ],
)
def test_a_session_ends_when_it_is_idle_or_old(
    app, add, catalogue, clock, role, shared, idle, absolute
) -> None:
    add(role=role)
    form = {"shared": "1"} if shared else {}
    client = app.test_client()
    sign_in(client, **form)
    clock.advance(idle.total_seconds() - 30)
    assert is_in(client)
    clock.advance(idle.total_seconds() + 1)
    assert not is_in(client)
    client = app.test_client()
    sign_in(client, **form)
    begun = clock.now
    while clock.now - begun < absolute - idle:
        clock.advance(idle.total_seconds() * 0.9)
        assert is_in(client)
    clock.advance(idle.total_seconds() * 0.9)
    is_in(client)
    clock.advance(max(0.0, (begun + absolute - clock.now).total_seconds()) + 5)
    assert not is_in(client)
    with catalogue.reading() as tx:
        assert tx.sessions.get(secrets.digest(client.get_cookie("mediateka").value)) is None


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(app, account, catalogue) -> None:
    client, thief = app.test_client(), app.test_client()
    sign_in(client)
    thief.set_cookie("mediateka", client.get_cookie("mediateka").value)
    assert is_in(thief)
    response = client.post("/en/sign-out", data={"csrf": csrf_of(client, "/en/upload")})
    assert response.status_code == 303
    assert "Clear-Site-Data" not in response.headers
    assert client.get_cookie("mediateka") is None
    assert not is_in(thief)


def test_signing_out_at_a_shared_computer_asks_the_browser_to_forget(app, account) -> None:
    client = app.test_client()
    response = sign_in(client, shared="1")
    lines = cookies_of(response)
    assert "Max-Age" not in lines["mediateka"]
    assert "Expires" not in lines["mediateka"]
    assert "mediateka_device" not in lines
    response = client.post("/en/sign-out", data={"csrf": csrf_of(client, "/en/upload")})
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'


def test_cookies_cannot_be_read_by_scripts_nor_sent_by_other_sites(app, account) -> None:
    lines = cookies_of(sign_in(app.test_client()))
    assert set(lines) == {"mediateka", "mediateka_device"}
    for line in lines.values():
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Domain" not in line
        assert "Secure" not in line
    assert "Max-Age=604800" in lines["mediateka"]


def test_under_https_cookies_are_bound_to_this_host(make_app, account) -> None:
    client = make_app("https://media.test").test_client()
    base = {"base_url": "https://media.test"}
    page = client.get("/en/sign-in", **base)
    token = re.search(r'name="csrf"[^>]*value="([^"]+)"', page.text)[1]
    form = {"email": EMAIL, "password": PASSWORD, "csrf": token}
    response = client.post("/en/sign-in", data=form, **base)
    lines = cookies_of(response)
    assert set(lines) == {"__Host-mediateka", "mediateka_device"}
    assert all("Secure" in line for line in lines.values())
    assert "max-age=" in response.headers["Strict-Transport-Security"]
    assert client.get("/en/upload", **base).status_code == 200
    out = client.post("/en/sign-out", data={"csrf": csrf_after(client, base)}, **base)
    assert "Secure" in cookies_of(out)["__Host-mediateka"]
    assert client.get("/en/upload", **base).status_code != 200


def csrf_after(client, base) -> str:
    page = client.get("/en/upload", **base)
    return re.search(r'name="csrf"[^>]*value="([^"]+)"', page.text)[1]


# --- forged requests ---------------------------------------------------------------------------------------------------


def test_a_form_without_its_token_is_refused(app, account) -> None:
    client = app.test_client()
    client.get("/en/sign-in")
    form = {"email": EMAIL, "password": PASSWORD}
    assert client.post("/en/sign-in", data=form).status_code == 403
    assert client.post("/en/sign-in", data=form | {"csrf": "0" * 64}).status_code == 403
    stranger = csrf_of(app.test_client(), "/en/sign-in")
    assert client.post("/en/sign-in", data=form | {"csrf": stranger}).status_code == 403


def test_an_api_call_with_a_session_needs_the_sessions_token(app, visit, photographer) -> None:
    visitor = visit(photographer)
    body = {"json": {"sha256": []}}
    assert visitor.post("/api/v1/uploads/check", **body).status_code == 200
    token, visitor.headers = visitor.headers, {}
    refused = visitor.post("/api/v1/uploads/check", **body)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    wrong = visitor.post("/api/v1/uploads/check", headers={"X-CSRF-Token": "x"}, **body)
    assert wrong.status_code == 403
    assert visitor.post("/api/v1/uploads/check", headers=token, **body).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.evil.test"}, 403),
    ],
)
def test_an_unsafe_request_from_another_site_is_refused(
    visit, photographer, headers, status
) -> None:
    response = visit(photographer).post(
        "/api/v1/uploads/check", json={"sha256": []}, headers=headers
    )
    assert response.status_code == status


def test_a_token_is_no_browser_and_needs_no_form(visit, photographer) -> None:
    visitor = visit(photographer, frozenset({TokenScope.UPLOAD}))
    answer = visitor.post(
        "/api/v1/uploads/check", json={"sha256": []}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 200


EVIL = (
    "//evil.test/",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "https://evil.test/",
    "http:evil.test",
    "javascript:alert(1)",
    "/\t/evil.test",
    "/\n/evil.test",
    "evil.test",
    "//[",
    "http://[",
    "/\x00",
    "/\x7f/x",
    "@evil.test",
)


@pytest.mark.parametrize("where", EVIL)
def test_signing_in_never_leads_to_another_site(app, account, where) -> None:
    client = app.test_client()
    page = client.get("/en/sign-in", query_string={"next": where})
    assert page.status_code == 200
    response = sign_in(client, next=where)
    assert response.headers["Location"] == "/en/"


@pytest.mark.parametrize(
    "where", ["/en/upload", "/ru/search?q=%D0%BF&sort=newest", "/az/assets/1#x"]
)
def test_signing_in_leads_back_to_where_one_came_from(app, account, where) -> None:
    assert sign_in(app.test_client(), next=where).headers["Location"] == where


@given(where=st.text(alphabet="/\\:@.?#[]evil\t\n\x00 ə", max_size=12))
def test_no_address_of_any_form_leads_away(where: str) -> None:
    from urllib.parse import urljoin

    from flask import Flask

    from web.auth.views import safe_next

    with Flask("x").test_request_context("/", query_string={"next": where}):
        found = safe_next()
    target = urljoin("https://media.test/en/sign-in", found)
    assert target.startswith("https://media.test/")
    assert found in {"", where}


# --- the first account -------------------------------------------------------------------------------------------------


def set_up(client, secret: str, password: str = PASSWORD, email: str = "admin@media.test"):
    form = {"token": secret, "email": email, "name": "Admin", "password": password}
    token = csrf_of(client, f"/setup?token={secret}")
    return client.post("/setup", data=form | {"csrf": token})


def test_the_set_up_link_makes_the_first_admin_once(app, catalogue) -> None:
    secret = accounts.offer_setup(catalogue)
    client = app.test_client()
    assert set_up(client, secret).status_code == 303
    assert is_in(client)
    with catalogue.reading() as tx:
        made = tx.accounts.by_email("admin@media.test")
        assert made.role is Role.ADMIN
        assert [entry.act for entry in tx.audit.of(made.id)] == ["account.created", "session.begun"]
    again = app.test_client()
    assert again.get(f"/setup?token={secret}").status_code == 404
    assert again.get("/setup").status_code == 404
    assert accounts.offer_setup(catalogue) is None


def test_a_set_up_link_ends_after_half_an_hour(app, catalogue, clock) -> None:
    secret = accounts.offer_setup(catalogue)
    clock.advance(30 * 60 - 1)
    assert app.test_client().get(f"/setup?token={secret}").status_code == 200
    clock.advance(2)
    assert app.test_client().get(f"/setup?token={secret}").status_code == 404


def test_only_the_newest_set_up_link_is_good(app, catalogue) -> None:
    first, second = accounts.offer_setup(catalogue), accounts.offer_setup(catalogue)
    assert app.test_client().get(f"/setup?token={first}").status_code == 404
    assert app.test_client().get(f"/setup?token={second}").status_code == 200


def test_an_account_made_at_the_command_line_ends_the_link(app, catalogue) -> None:
    secret = accounts.offer_setup(catalogue)
    accounts.add_account(
        email=EMAIL, name="", role=Role.ADMIN, password=PASSWORD, catalogue=catalogue, via="command"
    )
    assert app.test_client().get(f"/setup?token={secret}").status_code == 404


def test_a_link_that_was_used_while_the_form_was_open_makes_nobody(app, catalogue) -> None:
    from archive.errors import NotFound

    secret = accounts.offer_setup(catalogue)
    set_up(app.test_client(), secret)
    with pytest.raises(NotFound):
        accounts.set_up(
            secret, email="two@media.test", name="", password=PASSWORD, catalogue=catalogue
        )
    with catalogue.reading() as tx:
        assert tx.accounts.count() == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("admin@media.test", "short"),
        ("admin@media.test", "x" * 1025),
        ("no address", PASSWORD),
        ("", PASSWORD),
        ("@media.test", PASSWORD),
        ("a@" + "x" * 330, PASSWORD),
    ],
)
def test_a_first_account_that_will_not_do_can_be_tried_again(
    app, catalogue, email, password
) -> None:
    secret = accounts.offer_setup(catalogue)
    client = app.test_client()
    response = set_up(client, secret, password, email)
    assert response.status_code == 400
    with catalogue.reading() as tx:
        assert tx.accounts.count() == 0
    assert set_up(client, secret).status_code == 303


# --- tokens ------------------------------------------------------------------------------------------------------------


def asks(app, header: str):
    return app.test_client().get("/api/v1/assets", headers={"Authorization": header})


def test_a_token_leads_in_and_its_use_is_noted(app, visit, photographer, catalogue) -> None:
    header = visit(photographer, frozenset({TokenScope.READ})).headers["Authorization"]
    assert asks(app, header).status_code == 200
    assert asks(app, header.replace("Bearer", "bearer")).status_code == 200
    with catalogue._reader.connect() as connection:
        used = connection.exec_driver_sql("SELECT last_used FROM tokens").scalar()
    assert used is not None


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer med_",
        "Bearer med_unknown_secret",
        "Bearer med_unknown",
        "Bearer gh_unknown_secret",
        "Bearer med_\xe9_\xe9",
        "Bearer " + "x" * 5000,
        "nonsense",
    ],
)
def test_what_is_no_token_is_an_error_and_not_a_visitor(app, header) -> None:
    response = asks(app, header)
    assert (response.status_code, response.json["code"]) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_with_a_wrong_secret_or_of_another_is_refused(
    app, visit, photographer, archivist
) -> None:
    mine = visit(photographer, frozenset({TokenScope.READ})).headers["Authorization"]
    assert asks(app, mine + "x").status_code == 401
    assert asks(app, mine[:-1]).status_code == 401


def test_a_token_ends_at_its_time_and_with_its_owners_account(
    app, visit, photographer, archivist, catalogue, clock
) -> None:
    mine = visit(photographer, frozenset({TokenScope.READ})).headers["Authorization"]
    other = visit(archivist, frozenset({TokenScope.READ})).headers["Authorization"]
    with catalogue._ledger.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE accounts SET disabled_at = 1 WHERE id = '{archivist.id}'"
        )
    assert asks(app, other).status_code == 401
    clock.advance(89 * 24 * 3600)
    assert asks(app, mine).status_code == 200
    clock.advance(2 * 24 * 3600)
    assert asks(app, mine).status_code == 401


def test_a_token_never_reaches_further_than_its_owners_role_of_today(
    app, visit, archivist, catalogue
) -> None:
    visitor = visit(archivist, frozenset({TokenScope.UPLOAD, TokenScope.READ}))
    assert visitor.post("/api/v1/uploads/check", json={"sha256": []}).status_code == 200
    with catalogue._ledger.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE accounts SET role = 'journalist' WHERE id = '{archivist.id}'"
        )
    assert visitor.post("/api/v1/uploads/check", json={"sha256": []}).status_code == 403


# --- what a thief of the database has ----------------------------------------------------------------------------------


def dump_of(catalogue) -> str:
    """Every row of every table, as text."""
    with catalogue._ledger.connect() as connection:
        rows = [
            connection.exec_driver_sql(f"SELECT * FROM {table.name}").all()
            for table in metadata.sorted_tables
        ]
    return str(rows)


def test_a_dump_of_the_database_holds_nothing_that_opens_a_door(
    app, account, visit, photographer, catalogue
) -> None:
    link = accounts.offer_setup(catalogue)  # there are accounts: no link is made
    assert link is None
    client = app.test_client()
    sign_in(client)
    session = client.get_cookie("mediateka").value
    device = client.get_cookie("mediateka_device").value
    form = client.get_cookie("mediateka_form").value
    guess_wrong(app, 1)
    dump = dump_of(catalogue)
    assert secrets.digest(session) in dump
    for secret in (session, device, form, PASSWORD, WRONG):
        assert secret not in dump, secret


def test_a_set_up_link_is_kept_as_a_digest_only(catalogue) -> None:
    secret = accounts.offer_setup(catalogue)
    dump = dump_of(catalogue)
    assert secrets.digest(secret) in dump
    assert secret not in dump


def test_a_hash_made_with_weaker_parameters_is_renewed_at_sign_in(app, catalogue) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with catalogue.writing() as tx:
        tx.accounts.add(email=EMAIL, name="", role=Role.ADMIN, password_hash=weak)
    assert sign_in(app.test_client()).status_code == 303
    with catalogue.reading() as tx:
        kept = tx.accounts.by_email(EMAIL).password_hash
    assert kept != weak
    assert not secrets.needs_rehash(kept)
    assert sign_in(app.test_client()).status_code == 303


def test_when_too_many_sign_in_at_once_further_ones_are_turned_away(app, account) -> None:
    from contextlib import ExitStack

    client = app.test_client()
    csrf_of(client, "/en/sign-in")
    with ExitStack() as waiting:
        for _ in range(secrets.AT_ONCE + secrets.WAITING):
            assert secrets._queue.acquire(blocking=False)
            waiting.callback(secrets._queue.release)
        assert sign_in(client).status_code == 429
    assert sign_in(client).status_code == 303
