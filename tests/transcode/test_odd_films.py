"""Films as tapes, phones and accidents make them: fields without a flag, sound that goes on, two languages, odd rates and sizes."""

from dataclasses import replace

import m3u8
import pytest
from filming import film, material_of, outcome_of, shooting_of

from archive.model.asset import AssetType
from archive.model.streams import streams_from
from archive.model.timeline import timeline
from archive.sandbox.ffprobe import FFprobe
from transcode import closer, ladder, voices
from transcode.video import Earlier, render_first, render_ladder

pytestmark = pytest.mark.xdist_group("films")

PICTURE = "-f lavfi -i testsrc2=s=320x240:r=25"
TONE = "-f lavfi -i sine=f=440:r=48000"
SMALL = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25"


def master_of(made) -> m3u8.M3U8:
    path = next(one.path for one in made.files if one.profile.endswith("/master.m3u8"))
    return m3u8.loads(path.read_text(encoding="utf-8"))


def seen(path, sandbox, stream=0):
    return timeline(FFprobe.find(sandbox).packets(path, "mov")[stream])


def rung(outcome):
    return next(one.path for one in outcome.made.files if one.profile == "ladder/240.mp4")


def test_fields_that_no_flag_tells_of_are_woven_apart(sandbox, tmp_path) -> None:
    woven = "-vf interlace=scan=tff,setfield=prog -c:v mpeg2video -b:v 4M -t 4"
    path = film(tmp_path / "f.ts", f"-f lavfi -i testsrc2=s=720x576:r=50 {woven}")
    shooting = shooting_of(path, sandbox, tmp_path)
    assert not shooting.streams.film.interlaced
    looked = closer.look(path, shooting.streams.film, "mpegts", sandbox)
    assert (looked.film.parity, looked.flags) == ("tff", (closer.FIELDS,))
    plan = ladder.plan_of(
        replace(shooting.streams, film=looked.film), looked.film, shooting.demuxer
    )
    assert "bwdif=deint=all:mode=send_frame:parity=tff" in " ".join(ladder.arguments(plan))


def test_a_progressive_tape_stays_as_it_is(sandbox, tmp_path) -> None:
    drawn = "-f lavfi -i mandelbrot=s=320x240:r=25"
    path = film(tmp_path / "p.ts", f"{drawn} -t 1 -c:v mpeg2video -b:v 4M")
    found = material_of(path, sandbox).streams.film
    looked = closer.look(path, found, "mpegts", sandbox)
    assert (looked.film, looked.flags) == (found, ())


def test_the_last_picture_is_held_while_sound_goes_on(sandbox, tmp_path) -> None:
    path = film(tmp_path / "l.mp4", f"-t 1 {PICTURE} -t 3 {TONE} {SMALL} -c:a aac")
    one = outcome_of(path, sandbox, tmp_path)
    assert "sound-longer" in one.flags
    assert one.trouble is None
    assert seen(rung(one), sandbox).seconds == pytest.approx(3.0, abs=0.1)
    assert seen(rung(one), sandbox, 1).end == pytest.approx(3.0, abs=0.1)


def test_one_late_packet_of_sound_holds_the_picture_no_longer_than_it_lasts(
    sandbox, tmp_path
) -> None:
    late = "asetnsamples=1024,asetpts=PTS+gt(N\\,45000)*86000/TB"
    sources = f"{PICTURE}:d=0.04 -f lavfi -i sine=f=440:r=48000:d=1.1"
    path = film(tmp_path / "far.mkv", f"{sources} -filter:a {late} {SMALL} -c:a pcm_s16le")
    shooting = shooting_of(path, sandbox, tmp_path)
    assert shooting.streams.seconds > 86_000
    plan = ladder.plan_of(shooting.streams, shooting.streams.film, shooting.demuxer)
    assert plan.streams.held_seconds < 3
    assert plan.frames < 100
    assert plan.seconds_there < 5
    one = outcome_of(path, sandbox, tmp_path)
    assert seen(rung(one), sandbox).count < 100


def test_other_languages_are_sounds_of_their_own(sandbox, tmp_path) -> None:
    said = "-metadata:s:a:0 language=aze -metadata:s:a:1 language=rus -metadata:s:a:2 language=rus"
    mapped = "-map 0:v -map 1:a -map 1:a -map 1:a"
    path = film(tmp_path / "v.mkv", f"{PICTURE} {TONE} {mapped} -t 5 {SMALL} -c:a aac -ac 2 {said}")
    one = outcome_of(path, sandbox, tmp_path)
    master = master_of(one.made)
    assert [(each.language, each.name, each.default) for each in master.media] == [
        ("az", "Azərbaycanca", "YES"),
        ("ru", "Русский", "NO"),
    ]
    assert master.media[0].uri is None
    assert {playlist.stream_info.audio for playlist in master.playlists} == {"sound"}
    profiles = {each.profile: each.path for each in one.made.files}
    listed = m3u8.loads(profiles[f"ladder/{master.media[1].uri}"].read_text())
    assert sum(segment.duration for segment in listed.segments) == pytest.approx(5.0, abs=0.1)
    assert len(listed.segments) == 2
    assert f"ladder/{listed.segments[0].uri}" in profiles


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("aze", ("az", "Azərbaycanca")),
        ("ru-RU", ("ru", "Русский")),
        ("sqi", ("sqi", "sqi")),
        ('x"\n#EXT', ("und", "Original")),
        (None, ("und", "Original")),
    ],
)
def test_a_language_is_told_by_its_tag_and_own_name(said, told) -> None:
    streams = streams_from({
        "probe": {
            "streams": [
                {"index": 0, "codec_type": "audio", "codec_name": "aac", "channels": 2,
                 "sample_rate": "48000", "tags": {"language": said} if said else {}}
            ]
        },
        "timelines": {},
    })  # fmt: skip
    assert voices.spoken(streams.sound) == told


