"""Wiring, locks, logs and the doctor: what stops a start, what is said of every part."""

import io
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from live import bucket_of_its_own, index_of_its_own
from running_house import ROOT, command_of

from archive.errors import Misconfigured, ObjectsUnavailable, SearchUnavailable
from archive.model.job import ExamineAsset, JobState, Queue
from mediateka import doctor
from mediateka.logs import set_up_logging
from mediateka.process import only_one
from mediateka.services import build, web_parts
from mediateka.settings import read_settings
from mediateka.waiting import until
from mediateka.work import crew
from workers.doorbell.local import LocalListener
from workers.sweep import LEASE as SWEEPER


@pytest.fixture
def settings(tmp_path):
    return read_settings(
        {"MEDIATEKA_HOME": str(tmp_path / "home"), "MEDIATEKA_LOW_WATER_BYTES": "1"}
    )


def test_a_house_is_made_once_and_opened_again(settings) -> None:
    with build(settings) as first:
        with first.catalogue.reading() as tx:
            archive = tx.meta.get("archive_id")
        secret = first.secret
    with build(settings) as second:
        with second.catalogue.reading() as tx:
            assert tx.meta.get("archive_id") == archive
        assert second.secret == secret
        assert web_parts(second).settings.public_url == settings.public_url


def test_the_store_of_another_archive_is_refused(settings, tmp_path) -> None:
    with build(settings):
        pass
    other = read_settings({"MEDIATEKA_HOME": str(tmp_path / "other")})
    with build(other):
        pass
    shutil.rmtree(settings.home / "objects")
    shutil.copytree(other.home / "objects", settings.home / "objects")
    with pytest.raises(Misconfigured, match="MEDIATEKA_OBJECTS"), build(settings):
        pass


def test_a_house_keeps_its_objects_in_a_bucket_and_no_other_house_enters_it(tmp_path) -> None:
    def house(name: str, url: str):
        return read_settings({"MEDIATEKA_HOME": str(tmp_path / name), "MEDIATEKA_OBJECTS": url})

    with bucket_of_its_own() as url:
        with build(house("one", url)) as services:
            services.objects.put("renditions/a", b"kept")
        with build(house("one", url)) as services:
            with services.objects.as_path("renditions/a") as path:
                assert path.parent == tmp_path / "one" / "cache"
            assert services.objects.free_bytes() is None
        with build(house("two", f"file://{tmp_path}/objects")):
            pass
        with (
            pytest.raises(Misconfigured, match="MEDIATEKA_OBJECTS"),
            build(house("two", url)),
        ):
            pass
    with build(house("one", url)) as services, pytest.raises(ObjectsUnavailable):
        services.objects.ping()  # the bucket is gone: the house starts, and makes no new one


def test_an_object_store_of_an_unknown_kind_names_the_known(tmp_path) -> None:
    home = {"MEDIATEKA_HOME": str(tmp_path)}
    for url in ("s3://bucket", "minio://k:s@host/bucket"):
        settings = read_settings(home | {"MEDIATEKA_OBJECTS": url})
        with (
            pytest.raises(Misconfigured, match=r"file, minio\+http, minio\+https"),
            build(settings),
        ):
            pass


def test_a_folder_of_other_files_is_no_store(settings) -> None:
    (settings.home / "objects").mkdir(parents=True)
    (settings.home / "objects" / "holiday.jpg").touch()
    with pytest.raises(ObjectsUnavailable), build(settings):
        pass


