"""What containers of films and recordings say: titles, authors, keywords and dates, each only where nothing better does."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from filming import film, media_type_of

from archive.model.asset import Original
from archive.model.description import Description
from archive.model.multilingual import Multilingual, Value
from archive.model.taken import OffsetSource
from ingest.choices.container import taken, told_by, with_container
from ingest.examine import read_all
from ingest.languages import DEFAULT, Hints

BAKU = ZoneInfo("Asia/Baku")
DEPOSITED = datetime(2026, 12, 31, tzinfo=UTC)
PICTURE = "-f lavfi -i color=s=64x64:r=5:d=1 -c:v libx264"
TONE = "-f lavfi -i sine=d=1"


@pytest.fixture
def chosen(sandbox, tmp_path):
    def reading(name: str, arguments: str) -> Description:
        path = film(tmp_path / name, arguments)
        original = Original(
            key="k", filename=name, size_bytes=path.stat().st_size, sha256="0" * 64, sha512="",
            media_type=media_type_of(path), extension=path.suffix[1:], tag="t",
        )  # fmt: skip
        found = read_all(
            path,
            original=original,
            sandbox=sandbox,
            declared_language=None,
            zone=BAKU,
            deposited_at=DEPOSITED,
        )
        return found.chosen

    return reading


def test_an_item_list_gives_title_author_keywords_and_an_unsure_date(chosen) -> None:
    said = "-metadata title=Bakıda_görüş -metadata artist=Əli;Ruslan -metadata keywords=a;b"
    found = chosen("m.mp4", f"{PICTURE} {said} -metadata creation_time=2026-05-12T07:20:00Z")
    assert [value.text for _, value in found.title] == ["Bakıda_görüş"]
    assert found.title.values["az"].source == "container"
    assert found.creator == ("Əli", "Ruslan")
    assert [keyword.text for keyword in found.keywords] == ["a", "b"]
    assert found.taken.shown == "2026-05-12T11:20:00+04:00"
    assert (found.taken.unsure, found.taken.offset_source) == (True, OffsetSource.ASSUMED)


def test_a_phones_date_with_its_offset_is_believed(chosen) -> None:
    date = "com.apple.quicktime.creationdate=2026-05-12T11:20:00+0200"
    told = (
        f"-movflags use_metadata_tags -metadata {date} -metadata com.apple.quicktime.title=Başlıq"
    )
    found = chosen("k.mov", f"{PICTURE} {told}")
    assert found.taken.shown == "2026-05-12T11:20:00+02:00"
    assert not found.taken.unsure
    assert found.title.text("az") == "Başlıq"


def test_matroska_tells_the_language_of_its_titles(chosen) -> None:
    found = chosen("m.mkv", f"{PICTURE} -metadata title-rus=Встреча -metadata title-eng=Meeting")
    assert found.title.text("ru") == "Встреча"
    assert found.title.text("en") == "Meeting"


@pytest.mark.parametrize("name", ["t.mp3", "t.ogg", "t.flac"])
def test_recordings_tell_title_and_day(chosen, name) -> None:
    found = chosen(name, f"{TONE} -metadata title=Müsahibə -metadata date=2026-05-12")
    assert found.title.text("az") == "Müsahibə"
    assert found.taken.shown == "2026-05-12"


def test_what_better_sources_say_stays() -> None:
    said = Description(title=Multilingual({"en": Value(text="By hand", source="embedded:xmp")}))
    found = with_container(
        said,
        {"title": {DEFAULT: "Other"}, "comment": {DEFAULT: "What is seen"}},
        Hints(declared="en"),
        filename="x.mp4",
        zone=BAKU,
        deposited_at=DEPOSITED,
    )
    assert found.title == said.title
    assert found.description.text("en") == "What is seen"


@pytest.mark.parametrize(
    "written", ["0000:00:00 00:00:00", "1904:01:01 00:00:00", "nonsense", "2031-01-01"]
)
def test_a_clock_that_was_never_set_is_no_date(written) -> None:
    told = {"createdate": {DEFAULT: written}}
    assert taken(told, zone=BAKU, deposited_at=DEPOSITED) is None


def test_numbers_and_pictures_among_the_tags_do_no_harm() -> None:
    told = told_by(
        {"ItemList:Title": 7, "Keys:Artwork": ["x"], "XMP-dc:Title": "no"}, {}, is_quicktime=True
    )
    assert told == {"title": {DEFAULT: "7"}}
