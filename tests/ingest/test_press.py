"""The press photographs: every field that stands in them is read, in each language, as a careful reader would."""

import json
import unicodedata

import pytest

pytestmark = pytest.mark.xdist_group("press")  # what all its tests look at is made once

TEXTS = {
    "headline": "headline",
    "credit": "credit",
    "source": "source",
    "city": "city",
    "country": "country",
    "countryCode": "country_code",
    "sublocation": "sublocation",
    "creatorJobTitle": "creator_job",
    "captionWriter": "description_writer",
    "instructions": "instructions",
    "urgency": "urgency",
    "objectName": "title",
    "caption": "description",
    "copyright": "copyright",
}
LANGUAGES = {
    "title": "title",
    "description": "description",
    "rights": "copyright",
    "usageTerms": "usage_terms",
    "altText": "alt_text",
}
ELSEWHERE = {
    "charset",
    "marker",
    "captionEndsInsideALetter",
    "timeCreated",
    "defaultLanguage",
    "languageTags",
    "xDefault",
}


def nfc(value):
    return unicodedata.normalize("NFC", str(value))


def same_text(value, expected):
    if hasattr(value, "values"):
        return nfc(expected) in {nfc(text.text) for _, text in value}
    return value is not None and nfc(value) == nfc(expected)


def labels(links):
    return [{tag: nfc(text) for tag, text in link.labels.items()} for link in links]


def compare(chosen, name, expected, technical):
    """Whether one expected field was read: (field, holds) for each of its parts."""
    if name in TEXTS:
        return [(name, same_text(getattr(chosen, TEXTS[name]), expected))]
    if name in LANGUAGES:
        read = getattr(chosen, LANGUAGES[name])
        return [(f"{name}.{tag}", read.text(tag) == nfc(text)) for tag, text in expected.items()]
    if name in {"creator", "byline"}:
        return [(name, [nfc(one) for one in chosen.creator] == [nfc(expected)])]
    if name == "dateCreated":
        return [(name, same_date(chosen.taken.shown, str(expected)))]
    if name == "event":
        read = chosen.occasion.labels
        return [(f"event.{tag}", read.get(tag) == nfc(text)) for tag, text in expected.items()]
    if name == "locationShown":
        return compare_places(chosen, expected, technical)
    if name in {"keywords", "hierarchicalKeywords", "persons"}:
        return compare_bags(chosen, name, expected)
    assert name in ELSEWHERE, f"a field this test does not know: {name}"
    return []


def compare_places(chosen, expected, technical):
    read = {text for link in labels(chosen.places_shown) for text in link.values()}
    raw = technical["exiftool"]["XMP-iptcExt:LocationShown"][0]
    return [
        (f"place.{level}", raw[level] == text if level == "CountryCode" else nfc(text) in read)
        for level, text in expected.items()
    ]


def compare_bags(chosen, name, expected):
    read = {nfc(keyword.text) for keyword in chosen.keywords}
    if name == "persons":
        read = {text for link in labels(chosen.people) for text in link.values()}
    steps = [nfc(text).rpartition("|")[2] for text in expected]
    return [(f"{name} {step}", step in read) for step in steps]


def same_date(shown, expected):
    if "-" in expected or len(expected) == 4:
        return shown == expected
    return shown[:10].replace("-", "").ljust(8, "0") == expected


@pytest.fixture(scope="module")
def press(media, read):
    expected = json.loads((media / "press" / "expected.json").read_text("utf-8"))
    return {path: (entry, read(media / path)) for path, entry in expected.items()}


def test_every_expected_field_is_read_in_each_language(press):
    results = [
        (path, field, holds)
        for path, (entry, findings) in press.items()
        for name, expected in entry[entry["resolved"]["take"]].items()
        for field, holds in compare(findings.chosen, name, expected, findings.technical)
    ]
    equal = sum(holds for _, _, holds in results)
    print(f"\npress: {equal} of {len(results)} expected fields equal")
    assert len(results) > 500
    assert [(path, field) for path, field, holds in results if not holds] == []


