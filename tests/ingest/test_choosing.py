"""Choosing: order, conflicts, cleaning and limits, on findings written by hand."""

import hashlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ingest.choices.sources import Sources
from ingest.choose import choose
from ingest.cleaning import LONGEST_VALUE_BYTES, clean
from ingest.languages import Hints
from ingest.readers import iim
from ingest.readers.camera import Camera

BAKU = ZoneInfo("Asia/Baku")
DEPOSITED = datetime(2026, 12, 31, tzinfo=UTC)


def block_of(*texts):
    octets = b"\x1c\x01\x5a\x00\x03\x1b%G"
    for number, text in texts:
        raw = text.encode()
        octets += bytes([0x1C, 2, number]) + len(raw).to_bytes(2, "big") + raw
    return octets


def pick(raw=None, texts=(), exif=None, *, digest=None, filename="x.jpg", declared=None):
    octets = block_of(*texts) if texts else b""
    sources = Sources(
        raw=raw or {},
        block=iim.parse(octets) if octets else iim.Block(),
        camera=Camera(texts=exif or {}),
        filename=filename,
        hints=Hints(),
        stored_digest=hashlib.md5(octets, usedforsecurity=False).hexdigest()
        if digest == "current"
        else digest,
    )
    return choose(sources, declared=declared, zone=BAKU, deposited_at=DEPOSITED)


def test_xmp_goes_before_iim_and_iim_before_exif():
    chosen = pick(
        {"XMP-photoshop:City": "Bakı"}, [(90, "Baku"), (120, "A caption of the day")],
        {"ImageDescription": "Something else"},
    )  # fmt: skip
    assert chosen.description.city == "Bakı"
    assert chosen.description.description.text("en") == "A caption of the day"
    assert {conflict["field"] for conflict in chosen.conflicts} == {"city", "description"}
    assert chosen.flags == ("metadata-disagree",)


def test_exif_is_taken_when_a_person_wrote_it():
    chosen = pick(exif={"ImageDescription": "The ferry landing", "Artist": "Leyla; Tural"})
    assert chosen.description.description.text("en") == "The ferry landing"
    assert chosen.description.creator == ("Leyla", "Tural")
    assert chosen.reasons["description"] == "exif-not-boilerplate"
    assert pick(exif={"ImageDescription": "SONY DSC"}).description.description.values == {}


def test_an_iim_value_cut_at_its_limit_is_no_conflict():
    whole = "Beynəlxalq xalça festivalının açılış mərasimi və sərgi, Bakı şəhəri"
    cut = whole.encode()[:64].decode("utf-8", "ignore")
    assert pick({"XMP-dc:Title": whole, "XMP-dc:Title-az": whole}, [(5, cut)]).flags == ()
    dotted = cut[:-1] + "."
    assert pick({"XMP-dc:Title": whole, "XMP-dc:Title-az": whole}, [(5, dotted)]).flags == ()
    short = pick({"XMP-dc:Title": whole, "XMP-dc:Title-az": whole}, [(5, "Beynəlxalq")])
    assert short.flags == ("metadata-disagree",)


def test_composed_and_decomposed_letters_are_the_same():
    chosen = pick({"XMP-photoshop:City": "Gu\u0308zdək"}, [(90, "Güzdək")])
    assert chosen.flags == ()
    assert chosen.description.city == "Güzdək"


def test_a_stale_digest_offers_the_corrected_iim_and_flags_it():
    raw = {
        "XMP-photoshop:City": "Zaqatala",
        "XMP-dc:Creator": ["Leyla"],
        "XMP-dc:Description": "Alimlər çəkir.",
        "XMP-dc:Description-az": "Alimlər çəkir.",
        "XMP-dc:Description-ru": "Учёные снимают.",
        "XMP-iptcExt:LocationShown": [{"City": "Zaqatala"}],
    }
    texts = [(90, "Lənkəran"), (120, "Düzəliş: Lənkəranda çəkilib."), (80, "Tural")]
    later = pick(raw, texts, digest="0" * 32)
    assert later.description.city == "Lənkəran"
    assert later.description.creator == ("Tural",)
    assert later.description.description.text("az") == "Düzəliş: Lənkəranda çəkilib."
    assert later.description.description.text("ru") == "Учёные снимают."
    assert [list(link.labels.values()) for link in later.description.places_shown] == [["Lənkəran"]]
    assert later.flags == ("iim-edited-later", "metadata-disagree", "translations-need-review")
    current = pick(raw, texts, digest="current")
    assert current.description.city == "Zaqatala"
    assert current.flags == ("metadata-disagree",)


def test_a_caption_that_packs_three_languages_is_read_apart_when_alone():
    chosen = pick(texts=[(120, "AZ: Yarış. EN: The race. RU: Гонка.")])
    found = {tag: value.text for tag, value in chosen.description.description}
    assert found == {"az": "Yarış.", "en": "The race.", "ru": "Гонка."}


def test_of_two_creators_the_real_one_stays():
    chosen = pick({"XMP-dc:Creator": ["unknown", "Leyla Məmmədova"]})
    assert chosen.description.creator == ("Leyla Məmmədova",)
    assert pick({"XMP-dc:Creator": ["unknown"]}).description.creator == ("unknown",)


