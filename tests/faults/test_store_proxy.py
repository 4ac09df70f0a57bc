"""F10: a line to the object store that refuses, delays, breaks off, loses answers and damages bytes: never a false success."""

import hashlib
import os
import random
import secrets

import pytest
from fault_proxy import KINDS, Faults, fault_proxy

from archive.errors import ObjectsUnavailable
from archive.objects.cache import Cache
from archive.objects.minio import MinioObjects
from archive.objects.minio_edge import Patience
from archive.objects.minio_pieces import PIECE

OBJECTS = int(os.environ.get("FAULT_OBJECTS", "12"))
SEED = int(os.environ.get("FAULT_SEED") or secrets.randbits(32))
IN_FULL = "FAULT_OBJECTS" in os.environ
# In full the proxy delays by ten seconds; otherwise all is thirty times quicker, and so is the keeper's patience.
DELAY = 10.0 if IN_FULL else 0.35
PATIENCE = (
    Patience(read_seconds=5.0)
    if IN_FULL
    else Patience(connect_seconds=1.0, read_seconds=0.25, pause_seconds=0.005)
)
TRIES = 5
SIZES = (1, 200_000, 900_000, 17 * 1024 * 1024)  # the last is sent in parts


@pytest.fixture
def keeper_of_objects() -> str:
    return "minio"


@pytest.fixture
def faults() -> Faults:
    print(f"FAULT_SEED={SEED} FAULT_OBJECTS={OBJECTS}")
    return Faults(seed=SEED, delay_seconds=DELAY)


@pytest.fixture
def behind(objects, minio_bucket, tmp_path, faults):
    """The store behind the proxy, and the archive's id."""
    with fault_proxy(minio_bucket, faults) as url:
        yield MinioObjects(
            url,
            cache=Cache(tmp_path / "far", 10**9),
            archive_id=objects.prepare(),
            patience=PATIENCE,
        )


def until_done(act, allowed: int = 200) -> int:
    """Do it again as the house does, each time it says that the store is away; how often it said so."""
    for raised in range(allowed):
        try:
            act()
        except ObjectsUnavailable:
            continue
        return raised
    raise AssertionError(f"not done after {allowed} attempts")


def made(tmp_path, number: int) -> tuple[str, bytes]:
    size = SIZES[-1] if number % 10 == 9 else SIZES[number % 3]
    data = random.Random(f"{SEED} {number}").randbytes(size)
    (tmp_path / f"{number}").write_bytes(data)
    return f"archive/{number % 7}/{number}.jpg", data


def test_every_adopted_object_is_there_and_every_other_call_raised(
    behind, objects, faults, tmp_path
) -> None:
    faults.shares = dict.fromkeys(KINDS, 0.04) | {"refuse": 0.3, "delay": 0.02}
    raised, most = 0, 0
    for number in range(OBJECTS):
        key, data = made(tmp_path, number)
        path = tmp_path / f"{number}"

        def adopt(path=path, key=key, data=data) -> None:
            nonlocal most
            faults.asked.clear()
            try:
                behind.adopt(path, key)
            except ObjectsUnavailable:
                assert path.read_bytes() == data  # the copy goes only after the read-back
                raise
            finally:
                sent = [n for request, n in faults.asked.items() if request[:2] in {"PU", "PO"}]
                most = max([most, *sent])

        raised += until_done(adopt)
        assert hashlib.sha256(objects.read(key)).digest() == hashlib.sha256(data).digest()
        assert not path.exists()
    assert most <= TRIES
    assert set(objects.keys("archive/")) == {
        f"archive/{number % 7}/{number}.jpg" for number in range(OBJECTS)
    }
    print(f"{OBJECTS} objects, {raised} calls raised, at most {most} tries; {dict(faults.struck)}")
    assert faults.struck["refuse"] > OBJECTS / 2


def test_every_put_is_there_as_it_was_put(behind, objects, faults) -> None:
    faults.shares = dict.fromkeys(KINDS, 0.04) | {"refuse": 0.3, "delay": 0.02}
    for number in range(OBJECTS):
        key, data = f"archive/{number}/inventory.json", b"%d" % number * 500
        until_done(lambda key=key, data=data: behind.put(key, data))
        assert objects.read(key) == data
        until_done(lambda key=key, data=data: behind.put(key, data * 2, replace=True))
        assert objects.read(key) == data * 2


def test_what_is_read_over_a_breaking_line_is_whole_or_the_call_raises(
    behind, objects, faults, tmp_path
) -> None:
    """Bytes damaged on the way to a reader are the digest's to find; every other fault is the keeper's."""
    data = random.Random(SEED).randbytes(9 * PIECE + 17)
    objects.put("renditions/film.mp4", data)
    faults.shares = {"refuse": 0.3, "half": 0.3, "lose": 0.05, "delay": 0.02}

    def read() -> None:
        assert behind.read("renditions/film.mp4") == data
        assert b"".join(behind.stream("renditions/film.mp4", 5, PIECE * 3)) == data[5 : PIECE * 3]
        with behind.as_path("renditions/film.mp4") as path:
            assert path.read_bytes() == data
        assert list(behind.keys("renditions/")) == ["renditions/film.mp4"]
        assert behind.stat("renditions/film.mp4").size_bytes == len(data)

    for _ in range(max(3, OBJECTS // 10)):
        until_done(read)
    until_done(lambda: behind.remove("renditions/film.mp4"))
    assert objects.stat("renditions/film.mp4") is None
    assert [path.name for path in (tmp_path / "far").glob("*.part")] == []


@pytest.mark.parametrize("kind", ["refuse", "delay", "half", "lose"])
def test_a_store_whose_every_answer_fails_is_away(behind, objects, faults, kind) -> None:
    key = "archive/a/one.jpg"
    objects.put(key, b"kept")
    faults.shares = {kind: 1.0}
    for ask in (behind.ping, lambda: behind.stat(key), lambda: list(behind.keys("archive/"))):
        with pytest.raises(ObjectsUnavailable):
            ask()


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_always_fails_in_one_way_never_seems_to_succeed(
    behind, objects, faults, tmp_path, kind
) -> None:
    key, data = made(tmp_path, 1)
    behind.ping()
    faults.shares = {kind: 1.0}
    with pytest.raises(ObjectsUnavailable):
        behind.adopt(tmp_path / "1", key)
    try:
        behind.put("renditions/a", b"x")
    except ObjectsUnavailable:
        assert kind not in {"half", "spoil"}
    else:  # what the status says is true, though the rest of the answer is not there
        assert objects.read("renditions/a") == b"x"
    assert (tmp_path / "1").read_bytes() == data
    faults.shares = {}
    behind.adopt(tmp_path / "1", key)
    assert objects.read(key) == data
