"""Where the ground meets the machine: disks without links, full disks, unsafe databases, armed fault points."""

import errno
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from archive import faults
from archive.catalogue import sqlite
from archive.catalogue.engine import Catalogue
from archive.errors import (
    Conflict,
    Invalid,
    LostLease,
    Misconfigured,
    NoRoom,
    ObjectMissing,
    ObjectsUnavailable,
)
from archive.objects import files
from archive.objects.files import FileObjects

KEY = "archive/ab/cd/thing/v1/content/original/12345678.jpg"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def received(tmp_path: Path) -> Path:
    path = tmp_path / "received"
    path.write_bytes(b"all of it" * 1000)
    return path


@pytest.fixture
def failing(monkeypatch):
    """failing("link", errno.EXDEV): the system's call fails as on another disk."""

    def make(call: str, number: int) -> None:
        def fails(*_arguments, **_more):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(files.os, call, fails)

    return make


def aside_of(objects: FileObjects) -> list[str]:
    return [path.name for path in (objects._root / "tmp").iterdir()]


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK])
def test_on_a_disk_without_links_a_file_is_copied_whole(objects, received, failing, number) -> None:
    data = received.read_bytes()
    failing("link", number)
    objects.adopt(received, KEY)
    assert objects.read(KEY) == data
    assert not received.exists()
    assert aside_of(objects) == []


def test_on_a_disk_without_links_an_original_is_not_replaced_either(
    objects, received, failing
) -> None:
    objects.put(KEY, b"first")
    failing("link", errno.EXDEV)
    with pytest.raises(Conflict):
        objects.adopt(received, KEY)
    assert objects.read(KEY) == b"first"
    assert received.exists()
    assert aside_of(objects) == []


def test_on_a_disk_without_links_the_same_bytes_count_as_done(objects, received, failing) -> None:
    data = received.read_bytes()
    objects.put(KEY, data)
    failing("link", errno.EXDEV)
    objects.adopt(received, KEY)
    assert objects.read(KEY) == data


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, NoRoom), (errno.EDQUOT, NoRoom), (errno.EIO, ObjectsUnavailable)],
)
def test_what_a_disk_says_becomes_our_word(objects, received, failing, number, error) -> None:
    failing("link", number)
    with pytest.raises(error):
        objects.adopt(received, KEY)
    assert received.exists()
    with pytest.raises(error):
        objects.put(KEY, b"x")
    assert objects.stat(KEY) is None


def test_a_file_that_somebody_else_adopted_is_missing(objects, tmp_path) -> None:
    with pytest.raises(ObjectMissing):
        objects.adopt(tmp_path / "nothing", KEY)


def test_an_object_that_became_shorter_is_told_while_it_is_read(objects) -> None:
    objects.put(KEY, b"short")
    with pytest.raises(ObjectsUnavailable):
        list(objects.stream(KEY, 0, 500))


def test_a_prefix_ends_with_a_slash(objects) -> None:
    with pytest.raises(Invalid):
        list(objects.keys("archive"))


def test_removing_leaves_no_empty_folder(objects) -> None:
    objects.put(KEY, b"x")
    objects.put("archive/ab/other", b"y")
    objects.remove(KEY)
    assert [path.name for path in (objects._root / "archive" / "ab").iterdir()] == ["other"]


def test_tidying_counts_what_it_removed(objects, clock) -> None:
    (objects._root / "tmp").mkdir(exist_ok=True)
    (objects._root / "tmp" / "left").write_bytes(b"x")
    assert objects.tidy(clock.now - timedelta(days=365 * 50)) == 0
    assert objects.tidy(clock.now + timedelta(days=365 * 50)) == 1
    assert aside_of(objects) == []


def test_a_staged_file_shorter_than_was_promised_is_told(staging) -> None:
    staging.make("u")
    with pytest.raises(LostLease, match="shorter"):
        staging.digests("u", 5)
    staging.remove("u")
    with pytest.raises(LostLease):
        staging.digests("u", 5)