def test_the_other_block_is_kept_raw(press):
    for path, (entry, findings) in press.items():
        raw = findings.technical["iim"]["values"]
        assert nfc(raw["2:105"][0]) == nfc(entry["iim"]["headline"]), path
        assert findings.technical["iim"]["charset"].replace("utf-8", "utf8") in {
            entry["iim"]["charset"].replace("utf-8", "utf8"),
            "ascii",
        }, path


def test_positions_are_read(press):
    compared = 0
    for path, (entry, findings) in press.items():
        if gps := entry.get("gps"):
            read = findings.chosen.coordinates
            assert abs(float(read.latitude) - gps["latitude"]) < 1e-4, path
            assert abs(float(read.longitude) - gps["longitude"]) < 1e-4, path
            if gps["altitude"] is not None:
                assert abs(float(read.altitude_metres) - gps["altitude"]) < 1, path
            compared += 1
        else:
            assert findings.chosen.coordinates is None, path
    assert compared >= 5


def with_trait(press, trait):
    found = {path: pair for path, pair in press.items() if trait in pair[0]["traits"]}
    assert found, f"no file with the trait {trait}"
    return found


def test_only_files_that_disagree_are_flagged(press):
    flagged = {path for path, (_, f) in press.items() if "metadata-disagree" in f.flags}
    disagreeing = {
        path
        for path, (entry, _) in press.items()
        if any(trait.startswith("disagree") or trait == "partial-date" for trait in entry["traits"])
    }
    assert flagged == disagreeing


def test_a_later_correction_in_iim_wins_its_language_and_asks_for_review(press):
    for entry, findings in with_trait(press, "disagree-digest-stale").values():
        description = findings.chosen.description
        assert description.text("az") == entry["iim"]["caption"]
        assert description.text("ru") == entry["xmp"]["description"]["ru"]
        assert {"iim-edited-later", "translations-need-review"} <= set(findings.flags)
        assert {"field": "city", "xmp": entry["xmp"]["city"], "iim": entry["iim"]["city"]} in (
            findings.technical["conflicts"]
        )
        assert entry["iim"]["city"] in findings.chosen.places_shown[1].labels.values()


def test_a_partial_date_is_older_than_the_copying_camera(press):
    for _, findings in with_trait(press, "partial-date").values():
        assert findings.chosen.taken.shown == "1967"
        assert findings.technical["exif"]["EXIF DateTimeOriginal"] == "2007:06:02 20:15:20"


def test_a_guessed_charset_is_said(press):
    for trait in ("iim-windows-1251-no-marker", "iim-windows-1254-no-marker"):
        for _, findings in with_trait(press, trait).values():
            assert "charset-guessed" in findings.flags


def test_a_default_text_that_is_none_of_the_languages_is_kept_apart(press):
    for entry, findings in with_trait(press, "x-default-not-one-of-the-languages").values():
        assert findings.chosen.title.text("und") == entry["xmp"]["xDefault"]["title"]


def test_an_embargo_in_the_instructions_is_flagged(press):
    for _, findings in with_trait(press, "embargo-in-instructions").values():
        assert "embargo-in-instructions" in findings.flags


def test_place_shown_and_place_of_the_camera_stay_apart(press):
    for _, findings in with_trait(press, "location-shown-differs-from-created").values():
        assert labels(findings.chosen.places_shown)[0] == {"az": "Tokio qülləsi"}
        assert labels(findings.chosen.places_created)[0] == {"az": "Zocoji məbədi"}


def test_keywords_of_a_three_language_bag_know_their_language(press):
    _, findings = press["press/hirkan-meseleri.jpg"]
    tags = {keyword.text: keyword.language for keyword in findings.chosen.keywords}
    assert tags == {
        "təbiət": "az",
        "meşə": "az",
        "nature": "en",
        "forest": "en",
        "природа": "ru",
        "лес": "ru",
    }
