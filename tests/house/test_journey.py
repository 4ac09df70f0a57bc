"""The first whole journey on a house of real processes: in, found in three languages, published, out byte for byte."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from distributed import DISTRIBUTED, EMBEDDED, settings_of
from making import jpeg
from running_house import (
    ROOT,
    House,
    adopt_orphans,
    command_of,
    descendants_of,
    free_port,
    reap,
    running_house,
    upload,
    wait_for,
)

pytestmark = pytest.mark.xdist_group("house")
PRESS = Path(__file__).parent.parent.parent.parent / "shared" / "media" / "press"
SECONDS = 90.0


@pytest.fixture(scope="module")
def press() -> list[Path]:
    if not PRESS.is_dir():
        pytest.skip(f"the press photographs are not at {PRESS}")
    return sorted(PRESS.glob("*.jpg"))[:6]


@pytest.fixture(scope="module", params=[EMBEDDED, DISTRIBUTED])
def house(request, tmp_path_factory):
    """The same tests in the same order in a house on files and in one on four servers."""
    home = tmp_path_factory.mktemp("journey") / "house"
    with settings_of(request.param) as settings, running_house(home, **settings) as running:
        yield running
        assert running.stop() == 0
        reap()
        assert running.orphans() == []


@contextmanager
def running_house_without_account(home: Path):
    adopt_orphans()
    house = House(home)
    try:
        house.start()
        yield house
    finally:
        house.end()


def test_an_empty_house_prints_its_address_and_a_link_that_makes_the_first_admin(tmp_path) -> None:
    """First of all: only one house at a time is this process's child."""
    with running_house_without_account(tmp_path / "house") as house:
        wait_for(lambda: "/setup?token=" in house.log(), 30, "the link is printed")
        assert f"Mediateka is at http://127.0.0.1:{house.port}/" in house.log()
        link = house.log().rpartition("/setup?token=")[2].split()[0]
        assert house.ask(f"/setup?token={link}").status == 200
        assert house.ask("/setup?token=another").status == 404
        house.token = house.account()
        assert house.ask(f"/setup?token={link}").status == 404
        assert house.stop() == 0
        assert "Stopped." in house.log()


def asset_of(house: House, asset: str) -> dict:
    return house.ask(f"/api/v1/assets/{asset}").json


def ready(house: House, asset: str) -> dict:
    wait_for(lambda: asset_of(house, asset)["state"] != "processing", SECONDS, f"{asset} is ready")
    shown = asset_of(house, asset)
    assert shown["state"] == "ready", shown["reason_text"]
    return shown


def found(house: House, words: str, *, token=None) -> list[str]:
    answer = house.ask(f"/api/v1/assets?limit=200&q={quote(words)}", token=token)
    assert answer.status == 200
    return [item["id"] for item in answer.json["items"]]