def test_keywords_are_the_union_folded():
    chosen = pick(
        {"XMP-dc:Subject": ["İdman", "sport"], "XMP-lr:HierarchicalSubject": "Dünya|İdman|Futbol"},
        [(25, "idman"), (25, "çempionat")],
    )
    found = [(keyword.text, keyword.source) for keyword in chosen.description.keywords]
    assert found == [
        ("İdman", "embedded:xmp"),
        ("sport", "embedded:xmp"),
        ("çempionat", "embedded:iim"),
        ("Futbol", "embedded:xmp"),
    ]


def test_more_than_five_hundred_keywords_are_cut_and_flagged():
    chosen = pick({"XMP-dc:Subject": [f"word{number}" for number in range(600)]})
    assert len(chosen.description.keywords) == 500
    assert chosen.flags == ("metadata-cut",)


def test_persons_with_details_bring_their_names_in_languages():
    chosen = pick(
        {
            "XMP-iptcExt:PersonInImageWDetails": [
                {"PersonName": "Elvin Səfərov", "PersonName-az": "Elvin Səfərov", "PersonName-ru": "Эльвин Сафаров"}
            ],
            "XMP-iptcExt:PersonInImage": ["Elvin Səfərov", "Kənan Rzayev"],
            "XMP-iptcExt:OrganisationInImageName": "Xəzər",
            "XMP-iptcExt:Event": "Yarış",
            "XMP-iptcExt:Event-en": "Race",
        }
    )  # fmt: skip
    assert [dict(link.labels) for link in chosen.description.people] == [
        {"az": "Elvin Səfərov", "ru": "Эльвин Сафаров"},
        {"az": "Kənan Rzayev"},
    ]
    assert len(chosen.description.organisations) == 1
    assert chosen.description.occasion.labels == {"az": "Yarış", "en": "Race"}


def test_places_without_a_structure_come_from_the_plain_fields():
    chosen = pick(texts=[(90, "Берлин"), (92, "Собор"), (101, "Германия")])
    assert [link.labels["ru"] for link in chosen.description.places_shown] == [
        "Собор",
        "Берлин",
        "Германия",
    ]
    assert {link.source for link in chosen.description.places_shown} == {"embedded:iim"}
    assert pick({"XMP-iptcExt:LocationShown": "junk"}).description.places_shown == ()


def test_a_rating_is_a_number_of_stars_or_a_rejection():
    assert pick({"XMP-xmp:Rating": "5"}).description.rating == 5
    assert pick({"XMP-xmp:Rating": "-1"}).description.rating == -1
    assert pick({"XMP-xmp:Rating": "99"}).description.rating is None
    assert pick({"XMP-xmp:Rating": "x"}).description.rating is None


def test_the_date_goes_exif_xmp_iim_and_another_day_is_noted():
    exif = {"DateTimeOriginal": "2026:05:12 11:20:00", "OffsetTimeOriginal": "+02:00"}
    chosen = pick({"XMP-photoshop:DateCreated": "2026:05:13"}, exif=exif)
    assert chosen.description.taken.shown == "2026-05-12T11:20:00+02:00"
    assert chosen.flags == ("metadata-disagree",)
    digitised = pick(exif={"DateTimeDigitized": "2026:05:12 11:20:00"})
    assert digitised.description.taken.source == "embedded:exif"
    assert pick().description.taken is None


def test_a_year_by_hand_before_the_camera_marks_a_reproduction():
    exif = {"DateTimeOriginal": "2007:06:02 20:15:20"}
    chosen = pick({"XMP-photoshop:DateCreated": "1967"}, exif=exif)
    assert chosen.description.taken.shown == "1967"
    assert chosen.reasons["taken"] == "older-than-its-copy"


def test_a_motion_photo_says_so_in_its_xmp():
    assert pick({"XMP-GCamera:MotionPhoto": "1"}).flags == ("motion-photo",)


def test_shown_text_is_clean():
    assert clean("a\x00b\x1bc\r\nd\te\u0085") == "abc\nd e"
    assert clean(" e\u0301 ") == "é"
    assert len(clean("ə" * 40000).encode()) <= LONGEST_VALUE_BYTES
    assert clean("<script>alert(1)</script> -execute") == "<script>alert(1)</script> -execute"


VALUES = st.one_of(
    st.text(max_size=20),
    st.lists(st.text(max_size=8), max_size=4),
    st.booleans(),
    st.lists(st.dictionaries(st.text(max_size=12), st.text(max_size=8), max_size=3), max_size=2),
    st.dictionaries(st.sampled_from(["City", "City-ru", "PersonName"]), st.text(max_size=8)),
)
NAMES = st.sampled_from(
    [
        "XMP-dc:Title", "XMP-dc:Title-ru", "XMP-dc:Title-", "XMP-dc:Subject", "XMP-dc:Creator",
        "XMP-photoshop:City", "XMP-photoshop:DateCreated", "XMP-xmp:Rating",
        "XMP-iptcExt:LocationShown", "XMP-iptcExt:PersonInImageWDetails", "XMP-iptcExt:Event",
        "XMP-iptcExt:PersonInImage", "XMP-lr:HierarchicalSubject", "Composite:GPSLatitude",
        "Composite:GPSLongitude", "GPS:GPSTimeStamp", "GPS:GPSDateStamp",
    ]
)  # fmt: skip


@given(st.dictionaries(NAMES, VALUES), st.sampled_from([None, "0" * 32]))
def test_whatever_exiftool_says_a_description_comes_of_it(raw, digest):
    chosen = pick(raw, [(5, "title"), (90, "city")], digest=digest)
    document = chosen.description.to_json()
    assert type(chosen.description).from_json(document) == chosen.description
