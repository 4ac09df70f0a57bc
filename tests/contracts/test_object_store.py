"""What every keeper of the ObjectStore port promises."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import keys
from archive.errors import Conflict, Invalid, ObjectMissing, ObjectsUnavailable
from archive.objects.files import FileObjects
from archive.objects.port import ObjectStore

KEY = "archive/ab/cd/thing/v1/content/original/12345678.jpg"


@pytest.fixture(params=["files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    assert request.param == "files"
    kept = FileObjects(tmp_path / "objects")
    kept.prepare()
    return kept


@pytest.fixture
def received(tmp_path: Path) -> Path:
    path = tmp_path / "received"
    path.write_bytes(bytes(range(256)) * 9000)
    return path


def test_what_was_put_is_read_back_whole(store: ObjectStore) -> None:
    store.put(KEY, b"some bytes")
    assert store.read(KEY) == b"some bytes"
    assert store.stat(KEY).size_bytes == 10


def test_putting_the_same_bytes_again_changes_nothing(store: ObjectStore) -> None:
    store.put(KEY, b"same")
    store.put(KEY, b"same")
    assert store.read(KEY) == b"same"


def test_other_bytes_never_replace_an_object_unasked(store: ObjectStore) -> None:
    store.put(KEY, b"first")
    with pytest.raises(Conflict):
        store.put(KEY, b"other")
    assert store.read(KEY) == b"first"


def test_other_bytes_replace_an_object_when_asked(store: ObjectStore) -> None:
    store.put(KEY, b"first")
    store.put(KEY, b"second", replace=True)
    assert store.read(KEY) == b"second"


def test_an_adopted_file_is_the_object_and_leaves_its_place(
    store: ObjectStore, received: Path
) -> None:
    digest = hashlib.sha256(received.read_bytes()).digest()
    store.adopt(received, KEY)
    assert hashlib.sha256(store.read(KEY)).digest() == digest
    assert not received.exists()


def test_adopting_the_same_bytes_again_counts_as_done(
    store: ObjectStore, received: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    twin.write_bytes(received.read_bytes())
    store.adopt(received, KEY)
    store.adopt(twin, KEY)
    assert store.stat(KEY).size_bytes == 256 * 9000


def test_an_original_is_never_overwritten_by_adoption(store: ObjectStore, received: Path) -> None:
    store.put(KEY, b"the original")
    with pytest.raises(Conflict):
        store.adopt(received, KEY)
    assert store.read(KEY) == b"the original"
    assert received.exists()


def test_a_range_is_read_without_the_rest(store: ObjectStore, received: Path) -> None:
    data = received.read_bytes()
    store.adopt(received, KEY)
    assert b"".join(store.stream(KEY, 1000, 1_500_000)) == data[1000:1_500_000]
    assert b"".join(store.stream(KEY, len(data) - 3)) == data[-3:]


def test_pieces_are_never_larger_than_a_mebibyte(store: ObjectStore, received: Path) -> None:
    store.adopt(received, KEY)
    assert max(len(piece) for piece in store.stream(KEY)) <= 1 << 20


@pytest.mark.parametrize("ask", ["read", "stream", "as_path"])
def test_what_is_not_there_is_missing_at_once(store: ObjectStore, ask: str) -> None:
    with pytest.raises(ObjectMissing):
        if ask == "as_path":
            with store.as_path(KEY):
                pass
        else:
            getattr(store, ask)(KEY)


def test_what_is_not_there_has_no_size(store: ObjectStore) -> None:
    assert store.stat(KEY) is None


def test_a_lent_path_holds_the_bytes(store: ObjectStore) -> None:
    store.put(KEY, b"lend me")
    with store.as_path(KEY) as path:
        assert path.read_bytes() == b"lend me"


def test_keys_below_a_prefix_are_listed(store: ObjectStore) -> None:
    store.put("renditions/a/one.jpg", b"1")
    store.put("renditions/a/two.jpg", b"2")
    store.put("renditions/b/three.jpg", b"3")
    assert sorted(store.keys("renditions/a/")) == ["renditions/a/one.jpg", "renditions/a/two.jpg"]


def test_a_removed_object_is_gone_and_removing_it_again_is_fine(store: ObjectStore) -> None:
    store.put("renditions/a/one.jpg", b"1")
    store.remove("renditions/a/one.jpg")
    store.remove("renditions/a/one.jpg")
    assert store.stat("renditions/a/one.jpg") is None
    assert list(store.keys("renditions/")) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../../b",
        "a//b",
        "a/./b",
        "a/b/",
        "a\0b",
        "şəkil.jpg",
        "a" * 600,
        "a b",
        "-/..",
    ],
)
def test_a_key_that_could_leave_the_root_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(Invalid):
        store.put(key, b"x")
    with pytest.raises(Invalid):
        store.read(key)


@given(st.text(max_size=40))
def test_a_checked_key_stays_below_the_root(text: str) -> None:
    try:
        key = keys.checked(text)
    except Invalid:
        return
    path = Path("/root-of-store").joinpath(key)
    assert ".." not in path.parts
    assert path.is_relative_to("/root-of-store")
    assert key.isascii()


def test_a_store_without_its_marker_is_away_and_nothing_is_called_missing(tmp_path: Path) -> None:
    store = FileObjects(tmp_path / "objects")
    store.prepare()
    store.put(KEY, b"kept")
    (tmp_path / "objects" / "marker.json").rename(tmp_path / "unmounted")
    for ask in (
        lambda: store.read(KEY),
        lambda: store.stat(KEY),
        store.ping,
        lambda: store.put(KEY, b"kept"),
    ):
        with pytest.raises(ObjectsUnavailable):
            ask()


def test_a_store_of_another_archive_is_away(tmp_path: Path) -> None:
    store = FileObjects(tmp_path / "objects")
    store.prepare()
    other = FileObjects(tmp_path / "objects", archive_id="another")
    with pytest.raises(ObjectsUnavailable):
        other.ping()


def test_a_folder_with_files_but_no_marker_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "somebody's.txt").write_text("mine")
    with pytest.raises(ObjectsUnavailable):
        FileObjects(tmp_path / "objects").prepare()


def test_preparing_twice_keeps_the_archive_id(tmp_path: Path) -> None:
    first = FileObjects(tmp_path / "objects").prepare()
    assert FileObjects(tmp_path / "objects").prepare() == first
