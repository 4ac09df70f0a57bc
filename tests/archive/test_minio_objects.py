"""What only a store behind a line can show: the vendor's troubles in our words, and copies that go by themselves."""

from io import BytesIO

import pytest
from fault_proxy import Faults, fault_proxy
from minio.error import S3Error

from archive import keys
from archive.errors import Misconfigured, NoRoom, ObjectsUnavailable
from archive.objects.cache import Cache
from archive.objects.minio import MinioObjects
from archive.objects.minio_edge import Patience

KEY = "archive/ab/cd/thing/v1/content/original/12345678.jpg"
SHORT = Patience(connect_seconds=1.0, read_seconds=5.0, tries=2, pause_seconds=0.01)
HOST = "minio+http://key:secret@127.0.0.1:9/bucket"


@pytest.fixture
def keeper_of_objects() -> str:
    return "minio"


@pytest.fixture
def opened(tmp_path):
    def opening(url: str, archive_id: str | None = "ours") -> MinioObjects:
        cache = Cache(tmp_path / "cache", 10**6)
        return MinioObjects(url, cache=cache, archive_id=archive_id, patience=SHORT)

    return opening


@pytest.mark.parametrize(
    "url",
    [
        "minio+http://127.0.0.1:9000/bucket",
        "minio+http://key@127.0.0.1:9000/bucket",
        "minio+http://key:secret@127.0.0.1:9000/",
        "minio+http://key:secret@127.0.0.1:9000/two/parts",
        "minio+http://key:secret@127.0.0.1:9000/B",
        "minio+http://key:secret@127.0.0.1:port/bucket",
        "minio+http://key:secret@/bucket",
        "minio+ftp://key:secret@127.0.0.1:9000/bucket",
        "file:///bucket",
    ],
)
def test_an_address_that_names_no_bucket_names_the_setting(opened, url) -> None:
    with pytest.raises(Misconfigured, match="MEDIATEKA_OBJECTS") as refused:
        opened(url)
    assert "secret@127" not in str(refused.value).replace("key:secret@host", "")


def test_a_server_that_is_away_is_unavailable_for_every_call(opened, tmp_path) -> None:
    store = opened(HOST)
    path = tmp_path / "received"
    path.write_bytes(b"kept")
    for ask in (
        store.ping,
        store.prepare,
        lambda: store.put(KEY, b"x"),
        lambda: store.adopt(path, KEY),
        lambda: store.read(KEY),
        lambda: store.stat(KEY),
        lambda: store.remove(KEY),
        lambda: list(store.keys("archive/")),
    ):
        with pytest.raises(ObjectsUnavailable) as away:
            ask()
        assert "secret" not in str(away.value)
    assert path.read_bytes() == b"kept"


def test_a_server_that_goes_away_in_the_middle_is_unavailable(
    objects, minio_bucket, opened
) -> None:
    faults = Faults(seed=1)
    with fault_proxy(minio_bucket, faults) as url:
        store = opened(url, objects.prepare())
        store.ping()
        faults.shares = {"lose": 1.0}
        with pytest.raises(ObjectsUnavailable):
            store.stat(KEY)
        with pytest.raises(ObjectsUnavailable):
            store.put(KEY, b"x")


def test_a_wrong_key_is_the_installations_fault(objects, minio_bucket, opened) -> None:
    archive = objects.prepare()
    for wrong in (
        minio_bucket.replace("mediateka-test-pw", "wrong"),
        minio_bucket.replace("//mediateka:", "//somebody:"),
    ):
        assert wrong != minio_bucket
        with pytest.raises(Misconfigured, match="MEDIATEKA_OBJECTS"):
            opened(wrong, archive).ping()
        with pytest.raises(Misconfigured):
            opened(wrong, None).prepare()


def test_key_and_secret_are_percent_decoded(minio_bucket, opened, objects) -> None:
    spelled = minio_bucket.replace("mediateka-test-pw", "mediateka%2Dtest%2dpw")
    opened(spelled, objects.prepare()).ping()


def test_a_bucket_that_is_gone_is_away(objects, opened) -> None:
    store = opened(objects_url(objects, "never-made-0001"))
    for ask in (store.ping, store.prepare, lambda: store.stat(KEY), lambda: store.read(KEY)):
        with pytest.raises(ObjectsUnavailable):
            ask()


def test_a_bucket_that_goes_in_the_middle_is_away(objects, monkeypatch) -> None:
    monkeypatch.setattr(objects, "_bucket", "never-made-0001")  # the marker was looked at just now
    for ask in (
        lambda: objects.put(KEY, b"x"),
        lambda: objects.stat(KEY),
        lambda: objects.read(KEY),
        lambda: objects.remove(KEY),
        lambda: list(objects.keys("archive/")),
    ):
        with pytest.raises(ObjectsUnavailable):
            ask()


def test_a_marker_that_cannot_be_read_is_none(objects) -> None:
    for marker in (b"{", b"[]", b'{"format": 1}', b"\xff"):
        objects.put(keys.MARKER, marker, replace=True)
        with pytest.raises(ObjectsUnavailable):
            objects.ping()


def test_a_full_store_has_no_room(objects, monkeypatch, tmp_path) -> None:
    path = tmp_path / "received"
    path.write_bytes(b"kept")

    def refuse(*_args, **_kwargs):
        raise S3Error(None, "XMinioStorageFull", "full", "", "", "")

    monkeypatch.setattr(objects._client, "put_object", refuse)
    with pytest.raises(NoRoom):
        objects.adopt(path, KEY)
    assert path.exists()
    with pytest.raises(NoRoom):
        objects.put(KEY, b"x", replace=True)


