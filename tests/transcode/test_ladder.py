"""The ladder: rungs by the short edge, what may be copied, the storyboard's interval, the arguments."""

from dataclasses import replace
from fractions import Fraction

import pytest

from archive.model.streams import MOST_HELD_SECONDS, Film, Streams, streams_of
from archive.model.timeline import LONGEST_PACKET, Packet, Timeline, timeline
from transcode import ladder, packaging, ready, storyboard
from transcode.packaging import Package, Segment, Variant

FILM = Film(
    index=0, codec="h264", profile="High", level=40, pixels="yuv420p", width=1920, height=1080,
    sar=Fraction(1), rotation=0, odd_rotation=False, rate=30.0, interlaced=False,
    transfer="bt709", matrix="bt709", full_range=False,
    timeline=Timeline(count=900, end=30.0, longest_gap=0.034, longest_key_gap=2.0),
    bits_a_second=4e6, dolby=False,
)  # fmt: skip


def test_the_ladder_goes_by_the_short_edge() -> None:
    def edges(width, height):
        return [rung.edge for rung in ladder.rungs_of(replace(FILM, width=width, height=height))]

    assert edges(3840, 2160) == [1080, 720, 480, 360]
    assert edges(1080, 1920) == [1080, 720, 480, 360]
    assert edges(1280, 720) == [720, 480, 360]
    assert edges(1024, 576) == [576, 360]
    assert edges(640, 426) == [426]
    assert edges(321, 181) == [180]


def test_a_storyboard_has_at_most_400_pictures() -> None:
    assert [ladder.interval_of(seconds) for seconds in (8, 400, 401, 7200, 24 * 3600)] == [
        1, 1, 2, 20, 240,
    ]  # fmt: skip


def test_plain_h264_may_be_the_top_rung() -> None:
    assert ready.may_be_top(FILM)


@pytest.mark.parametrize(
    "change",
    [
        {"codec": "hevc"},
        {"profile": "High 10"},
        {"pixels": "yuv422p"},
        {"level": 52},
        {"interlaced": True},
        {"transfer": "smpte2084"},
        {"rate": 119.9},
        {"timeline": replace(FILM.timeline, leading=3)},
        {"timeline": replace(FILM.timeline, rises=False)},
        {"timeline": replace(FILM.timeline, longest_key_gap=11.0)},
    ],
    ids=str,
)
def test_what_browsers_cannot_play_is_not_copied(change) -> None:
    assert not ready.picture_plays(replace(FILM, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"rotation": 90},
        {"sar": Fraction(4, 3)},
        {"width": 3840, "height": 2160},
        {"timeline": replace(FILM.timeline, longest_key_gap=6.0)},
        {"bits_a_second": 0.0},
    ],
    ids=str,
)
def test_what_plays_alone_may_not_stand_above_other_rungs(change) -> None:
    odd = replace(FILM, **change)
    assert ready.picture_plays(odd)
    assert not ready.may_be_top(odd)


def test_packets_tell_the_true_length_and_the_frames_before_a_key_frame() -> None:
    packets = [
        Packet(0.0, 0.0, 0.1, 100, True),
        Packet(0.2, 0.1, 0.1, 10, False),
        Packet(0.1, 0.2, 0.1, 10, False),
        Packet(0.5, 0.3, 0.1, 100, True),
        Packet(0.4, 0.4, 0.1, 10, False),
    ]
    line = timeline(packets)
    assert (line.count, line.first, line.leading, line.rises) == (5, 0.0, 1, True)
    assert line.end == pytest.approx(0.6)
    assert line.longest_key_gap == pytest.approx(0.5)
    assert line.longest_gap == pytest.approx(0.2)


def test_a_gap_and_a_claim_are_no_length_that_is_there() -> None:
    packets = [Packet(at, at, 0.02, 10, True) for at in (0.0, 0.02, 86_000.0)]
    line = timeline(packets)
    assert line.seconds == pytest.approx(86_000.02)
    assert line.lasting == pytest.approx(0.06)
    claimed = [Packet(at, at, 9_000.0, 10, True) for at in (0.0, 86_000.0)]
    assert timeline(claimed).lasting == 2 * LONGEST_PACKET
    silent_about_it = [Packet(at / 10, at / 10, 0.0, 10, True) for at in range(10)]
    assert timeline(silent_about_it).lasting == pytest.approx(1.0)


