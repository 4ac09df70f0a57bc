"""The development media: every film and recording ends as its row says, and what was made of it is sound."""

import csv
import json
import re
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest
from filming import outcome_of, shooting_of
from PIL import Image, ImageStat

from archive.model.asset import AssetType
from archive.model.timeline import timeline
from archive.sandbox.ffprobe import FFprobe
from transcode.video import render_first

FOLDERS = {"videos", "audio"}
BESIDES = {"hostile/mp4-named.jpg", "hostile/truncated-no-index.mp4"}
SLOW = {"videos/six-minutes.mp4"}  # three minutes of processor time
LENGTH_SECONDS, APART_SECONDS = 0.05, 0.02

pytestmark = pytest.mark.xdist_group("films")


def listed(media):
    with (media / "MANIFEST.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        row for row in rows if row["path"].partition("/")[0] in FOLDERS or row["path"] in BESIDES
    ]


@pytest.fixture(scope="module")
def outcomes(media, sandbox, tmp_path_factory):
    base = tmp_path_factory.mktemp("films")
    rows = [row for row in listed(media) if row["path"] not in SLOW]
    with ThreadPoolExecutor(max_workers=2) as pool:
        made = pool.map(lambda row: outcome_of(media / row["path"], sandbox, base), rows)
        return {row["path"]: (row, one) for row, one in zip(rows, made, strict=True)}


def film(outcomes, name):
    return outcomes[f"videos/{name}"][1]


def made_of(one, profile):
    return next(file for file in one.made.files if file.profile == profile)


def variants(one):
    """(playlist, width, height, rate) of each line of the master playlist."""
    master = made_of(one, "ladder/master.m3u8").path.read_text()
    pattern = r"RESOLUTION=(\d+)x(\d+),FRAME-RATE=([\d.]+)\n(\S+)"
    return [
        (uri, int(width), int(height), float(rate))
        for width, height, rate, uri in re.findall(pattern, master)
    ]


def rungs(one):
    return [file for file in one.made.files if file.profile.endswith(".mp4")]


def films(outcomes):
    return {
        path: one for path, (_, one) in outcomes.items() if one.made and one.type is AssetType.VIDEO
    }


def test_every_film_and_recording_ends_as_its_row_says(outcomes):
    wrong = []
    for path, (row, one) in outcomes.items():
        reason = str(one.trouble.reason) if one.trouble else None
        expected = None if row["expected"] == "ok" else row["reason"]
        if reason != expected:
            wrong.append((path, expected, one.trouble))
    assert len(outcomes) == 40
    assert wrong == []


def test_every_film_has_rungs_playlists_poster_and_storyboard(outcomes):
    for path, one in films(outcomes).items():
        profiles = {file.profile for file in one.made.files}
        needed = {"ladder/master.m3u8", "poster", "preview", "thumbnail", "storyboard.vtt"}
        assert needed <= profiles, path
        assert one.made.files[-1].profile == "ladder/master.m3u8", path
        for uri, width, height, _ in variants(one):
            assert f"ladder/{uri}" in profiles
            assert made_of(one, f"ladder/{uri}").width == width
            assert (width % 2, height % 2) == (0, 0)


def test_byte_ranges_cut_each_rung_into_whole_fragments(outcomes):
    for path, one in films(outcomes).items():
        for rung in rungs(one):
            data = rung.path.read_bytes()
            playlist = rung.path.with_suffix(".m3u8").read_text()
            (start,) = re.findall(r'BYTERANGE="(\d+)@0"', playlist)
            assert data[4:8] == b"ftyp", path
            assert data[int(start) + 4 : int(start) + 8] == b"sidx", path
            spans = [tuple(map(int, span)) for span in re.findall(r"RANGE:(\d+)@(\d+)", playlist)]
            for length, offset in spans:
                assert data[offset + 4 : offset + 8] == b"moof", path
                assert offset + length <= len(data)
            assert sum(length for length, _ in spans) <= len(data)
            longest = max(float(one) for one in re.findall(r"#EXTINF:([\d.]+)", playlist))
            (target,) = re.findall(r"TARGETDURATION:(\d+)", playlist)
            assert longest <= int(target) + 0.5


def test_each_rung_tells_its_length_in_its_header(outcomes):
    for path, one in films(outcomes).items():
        for rung in rungs(one):
            head = rung.path.read_bytes()[:8192]
            at = head.find(b"mehd")
            assert at > 0, path
            (ticks,) = struct.unpack_from(">Q", head, at + 8)
            mvhd = head.find(b"mvhd")
            (scale,) = struct.unpack_from(">I", head, mvhd + 16)
            seconds = ticks / scale
            assert abs(seconds - one.streams.seconds) < 0.6, path


