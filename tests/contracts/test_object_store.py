"""What every keeper of the ObjectStore port promises."""

import hashlib
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import keys
from archive.errors import Conflict, Invalid, ObjectMissing, ObjectsUnavailable
from archive.objects.port import ObjectStore

KEY = "archive/ab/cd/thing/v1/content/original/12345678.jpg"


Open = Callable[..., ObjectStore]


@pytest.fixture(params=["files", "minio"])
def keeper_of_objects(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def store(objects: ObjectStore) -> ObjectStore:
    return objects


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


@pytest.fixture
def unmarked(store: ObjectStore) -> ObjectStore:
    """A store that holds an object and lost its marker."""
    store.put(KEY, b"kept")
    store.remove(keys.MARKER)
    return store


def test_a_store_without_its_marker_is_away(unmarked: ObjectStore, open_objects: Open) -> None:
    for ask in (
        lambda store: store.read(KEY),
        lambda store: store.stat(KEY),
        lambda store: store.ping(),
        lambda store: store.put(KEY, b"kept"),
        lambda store: store.remove(KEY),
        lambda store: list(store.keys("archive/")),
    ):
        with pytest.raises(ObjectsUnavailable):
            ask(open_objects(archive_id="ours"))


def test_nothing_is_called_missing_while_the_marker_is(unmarked: ObjectStore) -> None:
    for ask in (unmarked.read, unmarked.stat, unmarked.stream):
        with pytest.raises(ObjectsUnavailable):
            ask("archive/never/kept")
    with pytest.raises(ObjectsUnavailable), unmarked.as_path("archive/never/kept"):
        pass
    with pytest.raises(ObjectsUnavailable):
        unmarked.ping()


def test_a_store_of_another_archive_is_away(store: ObjectStore, open_objects: Open) -> None:
    other = open_objects(archive_id="another")
    with pytest.raises(ObjectsUnavailable):
        other.ping()
    with pytest.raises(ObjectsUnavailable):
        other.put(KEY, b"ours")
    assert store.stat(KEY) is None


def test_a_store_that_was_never_prepared_is_away(store: ObjectStore, open_objects: Open) -> None:
    with pytest.raises(ObjectsUnavailable):
        open_objects().ping()


def test_a_store_that_holds_objects_but_no_marker_is_not_taken_over(
    unmarked: ObjectStore, open_objects: Open
) -> None:
    with pytest.raises(ObjectsUnavailable):
        open_objects().prepare()


def test_no_new_store_is_made_in_the_place_of_one_that_is_away(open_objects: Open) -> None:
    with pytest.raises(ObjectsUnavailable):
        open_objects(archive_id="ours").prepare()
    with pytest.raises(ObjectsUnavailable):
        open_objects(archive_id="ours").ping()


def test_a_new_place_is_made_for_an_archive_that_moves(open_objects: Open) -> None:
    place = open_objects(archive_id="ours")
    assert place.prepare("ours") == "ours"
    place.put(KEY, b"moved")
    assert open_objects().prepare() == "ours"


def test_a_place_that_is_taken_keeps_its_archive(store: ObjectStore, open_objects: Open) -> None:
    assert open_objects().prepare("another") == store.prepare()


def test_preparing_twice_keeps_the_archive_id(store: ObjectStore, open_objects: Open) -> None:
    assert store.prepare() == open_objects().prepare()


def test_of_many_who_put_under_one_key_one_wins(store: ObjectStore) -> None:
    won: list[int] = []

    def put(number: int) -> None:
        try:
            store.put(KEY, b"%d" % number)
        except Conflict:
            return
        won.append(number)

    writers = [threading.Thread(target=put, args=[number]) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(won) == 1
    assert store.read(KEY) == b"%d" % won[0]


@pytest.mark.parametrize("size", [0, 1, 16 * 1024**2, 16 * 1024**2 + 1, 40 * 1024**2])
def test_a_file_of_any_size_is_adopted_whole(store: ObjectStore, tmp_path: Path, size: int) -> None:
    path = tmp_path / "received"
    path.write_bytes(b"\1" * size)
    store.adopt(path, KEY)
    assert store.stat(KEY).size_bytes == size
    assert hashlib.sha256(store.read(KEY)).digest() == hashlib.sha256(b"\1" * size).digest()
    assert not path.exists()


def test_a_file_of_the_same_length_and_other_bytes_is_not_the_same(
    store: ObjectStore, received: Path
) -> None:
    data = received.read_bytes()
    store.put(KEY, data[:-1] + b"x")
    with pytest.raises(Conflict):
        store.adopt(received, KEY)
    assert received.read_bytes() == data


def test_a_file_that_is_gone_cannot_be_adopted(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing):
        store.adopt(tmp_path / "gone", KEY)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 0), (5, 5), (10, 10), (10, None), (3, 4), (0, 10), (9, None)]
)
def test_a_range_at_the_edge_is_exact(store: ObjectStore, start: int, stop: int | None) -> None:
    store.put(KEY, b"0123456789")
    assert b"".join(store.stream(KEY, start, stop)) == b"0123456789"[start:stop]


