"""The development media: every photograph comes out as its row says, upright and in the right colours."""

import csv
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageChops, ImageStat

from archive.errors import UnreadableMedia
from ingest.identify import LEADING_BYTES, identify

pytestmark = pytest.mark.xdist_group(
    "photographs of the set"
)  # what all its tests look at is made once

NOT_YET = {"photos/formats/nikon-d500.dng", "photos/formats/flower-lossless.jxl", "photos/formats/oriented.jxl"}  # fmt: skip
FILMS = {"hostile/mp4-named.jpg", "hostile/truncated-no-index.mp4"}
FOLDERS = {"photos", "press", "duplicates", "hostile"}


@pytest.fixture(scope="module")
def rows(media):
    with (media / "MANIFEST.tsv").open(encoding="utf-8") as stream:
        listed = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        row
        for row in listed
        if row["path"].partition("/")[0] in FOLDERS and row["path"] not in FILMS
    ]


@pytest.fixture(scope="module")
def outcomes(media, rows, render):
    """(row, what was made or None, reason of a refusal or trouble or None)."""

    def outcome(row):
        path = media / row["path"]
        data = path.read_bytes()
        try:
            known = identify(data[:LEADING_BYTES], path.name, len(data), data[-LEADING_BYTES:])
        except UnreadableMedia as refusal:
            return row, None, refusal.reason
        made = render(path, known.media_type, known.flags)
        return row, made, made.trouble.reason if made.trouble else None

    with ThreadPoolExecutor(max_workers=2) as pool:
        return {
            row["path"]: found for row, found in zip(rows, pool.map(outcome, rows), strict=True)
        }


def test_every_photograph_ends_as_its_row_says(outcomes):
    wrong = []
    for path, (row, made, reason) in outcomes.items():
        expected = {"ok": {None}, "refused": {row["reason"]}, "either": {None, row["reason"]}}
        allowed = {"unsupported"} if path in NOT_YET else expected[row["expected"]]
        if reason not in allowed or (reason is None and len(made.stills) != 2):
            wrong.append((path, row["reason"], reason))
    assert len(outcomes) == 98
    assert wrong == []


def test_what_was_made_is_small_clean_and_counted_right(outcomes):
    for path, (_, made, _) in outcomes.items():
        for still in made.stills if made else ():
            data = still.path.read_bytes()
            assert hashlib.sha256(data).hexdigest() == still.sha256, path
            assert max(still.width, still.height) <= (1440 if still.profile == "preview" else 320)
            for carrier in (b"Exif", b"ICC_PROFILE", b"http://ns.adobe", b"Photoshop", b"ftyp"):
                assert carrier not in data, (path, carrier)


def test_placeholder_and_colour_are_there(outcomes):
    for path, (_, made, _) in outcomes.items():
        if made and made.stills:
            assert len(made.placeholder) <= 36, path
            assert len(made.colour) == 7, path


def preview(outcomes, path):
    made = outcomes[path][1]
    path = next(still.path for still in made.stills if still.profile == "preview")
    return Image.open(io.BytesIO(path.read_bytes()))


def difference(one, other):
    """Mean difference per channel, 0 to 255, of two pictures of one size."""
    small = other.resize(one.size).convert("RGB")
    return sum(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), small)).mean) / 3


@pytest.mark.parametrize("orientation", range(2, 9))
def test_all_eight_orientations_come_out_alike(outcomes, orientation):
    upright = preview(outcomes, "photos/orientation/landscape-1.jpg")
    turned = preview(outcomes, f"photos/orientation/landscape-{orientation}.jpg")
    assert turned.size == upright.size
    assert difference(upright, turned) < 6
    # turned wrongly, the waterfall is elsewhere
    assert difference(upright, turned.transpose(Image.Transpose.ROTATE_180)) > 20


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("photos/orientation/landscape-6.jpg", (1800, 1200)),
        ("photos/orientation/portrait-6.jpg", (1200, 1800)),
        ("photos/formats/iphone-xs.heic", (3024, 4032)),
        ("photos/formats/samsung-s24-200-megapixels.heic", (12240, 16320)),
        ("photos/formats/rotated-mirrored.avif", (640, 427)),
        ("photos/cameras/samsung-s5-orientation-0.jpg", (1600, 900)),
        ("photos/formats/frozenpond.mpo", (640, 480)),
    ],
)
def test_the_size_of_the_upright_original_is_known(outcomes, path, size):
    made = outcomes[path][1]
    assert (made.width, made.height) == size


@pytest.mark.parametrize(
    ("path", "reference", "within"),
    [
        ("photos/formats/iphone-display-p3.jpg", "photos/formats/iphone-xs.heic", 4),
        ("photos/formats/cmyk.tif", "photos/formats/lzw-tiled.tif", 20),
        ("photos/formats/lossless.webp", "photos/formats/lzw-tiled.tif", 2),
        ("photos/formats/paris-exif-xmp-icc.png", "photos/formats/paris-exif-xmp-icc.avif", 6),
        ("photos/formats/seine-hdr-rec2020.avif", "photos/formats/seine-gain-map.jpg", 20),
        ("hostile/bomb-text-chunk.png", "hostile/png-named.jpg", 1),
    ],
)
def test_one_picture_in_two_forms_looks_alike(outcomes, path, reference, within):
    assert difference(preview(outcomes, path), preview(outcomes, reference)) < within


def test_lab_and_deep_pictures_are_neither_black_nor_white(outcomes):
    for name in ("lab.tif", "nikon-d300-16bit-rec2020.png", "sony-rx1rm2-16bit.tif"):
        mean = ImageStat.Stat(preview(outcomes, f"photos/formats/{name}").convert("L")).mean[0]
        assert 20 < mean < 235, name


def test_high_dynamic_range_and_animation_are_flagged(outcomes):
    assert "hdr" in outcomes["photos/formats/seine-hdr-rec2020.avif"][1].flags
    assert "animated" in outcomes["photos/formats/animated.webp"][1].flags
    assert "untagged-cmyk" in outcomes["photos/formats/cmyk.tif"][1].flags
    assert "multi-picture" in outcomes["photos/formats/multipage.tif"][1].flags


def test_a_broken_off_jpeg_keeps_what_arrived(outcomes):
    made = outcomes["hostile/truncated.jpg"][1]
    assert made.trouble.reason == "truncated"
    assert len(made.stills) == 2
