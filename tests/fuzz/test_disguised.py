"""A2: playlists, scripts, archives and markup that pretend to be media, and media with something behind: nothing is fetched, nothing foreign is shown."""

import io
import os
import socket
import zipfile

import pytest
from canary import PORT, canary
from clips import marked
from depositing import send
from making import jpeg

from archive.model.ids import AssetId
from archive.model.job import Queue
from ingest.receive import Limits
from workers.dispatch import Dispatcher, Timing
from workers.handlers import handlers

ALL = bool(os.environ.get("FUZZ_EXAMPLES"))  # `make fuzz` asks for all
SECRET = b"canary-of-a-file-outside-7f3a"
URL = f"http://127.0.0.1:{PORT}/a.ts"


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def disguised(outside: str) -> dict[str, bytes]:
    """Files that name others: by address, and by a path outside."""
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{URL}\n#EXT-X-ENDLIST\n"
    local = f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://{outside}\n#EXT-X-ENDLIST\n"
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{outside}">]>'
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    made = {
        "hls.mp4": playlist,
        "hls-byte-order-mark.mp4": "\ufeff" + playlist,
        "hls-after-blank.mp4": "\n\n  " + playlist,
        "hls-local.mov": local,
        "concat.mov": f"ffconcat version 1.0\nfile '{outside}'\n",
        "concat-address.avi": f"ffconcat version 1.0\nfile '{URL}'\n",
        "dash.mp4": f'<?xml version="1.0"?><MPD><BaseURL>{URL}</BaseURL></MPD>',
        "pattern.jpg": "%d.jpg\n",
        "sdp.mp4": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 48999 RTP/AVP 96\n",
        "drawing.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{URL}"/></svg>',
        "drawing.png": f'<?xml version="1.0"?>{entity}<svg><text>&e;</text></svg>',
        "laughs.jpg": f"<!DOCTYPE x [{laughs}]><x>&l8;</x>",
        "page.jpg": f'<html><script src="{URL}"></script></html>',
        "asx.wmv": f'<asx version="3"><entry><ref href="{URL}"/></entry></asx>',
        "mvg.png": f"push graphic-context\nimage over 0,0 0,0 '{URL}'\npop graphic-context\n",
        "script.ps.jpg": "%!PS\n(%stdin) (r) file\n",
    }
    files = {name: text.encode() for name, text in made.items()}
    return files | {
        "archive.jpg": zipped(a=b"1"),
        "nested.mp4": zipped(**{"a.zip": zipped(b=SECRET)}),
        "reference.mov": reference_movie(),
        "matroska.mkv": b"\x1a\x45\xdf\xa3\x84\x42\x82\x81x" + playlist.encode(),
    }


def reference_movie() -> bytes:
    """A QuickTime file that holds nothing but the address of another (`rmra`, `rdrf`)."""
    address = URL.encode() + b"\0"
    rdrf = box(b"rdrf", b"\0\0\0\0url " + len(address).to_bytes(4, "big") + address)
    return box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", box(b"rmra", box(b"rmda", rdrf)))


def box(kind: bytes, data: bytes) -> bytes:
    return (8 + len(data)).to_bytes(4, "big") + kind + data


def polyglots(clip: bytes) -> dict[str, bytes]:
    """Good media with something else before the end or behind it."""
    photo = jpeg(31, (300, 200))
    comment = b"<script>alert(1)</script>" + SECRET
    said = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    return {
        "photo-zip.jpg": photo + zipped(secret=SECRET),
        "photo-page.jpg": photo[:2] + said + photo[2:],
        "photo-php.jpg": photo + b"<?php system($_GET['c']); " + SECRET,
        "film-page.mp4": marked(clip, 5) + box(b"free", b"<html>" + SECRET),
    }


@pytest.fixture
def unlimited(receiver):
    receiver._limits = Limits(low_water_bytes=0, bytes_a_day=10**12, open_uploads=1000)
    return receiver


def test_what_pretends_to_be_media_fetches_nothing_and_shows_nothing_foreign(
    unlimited, photographer, catalogue, objects, shop, clock, media, tmp_path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_bytes(SECRET)
    clip = (media / "videos" / "tiny.3gp").read_bytes()
    hostile = {path.name: path.read_bytes() for path in sorted((media / "hostile").iterdir())}
    false = disguised(str(outside))
    worker = Dispatcher(
        handlers(shop), catalogue=catalogue, clock=clock, owner="one", timing=Timing()
    )
    ends = {}
    with canary() as contacts:
        wanted = list((hostile | false | polyglots(clip)).items())
        for name, data in wanted if ALL else wanted[::3]:
            ends[name] = send(unlimited, photographer, data, name=name).outcome
            while sum(worker.run_one(queue) for queue in Queue):
                clock.advance(3600)
        assert contacts == []
        with socket.create_connection(("127.0.0.1", PORT), timeout=5) as line:
            line.sendall(b"the listener hears")
    assert contacts == ["b'the listener hears'"]
    kept = {name: end for name, end in ends.items() if end["outcome"] != "refused"}
    print(f"\n{len(ends)} files: {len(ends) - len(kept)} refused, kept: {sorted(kept)}")
    for name in ends.keys() & false.keys():
        end = ends[name]
        if end["outcome"] == "refused":
            assert end["reason"], name
            continue
        with catalogue.reading() as tx:  # kept as what it says it is, and nothing was made of it
            asset = tx.assets.get(AssetId(end["asset"]))
        assert asset.trouble is not None, name
        assert asset.renditions == (), name
    made = list(objects.keys("renditions/"))
    assert made
    for key in made:
        data = objects.read(key)
        assert SECRET not in data, key
        assert b"<script" not in data, key
        assert zipfile.is_zipfile(io.BytesIO(data)) is False, key