def test_press_photographs_go_in_are_found_in_three_languages_and_come_out(house, press) -> None:
    held = {path: upload(house, path.name, path.read_bytes()) for path in press}
    asked = 0
    for path, sent in held.items():
        shown = ready(house, sent.asset)
        assert shown["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        for language in ("az", "en", "ru"):
            words = [
                word
                for word in shown["title"].get(language, "").split()
                if len(word) > 4 and word.isalpha()
            ]
            if words:
                wait_for(
                    lambda word=words[0], asset=sent.asset: asset in found(house, word),
                    SECONDS,
                    f"{path.name} is found by {words[0]}",
                )
                asked += 1
    assert asked >= len(held)
    for path, sent in held.items():
        where = f"/api/v1/assets/{sent.asset}"
        assert house.ask(where, token=False).status == 404
        assert house.ask(f"{where}/original", token=False).status == 404
        assert house.ask(f"{where}/publish", "POST").status == 200
        taken = house.ask(f"{where}/original", token=False)
        assert (taken.status, taken.data) == (200, path.read_bytes())
        assert house.ask(f"{where}/renditions/preview", token=False).data[:2] == b"\xff\xd8"
    wait_for(
        lambda: {one.asset for one in held.values()} <= set(found(house, "", token=False)),
        SECONDS,
        "the public finds them",
    )


def test_the_house_is_well_while_it_runs(house) -> None:
    said = house.command("doctor")
    assert "BAD" not in said
    assert "ok   worker: listens" in said


def test_an_upload_goes_on_after_the_house_was_stopped_in_the_middle(house) -> None:
    data = jpeg(4711, (900, 900))
    half = len(data) // 2
    headers = {"Tus-Resumable": "1.0.0"}
    made = house.ask("/api/v1/uploads", "POST", headers=headers | {"Upload-Length": str(len(data))})
    where = "/api/" + made.headers["location"].partition("/api/")[2]
    offset = {"Content-Type": "application/offset+octet-stream"}
    first = house.ask(
        where, "PATCH", body=data[:half], headers=headers | offset | {"Upload-Offset": "0"}
    )
    assert first.headers["upload-offset"] == str(half)
    before = house.pids("worker") + house.pids("server parent")
    assert house.stop() == 0
    assert [pid for pid in before if command_of(pid)] == []
    wait_for(lambda: not house.orphans(), 10, "no process is without a parent")
    house.start()
    assert house.ask(where, "HEAD", headers=headers).headers["upload-offset"] == str(half)
    last = house.ask(
        where, "PATCH", body=data[half:], headers=headers | offset | {"Upload-Offset": str(half)}
    )
    shown = ready(house, last.headers["mediateka-asset"])
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()


def serve(home: Path, port: int) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "mediateka", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "MEDIATEKA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_a_second_house_in_the_same_home_is_refused(house) -> None:
    done = serve(house.home, free_port())
    assert done.returncode == 2
    assert f"MEDIATEKA_HOME: another serve process works in {house.home}" in done.stderr
    assert house.answers()


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("worker", "MEDIATEKA_HOME: another worker process works in"),
        ("web", "MEDIATEKA_STAGING: another web process works in"),
    ],
)
def test_a_second_process_in_the_same_role_is_refused(house, role, said) -> None:
    port = ["--port", str(free_port())] if role == "web" else []
    assert said in house.said(role, *port, status=2)


def test_a_busy_port_is_refused_before_anything_starts(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = serve(tmp_path / "home", port)
    assert done.returncode == 2
    assert f"--port: 127.0.0.1:{port} cannot be used" in done.stderr


def test_the_commands_use_the_worker_of_the_running_house(house, tmp_path) -> None:
    path = tmp_path / "b.jpg"
    path.write_bytes(jpeg(815, (300, 200)))
    said = house.command("ingest", str(path), "--wait", "--json")
    assert '"state": "ready"' in said
    assert house.command("reindex") == "The index is new.\n"


def test_a_part_that_dies_comes_back(house) -> None:
    for role in ("worker", "server parent"):
        (pid,) = house.pids(role)
        os.kill(pid, signal.SIGKILL)
        wait_for(
            lambda role=role, pid=pid: house.pids(role) not in ([], [pid]), 30, f"a new {role}"
        )
    wait_for(house.answers, SECONDS, "the house answers again")
    sent = upload(house, "after.jpg", jpeg(99, (200, 200)))
    assert ready(house, sent.asset)["filename"] == "after.jpg"


def test_when_the_supervisor_is_killed_nothing_goes_on(house) -> None:
    """Last of all: it ends the house that the others used, and starts it anew."""
    ours = descendants_of(house.process.pid)
    assert len(ours) >= 3
    house.process.kill()
    house.process.wait()

    def all_gone() -> bool:
        reap()
        return not any(command_of(pid) for pid in ours) and not house.orphans()

    wait_for(all_gone, 5, "every process of the house is gone")
    house.start()
    assert house.answers()
