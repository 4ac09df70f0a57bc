"""Bytes out: every form of range, validators, exact names, and nothing that a browser could run."""

import io
import unicodedata
from urllib.parse import unquote

import pytest
from depositing import deposit
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from making import jpeg
from PIL import Image

from archive.model.agent import TokenScope
from archive.model.rendition import Profile, Rendition
from web.bytes import Served, disposition, serve

PHOTO = jpeg(9, (120, 90))
SIZE = len(PHOTO)
READ = frozenset({TokenScope.READ})


@pytest.fixture(params=["files", "minio"])
def keeper_of_objects(request) -> str:
    return request.param


@pytest.fixture
def asset(receiver, photographer, catalogue):
    return deposit(receiver, photographer, PHOTO, catalogue=catalogue, name="Şəkil №1.jpg")


@pytest.fixture
def take(visit, photographer, asset):
    reader = visit(photographer, READ)

    def taking(method: str = "GET", **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return reader.open(f"/api/v1/assets/{asset.id}/original", method, headers=named)

    return taking


def test_the_whole_original_comes_byte_for_byte(take, asset) -> None:
    response = take()
    assert (response.status_code, response.data) == (200, PHOTO)
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Length"] == str(SIZE)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["ETag"] == f'"{asset.original.sha256}"'
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-199", 100, 200),
        ("bytes=100-", 100, SIZE),
        ("bytes=-100", SIZE - 100, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=5-{SIZE * 9}", 5, SIZE),
        ("bytes= 10 - 19 ", 10, 20),
    ],
)
def test_one_range_is_served_as_asked(take, asked, start, stop) -> None:
    response = take(Range=asked)
    assert (response.status_code, response.data) == (206, PHOTO[start:stop])
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert response.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE * 2}-{SIZE * 3}", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_satisfied(take, asked) -> None:
    response = take(Range=asked)
    assert (response.status_code, response.data) == (416, b"")
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=-",
        "bytes=9-5",
        "bytes=a-b",
        "items=0-5",
        "bytes",
        "",
        "bytes=" + "1" * 5000 + "-",
        "bytes=0-" + "9" * 5000,
        "bytes=\xb2-\xb3",
    ],
)
def test_what_is_no_single_range_gets_the_whole(take, asked) -> None:
    response = take(Range=asked)
    assert (response.status_code, response.data) == (200, PHOTO)


