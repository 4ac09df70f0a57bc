"""Metadata written to break readers, or in alphabets nobody declared: read as far as it goes, never a defect of ours."""

import shutil
import subprocess
from pathlib import Path

import pytest
from making import jpeg

pytestmark = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool writes the samples"
)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(5))
    return path


def write(path: Path, *tags: str) -> None:
    command = ["exiftool", "-q", "-overwrite_original", "-m", *tags, str(path)]
    subprocess.run(command, check=True, timeout=30)


def test_a_date_at_the_end_of_time_is_no_date(photo, read) -> None:
    write(photo, "-EXIF:DateTimeOriginal=9999:12:31 23:59:59", "-EXIF:OffsetTimeOriginal=-12:00")
    assert read(photo).chosen.taken is None


@pytest.mark.parametrize("rating", ["1e400", "-1e400", "nan", "7", "five"])
def test_a_rating_that_is_none_is_left_out(photo, read, rating) -> None:
    write(photo, "-XMP:Rating=3")
    data = photo.read_bytes()
    place = data.index(b"Rating>3<") + 7
    tail = data[place + 1 :]
    padding = tail.index(b"      ")
    cut = len(rating) - 1
    photo.write_bytes(data[:place] + rating.encode() + tail[:padding] + tail[padding + cut :])
    found = read(photo)
    assert found.chosen.rating is None
    assert found.trouble is None


def test_a_place_written_in_xmp_alone_is_read(photo, read) -> None:
    write(photo, "-XMP-exif:GPSLatitude=40.4093", "-XMP-exif:GPSLongitude=49.8671")
    found = read(photo).chosen.coordinates
    assert found is not None
    assert (float(found.latitude), float(found.longitude)) == pytest.approx(
        (40.4093, 49.8671), abs=1e-4
    )


def test_text_in_an_old_character_set_is_read_as_text(photo, read) -> None:
    write(photo, "-EXIF:ImageDescription=XXXXXXXXXXXXXXXX", "-EXIF:Artist=YYYYYYYYYY")
    data = photo.read_bytes()
    data = data.replace(b"X" * 16, "Баку, набережная".encode("cp1251"))
    photo.write_bytes(data.replace(b"Y" * 10, "Кулиев Р.А".encode("cp1251")))
    found = read(photo)
    assert [value.text for _, value in found.chosen.description] == ["Баку, набережная"]
    assert found.chosen.creator == ("Кулиев Р.А",)
    assert "charset-guessed" in found.flags


def test_xmp_that_is_no_utf_8_is_read_as_text(photo, read) -> None:
    write(photo, "-XMP-photoshop:City=ZZZZ")
    photo.write_bytes(photo.read_bytes().replace(b"ZZZZ", "Баку".encode("cp1251")))
    found = read(photo).chosen.city
    assert found is not None
    assert not found.startswith("base64:")


def test_one_stray_octet_at_the_end_of_a_text_is_no_defect(photo, read) -> None:
    write(photo, "-EXIF:Artist=KKKKKKKK", "-XMP-photoshop:City=ZZZZZZ")
    data = photo.read_bytes().replace(b"KKKKKKKK", b"Kuliev \xd0")
    photo.write_bytes(data.replace(b"ZZZZZZ", b"Baku \xd0"))
    found = read(photo)
    assert found.chosen.creator[0].startswith("Kuliev")
    assert found.chosen.city.startswith("Baku")


def test_keywords_and_languages_that_are_no_utf_8_are_read_as_text(photo, read) -> None:
    write(photo, "-XMP-dc:Subject=WWWW", "-XMP-dc:Subject=second", "-XMP-dc:Title-ru=TTTT")
    data = photo.read_bytes().replace(b"WWWW", "море".encode("cp1251"))
    photo.write_bytes(data.replace(b"TTTT", "Баку".encode("cp1251")))
    chosen = read(photo).chosen
    assert "base64" not in repr(chosen)
    assert {"море", "second"} <= {keyword.text for keyword in chosen.keywords}
    assert [tag for tag, _ in chosen.title] == ["ru"]
