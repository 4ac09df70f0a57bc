"""The command line as people and scripts meet it: what it prints, what it exits with, what it leaves behind."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from making import jpeg

from archive.model.agent import Role
from archive.model.asset import Visibility
from archive.model.ids import AssetId
from archive.model.job import JobState, RenderStills
from mediateka.services import build
from mediateka.settings import read_settings
from web.auth import secrets

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "correct horse battery"


@pytest.fixture
def kept(home):
    """kept(lambda tx: …) reads the house's catalogue."""

    def reading(ask):
        with build(read_settings()) as services, services.catalogue.reading() as tx:
            return ask(tx)

    return reading


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "Şuşa").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(jpeg(1))
    (folder / "Şuşa" / "Праздник.jpg").write_bytes(jpeg(2))
    (folder / ".hidden.jpg").write_bytes(jpeg(3))
    (folder / ".git").mkdir()
    (folder / ".git" / "b.jpg").write_bytes(jpeg(4))
    return folder


# --- people ------------------------------------------------------------------------------------------------------------


def test_an_account_is_made_with_a_password_and_a_role(run, kept) -> None:
    said = run(
        "user",
        "add",
        "Leyla@Media.test",
        "--role",
        "photographer",
        "--name",
        "Leyla",
        "--password-stdin",
        stdin=PASSWORD + "\n",
    )
    assert (said.status, said.out) == (0, "leyla@media.test is photographer\n")
    account = kept(lambda tx: tx.accounts.by_email("leyla@media.test"))
    assert (account.role, account.name) == (Role.PHOTOGRAPHER, "Leyla")
    assert secrets.verify_password(account.password_hash, PASSWORD)