def test_a_house_whose_index_is_away_opens_and_asks_for_nothing_in_vain(settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    away = replace(settings, search=f"elasticsearch+http://127.0.0.1:{port}/name")
    with build(away) as services:
        with pytest.raises(SearchUnavailable):
            services.index.ping()
        crew(services)
        with services.catalogue.reading() as tx:
            waiting = tx.jobs.counts()
    assert (Queue.BULK, JobState.READY) not in waiting


def test_a_house_finds_its_index_on_a_server(settings) -> None:
    with index_of_its_own() as url, build(replace(settings, search=url)) as services:
        services.index.ping()
        assert services.index.is_outdated()
        assert url.endswith(services.index.versions().build.split("-v")[0])


@pytest.mark.parametrize("search", ["solr://host/name", "elasticsearch://host/name"])
def test_an_unknown_index_names_the_known_ones(settings, search) -> None:
    with (
        pytest.raises(Misconfigured, match=r"MEDIATEKA_SEARCH.*elasticsearch\+https"),
        build(replace(settings, search=search)),
    ):
        pass


def test_a_role_is_filled_once(tmp_path) -> None:
    with only_one(tmp_path, "worker"):
        with only_one(tmp_path, "serve"):
            pass
        with (
            pytest.raises(Misconfigured, match=r"MEDIATEKA_HOME.*worker"),
            only_one(tmp_path, "worker"),
        ):
            pass
    with only_one(tmp_path, "worker"):
        pass


def test_waiting_looks_until_it_is_so() -> None:
    answers = iter([False, False, True, False])
    until(lambda: next(answers), every_seconds=0.001)
    assert next(answers) is False


# --- the doctor --------------------------------------------------------------------------------------------------------


def examined(settings) -> dict[str, doctor.Finding]:
    with build(settings, migrates=False) as services:
        return {finding.part: finding for finding in doctor.examine(services)}


@pytest.fixture
def house(settings):
    with build(settings) as services, services.catalogue.writing() as tx:
        assert tx.leases.acquire(SWEEPER, "the worker", 60)
    (settings.home / "scratch").mkdir(exist_ok=True)
    listener = LocalListener(settings.home, {})
    yield settings
    listener.close()


def test_a_house_that_is_well_is_told_part_by_part(house) -> None:
    found = examined(house)
    assert {part for part, finding in found.items() if not finding.is_well} == set()
    assert set(found) == {
        "python",
        "packages",
        "exiftool",
        "bwrap",
        "ffmpeg",
        "sandbox",
        "catalogue",
        "clock",
        "objects",
        "room",
        "search",
        "index",
        "worker",
        "jobs",
    }
    assert found["worker"].as_json() == {
        "part": "worker",
        "is_well": True,
        "said": "listens",
        "advice": "",
    }


def test_asking_changes_nothing(settings) -> None:
    found = examined(settings)
    assert {part for part, finding in found.items() if not finding.is_well} >= {
        "catalogue",
        "objects",
        "search",
        "worker",
        "jobs",
    }
    made = {path.name for path in settings.home.iterdir()} if settings.home.exists() else set()
    assert made <= {"secret-key", "scratch"}


def test_a_store_that_is_not_there_is_not_taken_for_a_new_one(house) -> None:
    shutil.rmtree(house.home / "objects")
    (house.home / "objects").mkdir()  # the mount point without its disk
    found = examined(house)
    assert found["objects"].said.startswith("objects-unavailable")
    assert list((house.home / "objects").iterdir()) == []


def test_what_asks_for_somebody_is_named(house, monkeypatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda program: None)
    monkeypatch.setattr(doctor, "analyser_version", lambda: "newer")
    with build(house) as services, services.catalogue.writing() as tx:
        tx.jobs.defer(ExamineAsset("a"))
        job = tx.jobs.claim(Queue.INTERACTIVE, "o", 60)
        tx.jobs.park(job, "defect", "x")
        tx.jobs.pause(Queue.RENDER, "no-room", 60)
    found = examined(house)
    assert not found["exiftool"].is_well
    assert "libimage-exiftool-perl" in found["exiftool"].said
    assert (found["search"].is_well, found["search"].advice) == (False, "mediateka reindex")
    assert (found["queue render"].is_well, found["queue render"].said) == (False, "pauses: no-room")
    assert "1 parked" in found["jobs"].said


def test_a_schema_of_another_version_is_named(house) -> None:
    with build(house) as services, services.catalogue._ledger.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    found = examined(house)
    assert (found["catalogue"].is_well, "0000" in found["catalogue"].said) == (False, True)
    assert "migrates" in found["catalogue"].advice


def test_a_full_disk_is_named(house) -> None:
    from dataclasses import replace

    limits = replace(house.limits, low_water_bytes=1 << 60)
    found = examined(replace(house, limits=limits))
    assert (found["room"].is_well, found["room"].advice) == (False, "make room")


def test_without_a_sandbox_nothing_is_decoded_and_the_doctor_says_so(house, monkeypatch) -> None:
    from archive.sandbox.child import Sandbox

    nothing = Sandbox(rung=None, scratch=house.home)
    monkeypatch.setattr(doctor.check, "choose", lambda *_: (nothing, []))
    found = examined(house)
    assert (found["sandbox"].is_well, found["sandbox"].advice) == (False, "install bubblewrap")


# --- logs --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def logged(monkeypatch, logging_as_before):
    def logging_with(*, as_json: bool) -> io.StringIO:
        stream = io.StringIO()
        monkeypatch.setattr("sys.stderr", stream)
        set_up_logging(as_json=as_json)
        return stream

    return logging_with


def test_what_users_typed_cannot_forge_a_line_of_the_log(logged) -> None:
    stream = logged(as_json=False)
    logging.getLogger("x").warning("name: %s", "a.jpg\n12:00:00 INFO x: all is well")
    assert stream.getvalue().count("\n") == 1


def test_json_lines_hold_level_message_and_trace(logged) -> None:
    stream = logged(as_json=True)
    logging.getLogger("x").info("Şuşa\n№ %d", 1)
    try:
        1 / 0  # noqa: B018 - the defect
    except ZeroDivisionError:
        logging.getLogger("x").exception("a defect")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["level"], first["message"], first["logger"]) == ("info", "Şuşa\n№ 1", "x")
    assert "ZeroDivisionError" in second["trace"]


def test_a_trace_at_a_terminal_keeps_its_lines(logged) -> None:
    stream = logged(as_json=False)
    try:
        1 / 0  # noqa: B018 - the defect
    except ZeroDivisionError:
        logging.getLogger("x").exception("a defect")
    assert len(stream.getvalue().splitlines()) > 2


ORPHAN = """
import os
import threading
from mediateka.children import Child, watch
stop = threading.Event()
threading.Timer(1.5, stop.set).start()
watch([Child("waiting", module="waiting", environment=dict(os.environ))], stop, 5)
"""
WAITING = """
import subprocess, sys, time
from pathlib import Path
made = subprocess.Popen(["setsid", "--fork", "sleep", "60"])
time.sleep(60)
"""


def test_what_loses_its_parent_below_a_supervisor_is_ended(tmp_path) -> None:
    """As a sandbox that is killed while it begins leaves a process behind, in a session of its own."""
    (tmp_path / "waiting.py").write_text(WAITING.replace('"60"', '"61.7"'))
    subprocess.run(
        [sys.executable, "-c", ORPHAN],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        check=True,
        timeout=30,
    )
    assert not [pid for pid in all_processes() if "61.7" in command_of(pid)]


def all_processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
