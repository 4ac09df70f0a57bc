"""Identification: the bytes decide, every format of the table is recognised, and nothing but a reason comes of the rest."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UnreadableMedia
from archive.model.asset import AssetType, Reason
from ingest.identify import LEADING_BYTES, identify, recognise
from ingest.signatures.table import FORMATS, made_by
from ingest.signatures.window import Window


def box(brand, *compatible):
    body = brand + b"\0\0\0\0" + b"".join(compatible)
    return (8 + len(body)).to_bytes(4, "big") + b"ftyp" + body


def ifd(entries, order="<", next_=0):
    """A TIFF whose one directory lies at 8; entries are (tag, type, count, value bytes of 4)."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    rows = b"".join(struct.pack(f"{order}HHI", t, k, n) + v for t, k, n, v in entries)
    return (
        mark
        + struct.pack(f"{order}I", 8)
        + struct.pack(f"{order}H", len(entries))
        + rows
        + struct.pack(f"{order}I", next_)
    )


def raw_of(make):
    """A TIFF of this maker whose first directory holds a colour filter array."""
    text = make + b"\0"
    entries = [(262, 3, 1, struct.pack("<HH", 32803, 0)), (271, 2, len(text), b"")]
    at = 8 + 2 + 12 * 2 + 4
    entries[1] = (271, 2, len(text), struct.pack("<I", at))
    return ifd(entries) + text


RECOGNISED = [
    (b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x02" + b"\0" * 20, "jpeg", "fmt/44"),
    (b"\xff\xd8\xff\xdb" + b"\0" * 20, "jpeg", None),
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "png", "fmt/11"),
    (b"\x89PNG\r\n\x1a\n....acTL....IDAT", "apng", None),
    (b"GIF87a" + b"\0" * 20, "gif", "fmt/3"),
    (b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 20, "webp", "fmt/567"),
    (ifd([]), "tiff", None),
    (ifd([], ">"), "tiff", None),
    (b"II+\0" + b"\0" * 20, "tiff", "fmt/1917"),
    (box(b"heic", b"mif1"), "heic", None),
    (box(b"mif1", b"heic"), "heic", None),
    (box(b"mif1", b"avif"), "avif", None),
    (box(b"avis"), "avif", None),
    (box(b"crx ", b"isom"), "cr3", None),
    (box(b"isom", b"mp42"), "mp4", None),
    (box(b"qt  "), "mov", None),
    (box(b"3gp4"), "3gp", None),
    (box(b"M4A "), "m4a", None),
    (box(b"zzzz", b"mp41"), "mp4", None),
    (b"\0\0\0\x08moov" + b"\0" * 8, "mov", None),
    (b"\0\0\0\x10moof" + b"\0" * 8, "mp4", None),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl", None),
    (b"\xff\x0a" + b"\0" * 8, "jxl", "fmt/1484"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2", None),
    (b"BM" + b"\0" * 12 + (40).to_bytes(4, "little"), "bmp", "fmt/116"),
    (b"8BPS\0\x02", "psd", "fmt/996"),
    (b"II*\0\x10\0\0\0CR\x02\0", "cr2", None),
    (b"II\x1a\0\0\0HEAPCCDR", "crw", None),
    (raw_of(b"NIKON CORPORATION"), "nef", None),
    (raw_of(b"SONY"), "arw", None),
    (raw_of(b"PENTAX"), "pef", None),
    (raw_of(b"Hasselblad"), "3fr", None),
    (raw_of(b"Phase One"), "iiq", None),
    (raw_of(b"SAMSUNG"), "srw", None),
    (raw_of(b"ACME"), "tiff", None),
    (ifd([(50706, 1, 4, b"\x01\x04\0\0")]), "dng", "fmt/730"),
    (b"FUJIFILMCCD-RAW 0201", "raf", None),
    (b"IIRO\x08\0", "orf", None),
    (b"IIU\0\x08", "rw2", None),
    (b"FOVb\0", "x3f", None),
    (b"\x1a\x45\xdf\xa3....webm", "webm", None),
    (b"\x1a\x45\xdf\xa3....matroska", "mkv", None),
    (b"RIFF\0\0\0\0AVI LIST", "avi", None),
    (b"RIFF\0\0\0\0WAVEfmt ", "wav", None),
    (b"RIFF\0\0\0\0WAVEbext", "wav", "fmt/703"),
    (b"RF64\0\0\0\0WAVEds64", "wav", "fmt/712"),
    (bytes.fromhex("726966662e91cf11a5d628db04c10000"), "w64", None),
    ((b"\x47" + b"\0" * 187) * 5, "ts", None),
    ((b"\0" * 4 + b"\x47" + b"\0" * 187) * 5, "m2ts", None),
    (b"\0\0\x01\xba\x44", "mpg", None),
    (b"\0\0\x01\xba\x21", "mpg", "x-fmt/385"),
    (b"\0" * 100 + bytes.fromhex("060e2b34020501010d0102"), "mxf", None),
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "wmv", None),
    (b"FLV\x01\x05", "flv", None),
    (b"\x1f\x07\0" + b"\0" * 77 + b"\x3f", "dv", None),
    (b"OggS" + b"\0" * 24 + b"\x80theora", "ogv", None),
    (b"OggS" + b"\0" * 24 + b"OpusHead", "ogg", "fmt/946"),
    (b"FORM\0\0\0\0AIFF", "aiff", None),
    (b"FORM\0\0\0\0AIFC", "aiff", "x-fmt/136"),
    (b"ID3\x04\0\0\0\0\0\0\0", "mp3", None),
    ((b"\xff\xfb\x90\x00" + b"\0" * 413) * 2, "mp3", None),
    ((b"\xff\xf1\x50\x80\x02\x00\x00" + b"\0" * 9) * 2, "aac", None),
    (b"fLaC\0", "flac", None),
    (b"caff\0", "caf", None),
    (b"#!AMR-WB\n", "amr", "fmt/954"),
]