def test_an_empty_range_of_nothing_is_missing(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        store.stream(KEY, 3, 3)


def test_a_range_beyond_the_end_is_not_passed_off_as_whole(store: ObjectStore) -> None:
    store.put(KEY, b"0123456789")
    with pytest.raises(ObjectsUnavailable):
        list(store.stream(KEY, 5, 20))


def test_a_reader_may_leave_at_any_time(store: ObjectStore, received: Path) -> None:
    data = received.read_bytes()
    store.adopt(received, KEY)
    for _ in range(100):  # more than lines are kept to a store
        pieces = store.stream(KEY)
        assert next(pieces) == data[: len(next(store.stream(KEY)))]
        pieces.close()
    assert store.read(KEY) == data


def test_many_may_read_at_once(store: ObjectStore, received: Path) -> None:
    data = received.read_bytes()
    store.adopt(received, KEY)
    readers = [store.stream(KEY) for _ in range(80)]
    begun = [next(reader) for reader in readers]
    assert {piece == data[: len(piece)] for piece in begun} == {True}
    assert b"".join([begun[0], *readers[0]]) == data


def test_an_object_may_be_lent_twice_at_once(store: ObjectStore) -> None:
    store.put(KEY, b"lend me")
    with ExitStack() as lent:
        paths = [lent.enter_context(store.as_path(KEY)) for _ in range(2)]
        assert [path.read_bytes() for path in paths] == [b"lend me"] * 2


def test_what_is_lent_after_a_replacement_is_new(store: ObjectStore) -> None:
    for data in (b"first", b"other"):
        store.put(KEY, data, replace=True)
        with store.as_path(KEY) as path:
            assert path.read_bytes() == data
            assert path.suffix == ".jpg"


def test_all_keys_are_listed_but_not_what_lies_aside(store: ObjectStore) -> None:
    many = {f"renditions/{number:04}.jpg" for number in range(30)}
    for key in many:
        store.put(key, b"1")
    assert set(store.keys("")) == many | {keys.MARKER}
    assert set(store.keys("renditions/")) == many
    assert list(store.keys("archive/")) == []


def test_a_prefix_is_a_folder_of_ours(store: ObjectStore) -> None:
    for prefix in ("renditions", "../"):
        with pytest.raises(Invalid):
            list(store.keys(prefix))


def test_an_object_that_was_removed_may_be_put_again(store: ObjectStore) -> None:
    store.put(KEY, b"first")
    store.remove(KEY)
    store.put(KEY, b"other")
    assert store.read(KEY) == b"other"


def test_tidying_touches_no_object(store: ObjectStore) -> None:
    store.put(KEY, b"kept")
    assert store.tidy(datetime.now(UTC)) == 0
    assert store.read(KEY) == b"kept"


def test_a_store_that_answers_says_so(store: ObjectStore) -> None:
    store.ping()
    room = store.free_bytes()
    assert room is None or room > 0


def test_keys_as_the_archive_spells_them_come_back(store: ObjectStore) -> None:
    key = f"{keys.object_root('urn:uuid:01890000-0000-7000-8000-000000000000')}/0=ocfl_object_1.1"
    store.put(key, b"ocfl_object_1.1\n")
    assert list(store.keys("archive/")) == [key]
    assert store.read(key) == b"ocfl_object_1.1\n"