def test_the_state_of_digests_is_remembered_for_the_last_uploads_only(staging, monkeypatch) -> None:
    from ingest import staging as module

    monkeypatch.setattr(module, "REMEMBERED", 2)
    for name in ("a", "b", "c"):
        staging.make(name)
        with staging.writing(name, 1, 0) as writer:
            writer.write(b"xyz")
            writer.sync()
    assert list(staging._digests) == ["b", "c"]
    assert staging.digests("a", 3).sha256.hexdigest() == staging.digests("c", 3).sha256.hexdigest()


def test_a_full_staging_disk_is_no_room(staging, monkeypatch) -> None:
    from ingest import staging as module

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "full")

    staging.make("u")
    with staging.writing("u", 1, 0) as writer:
        monkeypatch.setattr(module.os, "pwrite", full)
        with pytest.raises(NoRoom):
            writer.write(b"x")


@pytest.mark.parametrize(
    ("mounts", "refused"),
    [
        ("server:/x / nfs4 rw 0 0\n", True),
        ("/dev/sda / ext4 rw 0 0\nserver:/x {} cifs rw 0 0\n", True),
        ("/dev/sda / ext4 rw 0 0\nserver:/x {}x nfs rw 0 0\n", False),
        ("/dev/sda / ext4 rw 0 0\n", False),
    ],
)
def test_a_database_on_a_network_disk_is_refused(tmp_path, monkeypatch, mounts, refused) -> None:
    table = tmp_path / "mounts"
    table.write_text(mounts.format(tmp_path))
    monkeypatch.setattr(sqlite, "Path", lambda _path: table)
    if refused:
        with pytest.raises(Misconfigured, match=r"SETTING.*network"):
            sqlite.refuse_network(tmp_path, "SETTING")
    else:
        sqlite.refuse_network(tmp_path, "SETTING")
        assert table.exists()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("3.51.3", True),
        ("3.52.0", True),
        ("3.51.2", False),
        ("3.50.7", True),
        ("3.50.6", False),
        ("3.44.6", True),
        ("3.45.1", False),
        ("3.40.1", False),
    ],
)
def test_a_database_that_can_lose_data_stops_the_start(
    tmp_path, monkeypatch, clock, version, safe
) -> None:
    monkeypatch.setattr(sqlite.pysqlite3.dbapi2, "sqlite_version", version)
    url = f"sqlite:///{tmp_path}/catalogue.db"
    if safe:
        Catalogue.open(url, clock=clock).close()
        return
    with pytest.raises(Misconfigured, match=version):
        Catalogue.open(url, clock=clock)


def test_a_relative_catalogue_is_refused(clock) -> None:
    with pytest.raises(Misconfigured, match="absolute"):
        Catalogue.open("sqlite:///catalogue.db", clock=clock)


def test_a_fault_point_ends_the_process_once_and_only_when_armed(tmp_path) -> None:
    program = (
        "import sys; from pathlib import Path; from archive import faults; faults.point('here')\n"
        "faults.arm(Path(sys.argv[1])); faults.point('elsewhere'); print('so far', flush=True)\n"
        "faults.point('here'); print('on', flush=True)"
    )
    (tmp_path / "here").touch()

    def end() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    assert end() == (faults.EXIT_STATUS, "so far\n")
    assert end() == (0, "so far\non\n")


def test_a_fault_point_is_one_look_at_the_folder(tmp_path, monkeypatch) -> None:
    ended = []
    monkeypatch.setattr(faults.os, "_exit", ended.append)
    faults.arm(tmp_path)
    try:
        faults.point("here")
        assert ended == []
        (tmp_path / "here").touch()
        faults.point("here")
        assert ended == [faults.EXIT_STATUS]
        assert not (tmp_path / "here").exists()
    finally:
        faults.arm(None)