def test_an_account_without_a_password_cannot_sign_in(run, kept) -> None:
    assert run("user", "add", "x@media.test", "--role", "admin").status == 0
    assert kept(lambda tx: tx.accounts.by_email("x@media.test")).password_hash is None


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "said"),
    [
        (
            ("user", "add", "a@media.test", "--role", "admin", "--password-stdin"),
            "short",
            1,
            "12 characters",
        ),
        (("user", "add", "nonsense", "--role", "admin"), "", 1, "not a mail address"),
        (("user", "add", "a@media.test"), "", 2, "--role"),
        (("user", "add", "a@media.test", "--role", "king"), "", 2, "king"),
        (("token", "add", "nobody@media.test"), "", 1, "no account for nobody@media.test"),
        (("nonsense",), "", 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_its_status(
    run, arguments, stdin, status, said
) -> None:
    answer = run(*arguments, stdin=stdin)
    assert answer.status == status
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_the_same_address_twice_is_refused(run, admin) -> None:
    said = run("user", "add", admin, "--role", "journalist")
    assert (said.status, "already" in said.err) == (1, True)


def test_a_token_is_printed_once_and_kept_as_a_digest(run, admin, kept) -> None:
    said = run("token", "add", admin)
    token = said.out.strip()
    prefix, identifier, secret = token.split("_", 2)
    assert prefix == "med"
    row = kept(lambda tx: tx.tokens.get(identifier))
    assert row.secret_hash == secrets.digest(secret)
    assert {str(scope) for scope in row.scopes} == {"read", "upload", "edit", "publish", "admin"}
    assert (row.expires - row.created).days == 90


def test_a_token_may_have_fewer_scopes_but_never_more_than_the_role(run, kept) -> None:
    run("user", "add", "p@media.test", "--role", "photographer")
    token = run("token", "add", "p@media.test", "--scope", "read", "--scope", "upload").out.strip()
    row = kept(lambda tx: tx.tokens.get(token.split("_")[1]))
    assert {str(scope) for scope in row.scopes} == {"read", "upload"}
    refused = run("token", "add", "p@media.test", "--scope", "publish")
    assert (refused.status, refused.out) == (1, "")
    assert "photographer" in refused.err


# --- ingest ------------------------------------------------------------------------------------------------------------


def test_with_no_admin_it_says_what_to_do_and_stops(run, photos) -> None:
    said = run("ingest", photos, "--json")
    assert (said.status, said.out) == (1, "")
    assert "no admin; name who deposits with --as EMAIL, or make one: mediateka user" in said.err
    assert "no account for x@media.test" in run("ingest", photos, "--as", "x@media.test").err


def test_files_and_folders_go_in_hidden_ones_apart(run, admin, photos, kept) -> None:
    said = run("ingest", photos, "--json")
    assert said.status == 0, said.err
    assert [Path(line["path"]).name for line in said.lines] == ["a.jpg", "Праздник.jpg"]
    for line in said.lines:
        assert (line["outcome"], line["reason"]) == ("stored", None)
        assert set(line) >= {"path", "outcome", "asset", "sha256", "reason"}
        asset = kept(lambda tx, line=line: tx.assets.get(AssetId(line["asset"])))
        assert asset.visibility is Visibility.DRAFT
        assert asset.original.sha256 == line["sha256"]
    again = run("ingest", photos, "--json")
    assert again.status == 0
    assert {line["outcome"] for line in again.lines} == {"duplicate"}
    assert [line["asset"] for line in again.lines] == [line["asset"] for line in said.lines]


def test_one_refused_file_makes_the_status_one_and_the_rest_goes_on(run, admin, photos) -> None:
    (photos / "b.txt").write_text("just words " * 20)
    (photos / "empty.jpg").touch()
    said = run("ingest", photos, "--json")
    outcomes = {Path(line["path"]).name: (line["outcome"], line["reason"]) for line in said.lines}
    assert said.status == 1
    assert outcomes == {
        "a.jpg": ("stored", None),
        "b.txt": ("refused", "not-media"),
        "empty.jpg": ("refused", "empty"),
        "Праздник.jpg": ("stored", None),
    }
    plain = run("ingest", photos / "empty.jpg")
    assert plain.out.startswith("refused")
    assert plain.out.count("\n") == 1
    assert ": " in plain.out


def test_a_name_that_is_no_utf8_is_kept(run, admin, tmp_path, kept) -> None:
    import base64
    import os

    octets = b"\xea\xe5.jpg"
    path = os.fsdecode(os.fsencode(tmp_path) + b"/" + octets)
    Path(path).write_bytes(jpeg(5))
    said = run("ingest", path, "--json")
    assert said.status == 0, said.err
    asset = kept(lambda tx: tx.assets.get(AssetId(said.lines[0]["asset"])))
    assert base64.b64decode(asset.original.filename_bytes) == octets


def test_a_file_that_cannot_be_read_is_refused_and_named(run, admin, photos) -> None:
    (photos / "gone.jpg").symlink_to(photos / "nothing")
    said = run("ingest", photos, "--json")
    line = next(line for line in said.lines if line["path"].endswith("gone.jpg"))
    assert (said.status, line["outcome"], line["reason"]) == (1, "refused", "unreadable")


def test_an_unknown_collection_is_said_in_one_line_and_costs_nothing_else(
    run, admin, photos
) -> None:
    said = run("ingest", photos, "--collection", "nowhere")
    assert said.status == 1
    assert [line.split()[0] for line in said.out.splitlines()] == ["refused"] * 2
    assert "nowhere" in said.out


def test_as_deposits_under_another_name_with_that_ones_rights(run, admin, photos, kept) -> None:
    run("user", "add", "p@media.test", "--role", "photographer")
    said = run("ingest", photos / "a.jpg", "--as", "p@media.test", "--json")
    asset = kept(lambda tx: tx.assets.get(AssetId(said.lines[0]["asset"])))
    assert asset.owner == kept(lambda tx: tx.accounts.by_email("p@media.test")).id
    refused = run("ingest", photos / "Şuşa", "--as", "p@media.test", "--publish", "--json")
    assert (refused.status, refused.lines[0]["reason"]) == (1, "forbidden")


def test_publish_publishes_at_once(run, admin, photos, kept) -> None:
    said = run("ingest", photos / "a.jpg", "--publish", "--json")
    asset = kept(lambda tx: tx.assets.get(AssetId(said.lines[0]["asset"])))
    assert asset.visibility is Visibility.PUBLISHED


def test_a_collection_takes_what_is_deposited(run, admin, photos, kept) -> None:
    with build(read_settings()) as services, services.catalogue.writing() as tx:
        made = tx.collections.add(slug="bayram", title={"az": "Bayram"})
    said = run("ingest", photos / "a.jpg", "--collection", "bayram", "--json")
    asset = kept(lambda tx: tx.assets.get(AssetId(said.lines[0]["asset"])))
    assert asset.collections == (made.id,)
    assert (
        run("ingest", photos / "Şuşa", "--collection", "none", "--json").lines[0]["reason"]
        == "not-found"
    )


CSV = """file,title.az,title.ru,people.az,people.en,people.ru,colour,embargo_until
a.jpg,Şuşada bayram,Праздник в Шуше,İlham Quliyev;Əli Vəliyev,Ilham Guliyev;Ali Valiyev,Ильхам Кулиев;Али Велиев,red,2030-01-01T10:00:00+04:00
other.jpg,Başqa,,,,,,
"""


def test_a_table_in_csv_describes_what_is_deposited(run, admin, photos, kept, tmp_path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(CSV)
    said = run("ingest", photos, "--metadata", table, "--json")
    assert said.status == 0
    assert "metadata: unknown column: colour" in said.err
    assert "metadata: no such file: other.jpg" in said.err
    asset = kept(lambda tx: tx.assets.get(AssetId(said.lines[0]["asset"])))
    assert asset.description.title.text("ru") == "Праздник в Шуше"
    assert asset.embargo_until.isoformat() == "2030-01-01T06:00:00+00:00"
    first, second = asset.description.people
    assert first.labels == {"az": "İlham Quliyev", "en": "Ilham Guliyev", "ru": "Ильхам Кулиев"}
    assert None not in {first.authority, second.authority}


def test_a_table_in_json_lines_matches_the_authorities_made_before(
    run, admin, photos, kept, tmp_path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(CSV)
    first = run("ingest", photos / "a.jpg", "--metadata", table, "--json").lines[0]["asset"]
    lines = tmp_path / "table.jsonl"
    lines.write_text(
        json.dumps(
            {"file": "Праздник.jpg", "people.ru": ["Кулиев Ильхам", "ильхам кулиев"]},
            ensure_ascii=False,
        )
    )
    second = run("ingest", photos / "Şuşa", "--metadata", lines, "--json").lines[0]["asset"]
    known = kept(lambda tx: tx.assets.get(AssetId(first))).description.people[0].authority
    people = kept(lambda tx: tx.assets.get(AssetId(second))).description.people
    assert known in {person.authority for person in people}


def test_a_table_that_cannot_be_read_stops_before_anything_is_taken(
    run, admin, photos, kept, tmp_path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("file,embargo_until\na.jpg,soon\n")
    said = run("ingest", photos, "--metadata", table)
    assert (said.status, said.out) == (1, "")
    assert "embargo_until" in said.err
    assert kept(lambda tx: tx.assets.after(None, 10)) == []


# --- material ----------------------------------------------------------------------------------------------------------


def shell(home: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "mediateka", *arguments],
        cwd=ROOT,
        env={
            "MEDIATEKA_HOME": str(home),
            "MEDIATEKA_LOW_WATER_BYTES": "1",
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="session")
def made_ready(tmp_path_factory) -> tuple[Path, str]:
    """A home with one photo, described, examined, rendered, indexed; and its id."""
    folder = tmp_path_factory.mktemp("ready")
    (folder / "a.jpg").write_bytes(jpeg(1))
    table = folder / "ready.csv"
    table.write_text(
        "file,title.az,title.en,title.ru\na.jpg,Şuşada bayram,Holiday in Shusha,Праздник в Шуше\n"
    )
    assert (
        shell(folder / "home", "user", "add", "admin@media.test", "--role", "admin").returncode == 0
    )
    done = shell(
        folder / "home",
        "ingest",
        str(folder / "a.jpg"),
        "--metadata",
        str(table),
        "--wait",
        "--json",
    )
    line = json.loads(done.stdout)
    assert (done.returncode, line["state"]) == (0, "ready"), done.stderr
    return folder / "home", line["asset"]


@pytest.fixture
def ready(home, made_ready) -> str:
    """The ready asset's id, in a copy of its home for this test alone."""
    shutil.copytree(made_ready[0], home)
    return made_ready[1]


def test_waiting_returns_when_all_is_ready_and_searchable(run, ready, home) -> None:
    for query in ("bayram", "holidays", "праздником", "susada"):
        found = run("search", query, "--json").json
        assert [item["id"] for item in found["items"]] == [ready], query
    assert run("search", "yoxdur", "--json").json["total"] == 0
    assert list((home / "staging").glob("[!.]*")) == []


def test_search_prints_a_line_each_in_the_language_asked_for(run, ready) -> None:
    said = run("search", "bayram", "--lang", "ru")
    assert said.out.splitlines() == ["1 found", f"{ready}  ready       draft      Праздник в Шуше"]
    assert run("search", "--limit", "0").status == 2


def test_one_asset_is_shown_with_renditions_jobs_and_events(run, ready) -> None:
    shown = run("asset", ready, "--json").json
    assert (shown["id"], shown["state"]) == (ready, "ready")
    assert {job["state"] for job in shown["jobs"]} == {"done"}
    assert "ingestion" in {event["type"] for event in shown["events"]}
    assert len(shown["renditions"]) == 2
    plain = run("asset", ready).out
    for word in (ready, "rendition", "job", "event", "examine-asset", "a.jpg"):
        assert word in plain


def test_publish_and_withdraw_do_as_the_api_does(run, ready, kept) -> None:
    assert run("publish", ready).out == f"{ready} published\n"
    assert kept(lambda tx: tx.assets.get(ready)).visibility is Visibility.PUBLISHED
    assert run("withdraw", ready).status == 2
    assert run("withdraw", ready, "--reason", " ").status == 1
    assert run("withdraw", ready, "--reason", "wrong person").status == 0
    asset = kept(lambda tx: tx.assets.get(ready))
    assert (asset.visibility, asset.withdrawn_reason) == (Visibility.WITHDRAWN, "wrong person")
    acts = kept(
        lambda tx: [(entry.act, entry.via, entry.agent) for entry in tx.audit.of(ready)][-2:]
    )
    assert acts == [("asset.published", "command", None), ("asset.withdrawn", "command", None)]


@pytest.mark.parametrize("command", [("publish",), ("withdraw", "--reason", "x"), ("asset",)])
def test_an_asset_that_does_not_exist_is_named(run, admin, command) -> None:
    name, *options = command
    said = run(name, "00000000-0000-7000-8000-000000000000", *options)
    assert (said.status, "00000000-0000-7000-8000-000000000000" in said.err) == (1, True)


def test_work_is_listed_cancelled_and_asked_for_again(run, ready, kept) -> None:
    with build(read_settings()) as services, services.catalogue.writing() as tx:
        job = tx.jobs.defer(RenderStills(ready))
    listed = run("jobs", "--json").json
    assert (listed["id"], listed["order"], listed["state"]) == (job, "render-stills", "ready")
    assert ready in run("jobs").out
    assert run("job", "cancel", job).out == f"{job} cancelled\n"
    assert run("job", "cancel", job).status == 1
    assert run("job", "retry", job).status == 0
    assert kept(lambda tx: tx.jobs.get(job)).state is JobState.READY
    assert run("job", "retry", "unknown").status == 1
    acts = kept(lambda tx: [(entry.act, entry.via) for entry in tx.audit.of(ready)][-2:])
    assert acts == [("job.cancelled", "command"), ("job.retried", "command")]


def test_the_index_is_built_anew(run, ready) -> None:
    assert run("reindex").out == "The index is new.\n"
    assert run("search", "bayram", "--json").json["total"] == 1


def test_the_doctor_says_what_is_wrong_and_exits_with_it(run, ready) -> None:
    said = run("doctor", "--json")
    found = {finding["part"]: finding for finding in said.json}
    assert said.status == 1
    assert {part for part, finding in found.items() if not finding["is_well"]} == {"worker"}
    plain = run("doctor")
    assert "BAD  worker" in plain.out
    assert "ok   catalogue" in plain.out


def test_a_wrong_setting_is_named_and_has_a_status_of_its_own(run, monkeypatch) -> None:
    monkeypatch.setenv("MEDIATEKA_TIMEZONE", "Mars")
    said = run("search", "x")
    assert (said.status, said.err) == (
        2,
        "mediateka: MEDIATEKA_TIMEZONE: no such time zone: 'Mars'\n",
    )


def test_a_defect_is_a_status_of_one_with_its_trace_in_the_log(run, monkeypatch) -> None:
    from mediateka.commands import material

    def broken(*_arguments, **_more):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(material, "find", broken)
    said = run("search", "x")
    assert said.status == 1
    assert "a defect of ours" in said.err


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("serve",),
        ("web",),
        ("worker",),
        ("user", "add"),
        ("token", "add"),
        ("ingest",),
        ("publish",),
        ("withdraw",),
        ("search",),
        ("asset",),
        ("doctor",),
        ("reindex",),
    ],
)
def test_every_command_has_help(run, command) -> None:
    said = run(*command, "--help")
    assert said.status == 0
    assert said.out.startswith("Usage:")


def test_the_package_is_a_command(tmp_path) -> None:
    done = shell(tmp_path, "user", "add", "nonsense", "--role", "admin")
    assert (done.returncode, done.stderr) == (1, "mediateka: not a mail address: 'nonsense'\n")