def test_a_size_that_changes_on_the_way_is_flagged_and_never_copied(sandbox, tmp_path) -> None:
    for name, size in (("a", "320x240"), ("b", "480x360")):
        film(tmp_path / f"{name}.mp4", f"-f lavfi -i testsrc2=s={size}:r=25 -t 2 {SMALL}")
    (tmp_path / "list.txt").write_text("file a.mp4\nfile b.mp4\n")
    path = film(tmp_path / "c.mkv", f"-f concat -i {tmp_path}/list.txt -c copy")
    one = outcome_of(path, sandbox, tmp_path)
    assert closer.RESIZED in one.made.flags
    assert one.trouble is None
    assert seen(rung(one), sandbox).count == 100


def test_a_thousand_frames_a_second_become_at_most_sixty(sandbox, tmp_path) -> None:
    path = film(tmp_path / "t.mp4", f"-f lavfi -i testsrc2=s=64x64:r=1000 -t 1 {SMALL}")
    one = outcome_of(path, sandbox, tmp_path)
    assert "very-fast" in one.flags
    made = next(each for each in one.made.files if each.profile == "ladder/64.mp4")
    assert seen(made.path, sandbox).rate <= 61


def test_one_single_frame_is_a_film_too(sandbox, tmp_path) -> None:
    path = film(tmp_path / "o.mp4", f"{PICTURE} -frames:v 1 {SMALL}")
    one = outcome_of(path, sandbox, tmp_path)
    assert one.type is AssetType.VIDEO
    assert one.trouble is None
    assert seen(rung(one), sandbox).count == 1


def test_the_ladder_takes_over_the_rung_of_the_first_playable(sandbox, tmp_path) -> None:
    source = f"-f lavfi -i testsrc2=s=640x480:r=25 {TONE} -t 3 -c:v mpeg4 -q:v 3 -c:a mp2"
    path = film(tmp_path / "s.avi", source)
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    shooting = shooting_of(path, sandbox, first)
    made = render_first(shooting)
    earlier = next(one for one in made.files if one.profile == "first/360.mp4")
    lent = Earlier(earlier.path, made.recipe)
    whole = render_ladder(replace(shooting, folder=second, earlier=lent))
    taken = next(one for one in whole.files if one.profile == "ladder/360.mp4")
    assert taken.path.read_bytes() == earlier.path.read_bytes()
    assert [each.stream_info.resolution for each in master_of(whole).playlists] == [
        (480, 360),
        (640, 480),
    ]


def test_a_rung_that_goes_away_before_it_is_taken_over_is_made_anew(sandbox, tmp_path) -> None:
    path = film(tmp_path / "s.avi", "-f lavfi -i testsrc2=s=640x480:r=25 -t 1 -c:v mpeg4 -q:v 3")
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    shooting = shooting_of(path, sandbox, first)
    recipe = render_first(shooting).recipe
    gone = Earlier(tmp_path / "gone.mp4", recipe)
    whole = render_ladder(replace(shooting, folder=second, earlier=gone))
    taken = next(one for one in whole.files if one.profile == "ladder/360.mp4")
    assert taken.path.read_bytes()[4:8] == b"ftyp"


def test_a_rung_of_another_recipe_is_not_taken_over(sandbox, tmp_path) -> None:
    path = film(tmp_path / "s.avi", "-f lavfi -i testsrc2=s=640x480:r=25 -t 1 -c:v mpeg4 -q:v 3")
    folder = tmp_path / "made"
    folder.mkdir()
    foreign = tmp_path / "foreign.mp4"
    foreign.write_bytes(b"no film")
    shooting = shooting_of(path, sandbox, folder)
    made = render_ladder(replace(shooting, earlier=Earlier(foreign, "another")))

    taken = next(one for one in made.files if one.profile == "ladder/360.mp4")
    assert taken.path.read_bytes()[4:8] == b"ftyp"


def test_a_copied_first_playable_brings_a_poster(sandbox, tmp_path) -> None:
    path = film(tmp_path / "w.mp4", f"{PICTURE} {TONE} -t 4 {SMALL} -profile:v high -c:a aac -ac 2")
    folder = tmp_path / "made"
    folder.mkdir()
    made = render_first(shooting_of(path, sandbox, folder))
    profiles = {one.profile: one for one in made.files}
    assert {"first/source.mp4", "poster", "preview", "thumbnail"} <= set(profiles)
    assert (profiles["poster"].width, profiles["poster"].height) == (320, 240)
    assert made.placeholder