def test_a_range_is_kept_to_only_while_the_bytes_are_the_same(take, asset) -> None:
    same, other = f'"{asset.original.sha256}"', '"another"'
    assert take(Range="bytes=0-9", If_Range=same).status_code == 206
    for condition in (other, f"W/{same}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        response = take(Range="bytes=0-9", If_Range=condition)
        assert (response.status_code, response.data) == (200, PHOTO)


def test_head_tells_all_and_sends_nothing(take) -> None:
    whole, head = take(), take("HEAD")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Content-Disposition", "Accept-Ranges"):
        assert head.headers[name] == whole.headers[name]
    part = take("HEAD", Range="bytes=0-9")
    assert (part.status_code, part.headers["Content-Length"], part.data) == (206, "10", b"")


def test_bytes_that_are_known_are_not_sent_again(take, asset) -> None:
    tag = f'"{asset.original.sha256}"'
    for condition in (tag, f"W/{tag}", "*", f'"x", {tag}'):
        response = take(If_None_Match=condition)
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == tag
    assert take(If_None_Match='"x"').status_code == 200
    assert take(If_None_Match=tag, Range="bytes=0-9").status_code == 304


def test_no_browser_runs_what_it_is_given(take) -> None:
    headers = take().headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Cross-Origin-Resource-Policy"] == "same-site"


NAMES = {
    "az": "Şuşa — Cıdır düzü, Əliyev.jpg",
    "ru": "Праздник ёлки № 1.jpg",
    "nfd": unicodedata.normalize("NFD", "Ağdam й.jpg"),
    "emoji": "📷.jpg",
    "quotes": "a\"b'c\\d.jpg",
    "lines": "two\r\nSet-Cookie: x=1\r\n\r\n.jpg",
    "percent": "100%25 ;filename=evil.exe.jpg",
    "slash": "../../etc/passwd",
    "right to left": "photo\u202egpj.exe",
    "200 signs": "ə" * 200 + ".jpg",
    "blank": "   ",
}


def exact_name(header: str) -> str:
    return unquote(header.partition("filename*=UTF-8''")[2], errors="strict")


@pytest.mark.parametrize("kind", NAMES)
def test_the_exact_name_comes_back(visit, receiver, photographer, catalogue, kind) -> None:
    name = NAMES[kind]
    asset = deposit(receiver, photographer, jpeg(21), catalogue=catalogue, name=name)
    response = visit(photographer, READ).get(f"/api/v1/assets/{asset.id}/original")
    header = response.headers["Content-Disposition"]
    assert response.status_code == 200
    assert exact_name(header) == name
    assert header.isascii()
    assert header.isprintable()
    assert "Set-Cookie" not in response.headers


ESCAPED = st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"])


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]) | ESCAPED, max_size=40))
def test_any_name_makes_one_header_of_two_forms(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    plain = header.removeprefix('attachment; filename="').partition('"; filename*=')[0]
    assert plain
    assert not set(plain) & set('"\\/%;')


@given(st.text(max_size=40))
def test_any_name_of_whole_characters_comes_back_exactly(name: str) -> None:
    assert exact_name(disposition(name)) == name


@given(
    first=st.none() | st.integers(0, 30),
    last=st.none() | st.integers(0, 30),
    size=st.integers(1, 25),
)
def test_any_range_is_answered_as_the_standard_says(first, last, size) -> None:
    """RFC 9110, section 14.1.2."""
    data = bytes(range(size))

    class Store:
        def stream(self, key, start=0, stop=None):
            yield data[start:stop]

    asked = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    served = Served(key="k", size_bytes=size, media_type="image/jpeg", digest="d")
    with Flask("x").test_request_context("/", headers={"Range": asked}):
        response = serve(served, Store())
        body = b"".join(response.response)
    if (first is None and last is None) or (
        first is not None and last is not None and last < first
    ):
        assert (response.status_code, body) == (200, data)
    elif first is None:
        wanted = data[-last:] if last else b""
        assert (response.status_code, body) == ((206, wanted) if last else (416, b""))
    elif first >= size:
        assert (response.status_code, body) == (416, b"")
    else:
        assert (response.status_code, body) == (
            206,
            data[first : None if last is None else last + 1],
        )


def test_a_rendition_is_shown_in_place_under_its_own_type(
    visit, photographer, catalogue, objects, asset, clock
) -> None:
    made = Rendition(
        profile=Profile.THUMBNAIL,
        recipe="r",
        key="renditions/ab/cd/made.jpg",
        media_type="image/jpeg",
        width=64,
        height=48,
        size_bytes=len(PHOTO),
        sha256="1" * 64,
        made_at=clock(),
    )
    objects.put(made.key, PHOTO)
    with catalogue.writing() as tx:
        tx.assets.set_rendition(asset.id, made)
    reader = visit(photographer, READ)
    response = reader.get(f"/api/v1/assets/{asset.id}/renditions/thumbnail")
    assert (response.status_code, response.data) == (200, PHOTO)
    assert "Content-Disposition" not in response.headers
    assert response.headers["ETag"] == f'"{"1" * 64}"'
    part = reader.get(
        f"/api/v1/assets/{asset.id}/renditions/thumbnail", headers={"Range": "bytes=0-3"}
    )
    assert part.data == PHOTO[:4]
    for unmade in ("preview", "nonsense"):
        assert reader.get(f"/api/v1/assets/{asset.id}/renditions/{unmade}").status_code == 404


def test_renditions_carry_no_metadata(receiver, photographer, catalogue, tmp_path) -> None:
    """Made by the same call that the sandboxed child makes; the sandboxed way is tested with the handlers."""
    import json

    from transcode.still import child

    exif = Image.Exif()
    exif[0x010E] = "a description that must not leak"
    exif[0x8825] = {1: "N", 2: (40.0, 24.0, 0.0)}
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(buffer, "JPEG", exif=exif, comment=b"a comment")
    source, folder = tmp_path / "photo.jpg", tmp_path / "out"
    source.write_bytes(buffer.getvalue())
    folder.mkdir()
    made = run_child(child, source, folder)
    assert made, json.dumps([str(path) for path in folder.iterdir()])
    for path in made:
        with Image.open(path) as image:
            assert not image.getexif()
            assert not {"exif", "xmp", "comment", "photoshop"} & set(image.info)
        assert b"must not leak" not in path.read_bytes()


def run_child(child, source, folder):
    import contextlib

    with contextlib.redirect_stdout(io.StringIO()):
        child.main([str(source), "jpeg", str(folder)])
    return sorted(folder.glob("*.jpg"))