def test_a_server_without_conditions_is_put_to_after_looking(objects, monkeypatch) -> None:
    class Answer:
        status = 501
        data = b"<Error><Code>NotImplemented</Code></Error>"

    monkeypatch.setattr(objects._http, "request", lambda *_args, **_kwargs: Answer())
    objects.put(KEY, b"some bytes")
    assert objects.read(KEY) == b"some bytes"


@pytest.mark.parametrize("code", ["NotImplemented", "AccessDenied"])
def test_a_server_that_keeps_no_versions_will_do(objects, monkeypatch, caplog, code) -> None:
    def refuse(*_args, **_kwargs):
        raise S3Error(None, code, "no", "", "", "")

    monkeypatch.setattr(objects._client, "get_bucket_versioning", refuse)
    assert objects.prepare() == objects.prepare()
    assert f"keeps no versions: {code}" in caplog.text


def test_trouble_with_versions_is_trouble(objects, monkeypatch) -> None:
    def refuse(*_args, **_kwargs):
        raise S3Error(None, "InternalError", "no", "", "", "")

    monkeypatch.setattr(objects._client, "get_bucket_versioning", refuse)
    with pytest.raises(ObjectsUnavailable):
        objects.prepare()


def test_a_server_that_lists_no_versions_removes_as_it_can(objects, monkeypatch) -> None:
    objects.put(KEY, b"x")

    def refuse(*_args, **_kwargs):
        raise S3Error(None, "NotImplemented", "no", "", "", "")

    monkeypatch.setattr(objects._client, "list_objects", refuse)
    objects.remove(KEY)
    assert objects.stat(KEY) is None


def test_a_bucket_that_another_process_makes_at_this_moment_is_as_good(objects) -> None:
    objects._make_bucket()
    objects.ping()


def test_an_upload_that_is_over_counts_when_the_object_is_there(objects, monkeypatch) -> None:
    """The answer to the last step was lost, and the step was tried again."""

    def refuse(*_args, **_kwargs):
        raise S3Error(None, "NoSuchUpload", "no", "", "", "")

    monkeypatch.setattr(objects._client, "put_object", refuse)
    with pytest.raises(ObjectsUnavailable):
        objects.put(KEY, b"x", replace=True)
    monkeypatch.undo()
    objects.put(KEY, b"x")
    monkeypatch.setattr(objects._client, "put_object", refuse)
    objects.put(KEY, b"x", replace=True)
    assert objects.read(KEY) == b"x"


def test_an_object_that_goes_before_it_is_read_back_was_not_kept(objects, monkeypatch, tmp_path):
    path = tmp_path / "received"
    path.write_bytes(b"kept")
    monkeypatch.setattr(objects._client, "put_object", lambda *_args, **_kwargs: None)
    with pytest.raises(ObjectsUnavailable):
        objects.adopt(path, KEY)
    assert path.read_bytes() == b"kept"


def test_a_server_that_sends_all_where_a_part_was_asked_for_is_not_believed(objects, monkeypatch):
    objects.put(KEY, b"0123456789")
    get = objects._client.get_object

    def whole(bucket, key, offset=0, length=0, request_headers=None):
        return get(bucket, key, request_headers=request_headers)

    monkeypatch.setattr(objects._client, "get_object", whole)
    with pytest.raises(ObjectsUnavailable):
        objects.stream(KEY, 5)


def test_a_stream_goes_on_where_it_broke_only_while_it_is_the_same_object(
    objects, minio_bucket, opened
) -> None:
    objects.put(KEY, b"1" * 600_000)
    faults = Faults(seed=1)
    with fault_proxy(minio_bucket, faults) as url:
        store = opened(url, objects.prepare())
        store.ping()
        faults.shares = {"half": 1.0}
        pieces = store.stream(KEY)
        assert next(pieces) == b"1" * len(next(store.stream(KEY)))
        faults.shares = {}
        objects.put(KEY, b"2" * 600_000, replace=True)
        with pytest.raises(ObjectsUnavailable):
            list(pieces)


def test_what_was_left_gives_nothing_more(objects) -> None:
    objects.put(KEY, b"1" * 600_000)
    pieces = objects.stream(KEY)
    next(pieces)
    pieces.close()
    assert list(pieces) == []


def test_versions_are_kept_of_what_is_replaced_and_none_of_what_is_removed(objects) -> None:
    def versions() -> list[str]:
        found = objects._client.list_objects(
            objects._bucket, "archive/", recursive=True, include_version=True
        )
        return [version.version_id for version in found]

    objects.put(KEY, b"first")
    objects.put(KEY, b"other", replace=True)
    assert len(versions()) == 2
    objects.put(f"{KEY}.txt", b"a neighbour whose key begins the same")
    objects.remove(KEY)
    assert len(versions()) == 1
    assert objects.read(f"{KEY}.txt") == b"a neighbour whose key begins the same"


def test_a_file_that_becomes_shorter_while_it_is_sent_leaves_nothing(objects) -> None:
    with pytest.raises(OSError, match="not enough data"):
        objects._send(KEY, BytesIO(b"short"), 17 * 1024 * 1024)
    assert objects.stat(KEY) is None


def test_copies_that_were_lent_are_kept_within_the_budget(objects, opened, minio_bucket, tmp_path):
    store = opened(minio_bucket, objects.prepare())
    for name in "abcd":
        store.put(f"renditions/{name}.jpg", name.encode() * 400_000)
    for name in "abcdab":
        with store.as_path(f"renditions/{name}.jpg") as path:
            assert path.read_bytes() == name.encode() * 400_000
    assert sum(path.stat().st_size for path in (tmp_path / "cache").iterdir()) == 800_000


def objects_url(objects: MinioObjects, bucket: str) -> str:
    import live

    server, _, _ = live.live(live.OBJECTS).rpartition("/")
    return f"{server}/{bucket}"
