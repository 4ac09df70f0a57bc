"""The folder of lent copies: bounded, whole or absent, shared by processes that die."""

import errno
import fcntl
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.errors import NoRoom, ObjectsUnavailable
from archive.objects.cache import Cache

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def cache(folder: Path) -> Cache:
    return Cache(folder, 100)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def never():
    raise AssertionError("fetched again")


def lend(cache: Cache, name: str, data: bytes = b"x" * 40):
    return cache.lend(name, len(data), lambda: iter([data[:7], data[7:]]))


def test_a_copy_is_fetched_once(cache) -> None:
    with lend(cache, "a", b"some bytes") as path:
        assert path.read_bytes() == b"some bytes"
        assert path.stat().st_mode & 0o777 == 0o440
    with cache.lend("a", 10, never) as path:
        assert path.read_bytes() == b"some bytes"


def test_the_least_recently_used_goes_first(cache, folder) -> None:
    for name in ("a", "b", "a", "c"):
        with lend(cache, name):
            pass
    assert names(folder) == {"a", "c"}


def test_what_is_lent_never_goes(cache, folder) -> None:
    with lend(cache, "a") as first, lend(cache, "b") as second, lend(cache, "c") as third:
        assert {path.exists() for path in (first, second, third)} == {True}
        assert names(folder) == {"a", "b", "c"}
    assert len(names(folder)) == 2


def test_an_object_larger_than_the_budget_is_lent_and_goes_after(cache, folder) -> None:
    with lend(cache, "a", b"x" * 1000) as path:
        assert path.stat().st_size == 1000
    assert names(folder) == set()


def test_one_who_returns_a_copy_leaves_it_to_another_who_still_has_it(folder) -> None:
    cache = Cache(folder, 0)
    with lend(cache, "a") as path:
        with lend(cache, "a"):
            pass
        assert path.read_bytes() == b"x" * 40
    assert names(folder) == set()


def test_a_copy_that_is_not_whole_is_fetched_again(cache, folder) -> None:
    folder.mkdir()
    (folder / "a").write_bytes(b"half")
    with lend(cache, "a", b"some bytes") as path:
        assert path.read_bytes() == b"some bytes"


@pytest.mark.parametrize("came", [b"", b"fewer", b"more bytes than ten"])
def test_another_number_of_bytes_is_no_copy(cache, folder, came) -> None:
    with pytest.raises(ObjectsUnavailable), cache.lend("a", 10, lambda: iter([came])):
        pass
    assert names(folder) == set()


def test_a_fetch_that_fails_leaves_nothing(cache, folder) -> None:
    def pieces():
        yield b"half"
        raise ObjectsUnavailable("the line broke")

    with pytest.raises(ObjectsUnavailable), cache.lend("a", 10, pieces):
        pass
    assert names(folder) == set()


def test_a_full_disk_has_no_room(cache) -> None:
    def pieces():
        yield b"half"
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(NoRoom), cache.lend("a", 10, pieces):
        pass


def test_a_folder_that_cannot_be_written_is_away(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ObjectsUnavailable), lend(Cache(tmp_path / "file" / "cache", 1), "a"):
        pass


def test_what_a_dead_process_fetched_is_tidied_and_what_is_fetched_now_is_not(
    cache, folder
) -> None:
    script = """
import os, sys
from pathlib import Path
from archive.objects.cache import Cache
def pieces():
    yield b"half"
    os._exit(9)
with Cache(Path(sys.argv[1]), 100).lend("a", 10, pieces):
    pass
"""
    died = subprocess.run([sys.executable, "-c", script, str(folder)], check=False, timeout=60)
    assert died.returncode == 9
    (left,) = names(folder)
    assert cache.tidy(datetime.now(UTC) - timedelta(hours=1)) == 0

    def pieces():
        assert cache.tidy(LATER) == 1
        assert left not in names(folder)
        assert cache.tidy(LATER) == 0
        yield b"some bytes"

    with cache.lend("b", 10, pieces) as path:
        assert path.read_bytes() == b"some bytes"


def test_another_process_takes_nothing_that_is_lent(cache, folder) -> None:
    script = """
import sys
from pathlib import Path
from archive.objects.cache import Cache
with Cache(Path(sys.argv[1]), 0).lend("b", 3, lambda: iter([b"abc"])):
    pass
"""
    with lend(cache, "a") as path:
        command = [sys.executable, "-c", script, str(folder)]
        subprocess.run(command, check=True, timeout=60)
        assert path.exists()
    with lend(cache, "c"):
        pass
    assert names(folder) == {"a", "c"}


def test_many_threads_with_room_for_one_copy_each_get_theirs_whole(folder) -> None:
    cache, wrong = Cache(folder, 1000), []

    def work(number: int) -> None:
        for turn in range(20):
            mark = (number + turn) % 4
            data = bytes([mark]) * 900
            with cache.lend(f"{mark}", 900, lambda data=data: iter([data])) as path:
                if path.read_bytes() != data:
                    wrong.append((number, turn))

    threads = [threading.Thread(target=work, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sum((folder / name).stat().st_size for name in names(folder)) <= 1000


def test_what_a_killed_fetcher_left_makes_room_and_what_one_fetches_stays(cache, folder) -> None:
    folder.mkdir(exist_ok=True)
    dead, alive = folder / f"{'0' * 32}.part", folder / f"{'1' * 32}.part"
    dead.write_bytes(b"x" * 30)
    alive.write_bytes(b"x" * 30)
    with alive.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with lend(cache, "fresh"):
            pass
    assert not dead.exists()
    assert alive.exists()