def test_a_timeline_kept_before_packets_were_summed_up_counts_as_whole() -> None:
    kept = Timeline(count=3, first=1.0, end=5.0).to_json()
    del kept["lasting"]
    assert Timeline.from_json(kept).lasting == 4.0


def sounding(**line) -> Streams:
    """A film of one second whose sound has this timeline."""
    sound = {"index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2, "sample_rate": "48000"}  # fmt: skip
    streams = streams_of({"streams": [sound]}, {1: Timeline(**line)})
    return replace(streams, film=replace(FILM, timeline=Timeline(count=30, end=1.0, lasting=1.0)))


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ({"count": 150, "end": 3.0, "lasting": 3.0}, 2.0),
        ({"count": 2, "end": 86_000.0, "lasting": 4.0}, 4.0),
        ({"count": 2, "end": 86_000.0, "lasting": 0.04}, 0.0),
        ({"count": 9, "end": 86_000.0, "lasting": 86_000.0}, MOST_HELD_SECONDS),
        ({"count": 70, "end": 1.4, "lasting": 1.4}, 0.0),
    ],
)
def test_the_last_picture_is_held_as_long_as_there_are_packets_of_sound(line, held) -> None:
    assert sounding(**line).held_seconds == pytest.approx(held)


def test_a_budget_goes_by_what_is_there_and_not_by_what_is_claimed() -> None:
    streams = sounding(count=2, end=86_000.0, lasting=4.0)
    assert ladder.plan_of(streams, streams.film, "mov").seconds_there == pytest.approx(5.0)
    far = replace(FILM, timeline=Timeline(count=2, end=86_000.0), rate=0.00002)
    silent = replace(streams, film=far, sounds=())
    assert ladder.plan_of(silent, far, "mov").seconds_there == pytest.approx(2.0)
    spoken = sounding(count=9000, end=180.0, lasting=180.0)
    assert ladder.plan_of(spoken, spoken.film, "mov").seconds_there == pytest.approx(180.0)


def test_a_cover_is_no_film_and_the_default_stream_wins() -> None:
    cover = {"index": 1, "codec_type": "video", "codec_name": "mjpeg", "width": 9, "height": 9,
             "disposition": {"attached_pic": 1}}  # fmt: skip
    sound = {"index": 0, "codec_type": "audio", "codec_name": "mp3", "channels": 2, "sample_rate": "48000"}  # fmt: skip
    streams = streams_of({"streams": [sound, cover], "format": {"duration": "2"}}, {})
    assert (streams.film, streams.cover, streams.sound.codec) == (None, 1, "mp3")


def test_playlists_name_byte_ranges_and_the_lowest_rung_first() -> None:
    package = Package(
        map_bytes=100,
        segments=(Segment(200, 1000, 4.0), Segment(1200, 500, 1.5)),
        codecs="avc1.64001F,mp4a.40.2",
    )
    lines = packaging.media_playlist(package, "720.mp4").splitlines()
    assert '#EXT-X-MAP:URI="720.mp4",BYTERANGE="100@0"' in lines
    assert lines[-6:-4] == ["#EXT-X-BYTERANGE:1000@200", "720.mp4"]
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert "#EXT-X-TARGETDURATION:4" in lines
    high = Variant(uri="720.m3u8", package=package, width=1280, height=720, rate=29.97)
    low = Variant(uri="360.m3u8", package=package, width=640, height=360, rate=29.97)
    master = packaging.master_playlist([high, low]).splitlines()
    assert [line for line in master if not line.startswith("#")] == ["360.m3u8", "720.m3u8"]
    assert "BANDWIDTH=2667,AVERAGE-BANDWIDTH=2182" in master[3]


def test_a_storyboards_cues_follow_the_sheets() -> None:
    text = storyboard.vtt(102, (160, 90), 2, 203.5)
    blocks = text.split("\n\n")
    assert blocks[1] == "00:00:00.000 --> 00:00:02.000\nstoryboard/0001.jpg#xywh=0,0,160,90"
    assert "storyboard/0001.jpg#xywh=1440,810,160,90" in blocks[100]
    assert blocks[102].strip() == (
        "00:03:22.000 --> 00:03:23.500\nstoryboard/0002.jpg#xywh=160,0,160,90"
    )
