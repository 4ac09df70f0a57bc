"""Examination: what is kept of a deposit, what becomes of a reader that fails, and names that become links."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from depositing import deposit
from making import jpeg

from archive.errors import NoSafeDecoder, OverBudget, UnreadableMedia
from archive.model.asset import Findings
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Description, Keyword, Link
from archive.model.ids import AuthorityId, new_id
from archive.sandbox.child import Sandbox
from ingest import examine
from ingest.readers import report

BAKU = ZoneInfo("Asia/Baku")
SECRET = "62.4° of truth"


@pytest.fixture
def asset(receiver, photographer, catalogue):
    return deposit(receiver, photographer, jpeg(3), catalogue=catalogue)


def found(**chosen):
    return Findings(
        chosen=Description(**chosen), technical={}, tools=("reader 1",), width=64, height=48
    )


def link(**labels):
    return Link(labels=labels, source="embedded:xmp")


def authority(catalogue, clock, kind, labels, *alternatives):
    made = Authority(
        id=AuthorityId(new_id(clock())), kind=kind, labels=labels, alternatives=alternatives
    )
    with catalogue.writing() as tx:
        tx.authorities.save(made)
    return made


def test_a_deposit_is_examined_through_its_store(asset, objects, sandbox):
    with objects.as_path(asset.original.key) as path:
        findings = examine.examine(asset, path, sandbox=sandbox, zone=BAKU)
    assert (findings.width, findings.height) == (64, 48)
    assert findings.trouble is None
    assert any(tool.startswith("ExifTool") for tool in findings.tools)


def test_findings_are_kept_with_an_event_and_the_stills_deferred(asset, catalogue, clock):
    with catalogue.writing() as tx:
        examine.record(tx, asset.id, found(city="Bakı"), clock())
    with catalogue.reading() as tx:
        kept = tx.assets.get(asset.id)
        events = [event.type for event in tx.events.of(asset.id)]
        kinds = {job.kind for job in tx.jobs.of(asset.id)}
    assert (kept.chosen.city, kept.width, kept.examined_at is not None) == ("Bakı", 64, True)
    assert "metadata extraction" in events
    assert "render-stills" in kinds


def test_trouble_found_early_defers_nothing(asset, catalogue, clock):
    trouble = examine._too_large({"width": 30000, "height": 30000})
    with catalogue.writing() as tx:
        examine.record(tx, asset.id, replace(found(), trouble=trouble), clock())
    with catalogue.reading() as tx:
        assert tx.assets.get(asset.id).trouble.reason == "too-large"
        assert "render-stills" not in {job.kind for job in tx.jobs.of(asset.id)}


def test_a_name_that_means_one_authority_becomes_its_link(asset, catalogue, clock):
    elvin = authority(
        catalogue, clock, AuthorityKind.PERSON,
        {"az": "Elvin Səfərov", "ru": "Эльвин Сафаров"}, ("en", "Elvin Safarov"),
    )  # fmt: skip
    sport = authority(catalogue, clock, AuthorityKind.SUBJECT, {"az": "idman", "en": "sport"})
    race = authority(catalogue, clock, AuthorityKind.OCCASION, {"az": "Yarış"})
    people = (link(az="ELVİN SƏFƏROV"), link(und="Elvin Safarov"), link(az="Kənan"))
    keywords = (Keyword(text="Sport", source="x"), Keyword(text="dəniz", source="x"))
    with catalogue.writing() as tx:
        saved = examine.record(
            tx,
            asset.id,
            found(people=people, keywords=keywords, occasion=link(az="yarış")),
            clock(),
        )
    assert [person.authority for person in saved.chosen.people] == [elvin.id, None]
    assert saved.chosen.people[0].labels["ru"] == "Эльвин Сафаров"
    assert [keyword.authority for keyword in saved.chosen.keywords] == [sport.id, None]
    assert saved.chosen.keywords[0].text == "Sport"
    assert saved.chosen.occasion.authority == race.id


def test_a_name_that_means_several_stays_as_found(asset, catalogue, clock):
    for country in ("Azərbaycan", "ABŞ"):
        authority(catalogue, clock, AuthorityKind.PLACE, {"az": "Bakı", "en": f"Baku, {country}"})
    with catalogue.writing() as tx:
        saved = examine.record(tx, asset.id, found(places_shown=(link(az="Bakı"),)), clock())
    assert saved.chosen.places_shown == (link(az="Bakı"),)


def test_examining_twice_gives_the_same_asset(asset, catalogue, clock):
    with catalogue.writing() as tx:
        first = examine.record(tx, asset.id, found(city="Bakı"), clock())
    with catalogue.writing() as tx:
        second = examine.record(tx, asset.id, found(city="Bakı"), clock())
    assert second.chosen == first.chosen


def test_a_dead_reader_is_flagged_and_the_others_word_stands(media, sandbox, monkeypatch):
    path = media / "press" / "DSC_0418.JPG"

    def dies(*_):
        raise OverBudget("over", tail=SECRET)

    monkeypatch.setattr(report, "_exiftool", dies)
    read = report.read_file(path, "JPEG", sandbox)
    assert read.flags == ("metadata-unread",)
    assert read.complaints == {"exiftool": SECRET}
    assert read.exif["EXIF DateTimeOriginal"] == "2026:06:06 17:42:10"
    monkeypatch.undo()
    monkeypatch.setattr(report, "_exif", dies)
    read = report.read_file(path, "JPEG", sandbox)
    assert read.flags == ("metadata-unread",)
    assert read.raw["XMP-photoshop:City"] == "Bakı"


def test_a_missing_exiftool_is_a_flag(media, sandbox, monkeypatch):
    def not_installed(_):
        raise NoSafeDecoder

    monkeypatch.setattr(report.ExifTool, "find", not_installed)
    read = report.read_file(media / "press" / "DSC_0418.JPG", "JPEG", sandbox)
    assert read.flags == ("metadata-unread",)
    assert read.exif


def test_without_a_sandbox_nothing_is_read(tmp_path):
    with pytest.raises(NoSafeDecoder):
        report.read_file(tmp_path / "x", "JPEG", Sandbox(rung=None, scratch=tmp_path))


def test_a_format_nobody_makes_is_refused(asset, sandbox, tmp_path):
    raw = replace(asset, original=replace(asset.original, media_type="image/x-canon-cr3"))
    with pytest.raises(UnreadableMedia) as caught:
        examine.examine(raw, tmp_path, sandbox=sandbox, zone=BAKU)
    assert caught.value.reason == "unsupported"


def test_hostile_metadata_is_text(read, media):
    findings = read(media / "hostile" / "script-in-metadata.jpg")
    chosen = findings.chosen
    assert "<script>alert(1)</script>" in next(iter(chosen.description.values.values())).text
    assert chosen.creator[0].startswith("=cmd|")
    assert findings.trouble is None


def test_a_packed_text_of_64_megabytes_is_left_alone(read, media):
    findings = read(media / "hostile" / "bomb-text-chunk.png")
    assert len(json.dumps(findings.technical)) < 100_000


def test_a_picture_over_the_budget_is_known_by_its_header(read, media):
    for name in ("bomb-30000x30000.png", "bomb-65000x65000.jpg"):
        findings = read(media / "hostile" / name)
        assert (findings.trouble.reason, findings.trouble.detail) == ("too-large", "pixels")


def test_extended_xmp_is_read_whole(read, media):
    findings = read(media / "photos" / "formats" / "extended-xmp.jpg")
    assert len(json.dumps(findings.technical)) > 130_000


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("photos/formats/paris-exif-xmp-icc.avif", "2022-08-22"),
        ("photos/formats/sony-a100.webp", "2007-06-02"),
        ("photos/formats/iphone-xs.heic", "20"),
        ("photos/cameras/gopro-hero11-gps.jpg", "2024-04-30"),
    ],
)
def test_exif_is_read_from_every_format(read, media, name, date):
    assert read(media / name).chosen.taken.shown.startswith(date)


def test_more_than_two_megabytes_of_findings_are_cut_and_flagged():
    raw = {f"XMP-x:{number}": "y" * 60_000 for number in range(40)}
    shortened = examine._shortened({"exiftool": raw, "list": list(range(2000)), "none": None})
    assert max(map(len, shortened["exiftool"].values())) == 32 * 1024
    assert len(shortened["list"]) == 1000
    told = report.Report(raw=raw)
    choice = examine.choose(
        examine.Sources(
            raw={}, block=told.block, camera=examine.camera.Camera(texts={}), filename="x", hints=examine.Hints()
        ),
        declared=None, zone=None, deposited_at=None,
    )  # fmt: skip
    technical, flags = examine._technical(told, choice)
    assert flags == {"metadata-cut"}
    assert len(json.dumps(technical)) < 2 * 1024 * 1024


def test_an_iim_block_that_is_no_base64_is_flagged():
    assert report._block({"IPTC:IPTC": "base64:!!!"}).flags == ("metadata-damaged",)
    assert report._block({"IPTC:IPTC": "ə"}).flags == ("metadata-damaged",)
    assert report._block({"IPTC:IPTC": ["\x1c\x02\x05\x00\x02ab"]}).first((2, 5)) == "ab"
