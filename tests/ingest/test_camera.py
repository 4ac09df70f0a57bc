"""What the camera wrote: the Exif child on files we make, and the facts taken from either reader."""

import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ingest.readers import camera, exif
from ingest.readers.boilerplate import is_boilerplate

GPS_FOLDER, EXIF_FOLDER = 0x8825, 0x8769


def jpeg(path, build=None, size=(80, 40)):
    tags = Image.Exif()
    if build:
        build(tags)
    Image.new("RGB", size).save(path, "JPEG", exif=tags)
    return path


def read(path, decoder="JPEG", capsys=None):
    assert exif.main([str(path), decoder]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def full(tags):
    tags[0x010E] = "Bakıda kəndirbaz".encode()
    tags[0x013B] = "Leyla; Tural"
    tags[0x0112] = 6
    folder = tags.get_ifd(EXIF_FOLDER)
    folder[0x9003] = "2026:05:12 11:20:00"
    folder[0x9286] = b"UNICODE\0" + "Баку".encode("utf-16-le")
    place = tags.get_ifd(GPS_FOLDER)
    place[1], place[2] = "N", (40.0, 24.0, 36.0)
    place[3], place[4] = "W", (49.0, 52.0, 1.2)
    place[5], place[6] = b"\x01", 28.0
    place[7], place[29] = (7.0, 20.0, 0.0), "2026:05:12"
    place[17] = 90.0


def test_header_and_tags_come_in_two_lines(tmp_path, capsys):
    header, tags = read(jpeg(tmp_path / "x", full), capsys=capsys)
    assert (header["width"], header["height"], header["mode"]) == (40, 80, "RGB")
    assert tags["EXIF DateTimeOriginal"] == "2026:05:12 11:20:00"
    assert tags["EXIF UserComment"] == "Баку"


def test_facts_are_taken_from_exifread(tmp_path, capsys):
    facts = camera.from_exifread(read(jpeg(tmp_path / "x", full), capsys=capsys)[1])
    assert facts.text("ImageDescription") == "Bakıda kəndirbaz"
    assert facts.text("Copyright") == ""
    assert (facts.coordinates.latitude, facts.coordinates.longitude) == ("40.41", "-49.867")
    assert facts.coordinates.altitude_metres == "-28"
    assert facts.coordinates.direction_degrees == "90"
    assert facts.gps_utc.isoformat() == "2026-05-12T07:20:00+00:00"


def test_facts_are_taken_from_exiftool():
    facts = camera.from_exiftool(
        {
            "IFD0:ImageDescription": "x",
            "Composite:GPSLatitude": "-40.5",
            "Composite:GPSLongitude": "49.25",
            "GPS:GPSTimeStamp": "07:20:00",
            "GPS:GPSDateStamp": "2026:05:12",
        }
    )
    assert facts.text("ImageDescription") == "x"
    assert (facts.coordinates.latitude, facts.coordinates.altitude_metres) == ("-40.5", None)
    assert facts.gps_utc.hour == 7


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("0", "0"), ("91", "10"), ("10", "181"), (None, "10"), ("10", None), ("x", "1")],
)
def test_a_position_that_is_none_is_left_out(latitude, longitude):
    raw = {"Composite:GPSLatitude": latitude, "Composite:GPSLongitude": longitude}
    assert camera.from_exiftool(raw).coordinates is None


def test_a_position_without_its_letter_is_left_out():
    numbers = {"values": ["40/1", "24/1", "36/1"]}
    assert (
        camera.from_exifread({"GPS GPSLatitude": numbers, "GPS GPSLongitude": numbers}).coordinates
        is None
    )
    broken = {"values": ["40/0", "24/1", "36/1"]}
    named = {"GPS GPSLatitude": broken, "GPS GPSLatitudeRef": "N"}
    assert camera.from_exifread(named).coordinates is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"ASCII\0\0\0hello\0\0", "hello"),
        (b"\0" * 8 + "сөз".encode(), "сөз"),
        (b"UNICODE\0" + "Баку, 2026".encode("utf-16-le"), "Баку, 2026"),
        (b"UNICODE\0" + "Баку, 2026".encode("utf-16-be"), "Баку, 2026"),
        (b"UNICODE\0" + "Баку".encode("utf-16"), "Баку"),
        (b"UNICODE\0\x00\xd8\x00\xd8", None),
        (b"JIS\0\0\0\0\0\x1b$B", None),
        (b"ASCII\0\0\0\xff", None),
        (b"", None),
    ],
)
def test_a_comment_is_decoded_by_its_marker(raw, text):
    assert exif.comment(raw) == text


@given(st.binary(max_size=64))
def test_any_comment_is_text_or_none(raw):
    assert exif.comment(raw) is None or isinstance(exif.comment(raw), str)


def test_a_header_that_cannot_be_read_is_said(tmp_path):
    assert "error" in exif.header(io.BytesIO(b"not a picture"), "JPEG")
    assert exif.header(io.BytesIO(b"not a picture"), "HEIF")["error"]


def test_packed_exif_that_makes_pillow_fail_gives_no_orientation():
    class Broken:
        def getexif(self):
            raise ValueError

    assert exif.orientation(Broken()) == 1


def test_a_looping_directory_ends(tmp_path, capsys):
    loop = b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 3, 1, 1) + struct.pack("<I", 8)
    path = tmp_path / "x"
    path.write_bytes(loop)
    lines = read(path, "TIFF", capsys)
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("field", "text", "boilerplate"),
    [
        ("description", "OLYMPUS DIGITAL CAMERA         ", True),
        ("description", "olympus digital camera", True),
        ("description", "\0\0", True),
        ("description", "DSC_0418.JPG", True),
        ("description", "dsc_0418", True),
        ("description", "Ferry landing", False),
        ("creator", "unknown", True),
        ("creator", "EX-Z750", True),
        ("creator", "Leyla", False),
        ("copyright", "(C)", True),
        ("copyright", "© Leyla", False),
    ],
)
def test_what_programs_write_is_no_text(field, text, boilerplate):
    found = is_boilerplate(field, text, model="EX-Z750", filename="DSC_0418.JPG")
    assert found is boilerplate