@pytest.mark.parametrize(("head", "name", "puid"), RECOGNISED, ids=lambda value: str(value)[:12])
def test_every_format_of_the_table_is_recognised(head, name, puid):
    found = recognise(Window(head, len(head)))
    assert found is not None
    assert (found.name, found.puid or puid) == (name, puid or found.puid)


def test_every_recognised_name_has_a_row():
    assert {name for _, name, _ in RECOGNISED} <= set(FORMATS)
    assert made_by("image/jpeg") == "JPEG"
    assert made_by("video/mp4") == "mov"
    assert made_by("image/x-canon-cr3") is None


REFUSED = [
    (b"", Reason.EMPTY, None),
    (b"#EXTM3U\n#EXT-X-VERSION:3\n", Reason.DISGUISED, "playlist"),
    (b"\xef\xbb\xbf#EXTM3U\n", Reason.DISGUISED, "playlist"),
    (b"ffconcat version 1.0\nfile 'x'\n", Reason.DISGUISED, "playlist"),
    (b"# list\nfile 'a.mp4'\nfile 'b.mp4'\n", Reason.DISGUISED, "playlist"),
    (b"<?xml version='1.0'?><MPD xmlns='x'>", Reason.DISGUISED, "playlist"),
    (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\n", Reason.DISGUISED, "playlist"),
    (b"[Script Info]\nTitle: x\n", Reason.DISGUISED, "playlist"),
    (b"push graphic-context\nviewbox 0 0 1 1\n", Reason.DISGUISED, "drawing-commands"),
    (b"image over 0,0 0,0 'http://x/y.jpg'\n", Reason.DISGUISED, "drawing-commands"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Reason.UNSUPPORTED, "svg"),
    (b"<?xml version='1.0'?>\n<!-- c -->\n<svg >", Reason.UNSUPPORTED, "svg"),
    (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>\n<svg>", Reason.UNSUPPORTED, "svg"),
    (b"%PDF-1.7\n", Reason.UNSUPPORTED, "pdf"),
    (b"junk\n%PDF-1.4\n\0\xff", Reason.UNSUPPORTED, "pdf"),
    (b"WEBVTT\n\n", Reason.UNSUPPORTED, "companion"),
    (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nx", Reason.UNSUPPORTED, "companion"),
    (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>", Reason.UNSUPPORTED, "companion"),
    (b"<!doctype html><title>x</title>", Reason.NOT_MEDIA, "text"),
    ("это заметка".encode("utf-16"), Reason.NOT_MEDIA, "text"),
    ("это заметка".encode("cp1251"), Reason.NOT_MEDIA, "text"),
    (b"const x: number = 1;\n" * 50, Reason.NOT_MEDIA, "text"),
    (b"PK\x03\x04" + b"\0" * 30, Reason.NOT_MEDIA, "unknown-bytes"),
    (b"\x7fELF\x02\x01\x01\0", Reason.NOT_MEDIA, "unknown-bytes"),
    (box(b"crx "), Reason.UNSUPPORTED, "cr3"),
    (box(b"zzzz"), Reason.NOT_MEDIA, "unknown-bytes"),
    (box(b"mif1"), Reason.NOT_MEDIA, "unknown-bytes"),
]


@pytest.mark.parametrize(("head", "reason", "detail"), REFUSED, ids=lambda value: str(value)[:16])
def test_what_is_no_medium_we_keep_is_refused_with_its_reason(head, reason, detail):
    with pytest.raises(UnreadableMedia) as caught:
        identify(head, "photo.jpg", len(head))
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


def jpeg_of(*segments, tail=b""):
    body = b"".join(
        b"\xff" + bytes([marker]) + (len(data) + 2).to_bytes(2, "big") + data
        for marker, data in segments
    )
    return b"\xff\xd8" + body + b"\xff\xda\0\x02" + tail


def facts_of(data, name="x.jpg"):
    return identify(data[:LEADING_BYTES], name, len(data), data[-LEADING_BYTES:])


def test_exif_and_jfif_versions_give_the_puid():
    exif = ifd([(0x8769, 4, 1, struct.pack("<I", 26))]) + struct.pack(
        "<HHHI4sI", 1, 0x9000, 7, 4, b"0221", 0
    )
    assert facts_of(jpeg_of((0xE1, b"Exif\0\0" + exif))).puid == "fmt/645"
    assert facts_of(jpeg_of((0xE0, b"JFIF\0\x01\x01"))).puid == "fmt/43"
    assert facts_of(jpeg_of((0xDB, b"x"))).puid == "fmt/41"


def test_what_else_lies_in_the_file_is_a_fact():
    assert facts_of(jpeg_of((0xFE, b"<HTML><script>"))).facts == ("polyglot",)
    assert facts_of(jpeg_of((0xDB, b""), tail=b"PK\x05\x06" + b"\0" * 18)).facts == ("polyglot",)
    xmp = b'http://ns.adobe.com/xap/1.0/\0 GCamera:MotionPhoto="1"'
    assert facts_of(jpeg_of((0xE1, xmp))).facts == ("motion-photo",)
    assert facts_of(jpeg_of((0xE2, b"MPF\0"))).facts == ("multi-picture",)
    assert facts_of(b"GIF89a=1;alert(1)", "x.gif").facts == ("polyglot",)
    assert facts_of(b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\x02", "x.webp").facts == ("animated",)
    assert facts_of(box(b"hevc"), "x.heic").facts == ("animated",)
    moving = box(b"heic") + b"\0\0\0\x10mpvd" + b"\0" * 8
    assert facts_of(moving, "x.heic").facts == ("motion-photo",)


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("a.jpg", ()),
        ("a.JPEG", ()),
        ("ə.nef", ("extension-disagrees",)),
        ("a", ("extension-disagrees",)),
        ("../../x.png", ("extension-disagrees",)),
        ("C:\\x\\y.jpg", ()),
        ("\0.jpg", ("extension-disagrees",)),
        ("", ("extension-disagrees",)),
    ],
)
def test_a_name_that_disagrees_is_a_flag_and_never_an_error(name, flags):
    known = facts_of(jpeg_of((0xDB, b"")), name)
    assert (known.media_type, known.extension, known.type) == ("image/jpeg", "jpg", AssetType.PHOTO)
    assert known.flags == flags


def test_a_directory_at_the_end_of_a_file_is_found_in_its_tail():
    head = b"II*\0" + struct.pack("<I", 100_000)
    body = head + b"\0" * (100_000 - 8)
    whole = (
        body + struct.pack("<H", 1) + struct.pack("<HHI", 50706, 1, 4) + b"\x01\x03\0\0" + b"\0" * 4
    )
    assert recognise(Window(whole[:LEADING_BYTES], len(whole), whole[-100:])).name == "dng"
    assert recognise(Window(whole[:LEADING_BYTES], len(whole))).name == "tiff"


MAGIC = st.sampled_from([head[:16] for head, _, _ in RECOGNISED] + [b""])


@given(
    st.builds(lambda magic, rest: magic + rest, MAGIC, st.binary(max_size=600)),
    st.text(),
    st.binary(max_size=50),
)
def test_any_bytes_give_a_format_or_a_reason(head, name, tail):
    reason = media_type = None
    try:
        media_type = identify(head, name, len(head) + len(tail), tail).media_type
    except UnreadableMedia as refusal:
        reason = refusal.reason
    refusals = {Reason.EMPTY, Reason.NOT_MEDIA, Reason.DISGUISED, Reason.UNSUPPORTED}
    assert reason in refusals if reason else made_by(media_type)