@pytest.mark.parametrize(
    ("name", "size", "rate"),
    [
        ("hdr10-av1.mp4", (720, 1280), 29.97),
        ("hdr10-hevc-vfr.mp4", (1920, 1080), 27.52),
        ("hlg-hevc.mp4", (1920, 1080), 29.99),
        ("rotated-180.mp4", (1280, 720), 29.97),
        ("rotated-270.mp4", (720, 1280), 29.97),
        ("rotated-90-mirrored.mp4", (720, 1080), 29.97),
        ("variable-frame-rate.mp4", (480, 320), 17.10),
        ("interlaced-mpeg2.mxf", (720, 576), 25.0),
        ("street-hevc-aac.mp4", (1080, 1444), 28.82),
        ("vp9.webm", (320, 240), 29.97),
        ("nasa-two-programmes-subtitles.mp4", (480, 270), 29.97),
        ("vp9-10bit.webm", (426, 240), 23.98),
        ("av1-aac.mp4", (1080, 720), 29.97),
        ("mpeg2-mp2.ts", (640, 426), 29.97),
        ("prores-pcm.mov", (480, 320), 30.0),
        ("place-35s-low-resolution.mp4", (320, 180), 29.94),
        ("tiny.3gp", (28, 24), 12.0),
    ],
)
def test_size_rate_and_length_of_the_top_rung(outcomes, sandbox, name, size, rate):
    one = film(outcomes, name)
    _, width, height, made_rate = variants(one)[-1]
    assert (width, height) == size
    assert made_rate == pytest.approx(rate, abs=0.05)
    top = max(rungs(one), key=lambda rung: rung.width)
    probe = FFprobe.find(sandbox)
    seen = probe.read(top.path, "mov")
    picture = seen["streams"][0]
    lines = probe.packets(top.path, "mov")
    line = timeline(lines[0])
    source = one.streams.film.timeline
    assert abs(line.seconds - source.seconds) <= LENGTH_SECONDS
    assert picture["color_space"] == picture["color_transfer"] == "bt709"
    assert picture["pix_fmt"] == "yuv420p"
    if one.streams.sound:
        apart = timeline(lines[1]).first - line.first
        was = one.streams.sound.timeline.first - source.first
        assert abs(apart - was) <= APART_SECONDS + 0.024  # the encoder's own lead-in


def test_frames_of_a_variable_rate_stay_where_they_were(outcomes, sandbox):
    one = film(outcomes, "variable-frame-rate.mp4")
    probe = FFprobe.find(sandbox)
    shown = [
        sorted(packet.pts for packet in probe.packets(path, "mov")[0])
        for path in (one.path, rungs(one)[0].path)
    ]
    assert len(shown[0]) == len(shown[1]) == 102
    assert max(abs(a - b) for a, b in zip(*shown, strict=True)) < 0.002


def test_a_film_without_sound_has_silent_rungs(outcomes):
    for name in ("vp9.webm", "sound-track-without-description.mp4", "tiny.3gp"):
        one = film(outcomes, name)
        assert "silent" in one.flags
        assert "mp4a" not in made_of(one, "ladder/master.m3u8").path.read_text()


def test_a_place_never_reaches_a_rendition(outcomes):
    one = film(outcomes, "gopro-coast-telemetry.mp4")
    for rung in rungs(one):
        data = rung.path.read_bytes()
        for mark in (b"GoPro", b"gpmd", b"GPMF", b"tmcd", b"\xa9xyz"):
            assert mark not in data


def test_high_dynamic_range_is_shown_neither_dark_nor_washed_out(outcomes):
    for name in ("hdr10-av1.mp4", "hdr10-hevc-vfr.mp4", "hlg-hevc.mp4"):
        one = film(outcomes, name)
        assert "hdr" in one.flags
        with Image.open(made_of(one, "poster").path) as poster:
            grey = ImageStat.Stat(poster.convert("L"))
        assert 40 < grey.mean[0] < 215, name
        assert grey.stddev[0] > 20, name


def test_the_storyboard_fits_its_sheets(outcomes):
    for path, one in films(outcomes).items():
        text = made_of(one, "storyboard.vtt").path.read_text()
        cues = re.findall(r"(storyboard/\d+\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)", text)
        assert cues, path
        for sheet, x, y, width, height in cues:
            file = made_of(one, sheet)
            assert int(width) == 160
            assert int(x) + int(width) <= file.width
            assert int(y) + int(height) <= file.height


def test_a_recording_has_a_waveform_and_its_loudness(outcomes):
    row, one = outcomes["audio/interview.wav"]
    assert one.type is AssetType.AUDIO
    told = json.loads(made_of(one, "waveform.json").path.read_text())
    assert len(told["pairs"]) == 4000
    close = json.loads(made_of(one, "waveform/0001.json").path.read_text())["pairs"]
    assert (told["pages"], told["pairs_a_second"]) == (1, 20)
    assert len(close) == pytest.approx(2 * 20 * 45.3, abs=4)
    assert (min(close), max(close)) == (min(told["pairs"]), max(told["pairs"]))
    assert one.made.facts == {"loudness_lufs": told["loudness_lufs"]}
    assert told["seconds"] == pytest.approx(45.3, abs=0.1)
    assert -60 < told["loudness_lufs"] < -10
    assert min(told["pairs"][::2]) < -20
    assert max(told["pairs"][1::2]) > 20
    assert row["expected"] == "ok"


def test_cover_art_becomes_the_poster(outcomes):
    one = outcomes["audio/bear-id3.mp3"][1]
    assert made_of(one, "poster").width == 1400
    assert made_of(one, "thumbnail").width == 320
    assert outcomes["audio/alac.mp4"][1].type is AssetType.AUDIO


def test_what_plays_already_is_copied_as_the_first_playable(media, sandbox, tmp_path):
    path = media / "videos" / "frog-h264-aac.mp4"
    made = render_first(shooting_of(path, sandbox, tmp_path))
    profiles = [file.profile for file in made.files]
    assert profiles[-3:] == ["first/source.mp4", "first/source.m3u8", "first/master.m3u8"]
    playlist = made.files[-2].path.read_text()
    seconds = sum(float(one) for one in re.findall(r"#EXTINF:([\d.]+)", playlist))
    assert seconds == pytest.approx(8.267, abs=0.05)
    assert made.files[-3].path.stat().st_size < path.stat().st_size * 1.02


def test_what_does_not_play_begins_with_the_lowest_rung(media, sandbox, tmp_path):
    shooting = shooting_of(media / "videos" / "av1-aac.mp4", sandbox, tmp_path)
    profiles = {file.profile for file in render_first(shooting).files}
    assert {"first/360.mp4", "first/360.m3u8", "first/master.m3u8", "poster"} <= profiles
