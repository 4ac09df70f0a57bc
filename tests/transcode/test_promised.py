"""What a decoder left in its folder is looked at as a stranger's: real files only, of the sound that was planned, under their type."""

from dataclasses import replace

import pytest
from filming import film, shooting_of

from archive.errors import RenderFailed
from transcode import audio, making, stills, stills_of_film, video, voices, waveform
from transcode.check import check_voice
from transcode.making import MadeFile
from transcode.video import render_ladder

TONE = "-f lavfi -i sine=f=440:r=48000"
PICTURE = "-f lavfi -i testsrc2=s=320x240:r=25"

pytestmark = pytest.mark.xdist_group("films")


@pytest.fixture
def secret(tmp_path):
    """A file that the worker can read and a decoder cannot."""
    path = tmp_path / "secret.m4a"
    film(path, f"{TONE} -t 1 -c:a aac")
    return path


@pytest.mark.parametrize("kind", ["link", "folder", "nothing"])
def test_only_a_real_file_was_made(tmp_path, secret, kind) -> None:
    path = tmp_path / "made"
    if kind == "link":
        path.symlink_to(secret)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(RenderFailed, match="promised and not made"):
        making.promised(path)


def test_a_link_is_neither_listened_to_nor_drawn(sandbox, tmp_path, secret) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    shooting = shooting_of(secret, sandbox, folder)
    (folder / audio.LISTENED).symlink_to(secret)
    with pytest.raises(RenderFailed, match="promised and not made"):
        audio._checked(shooting)
    (folder / audio.WAVE).symlink_to(secret)
    with pytest.raises(RenderFailed, match="promised and not made"):
        waveform.written(folder, folder / audio.WAVE, 1.0, None)


def test_nothing_is_written_through_a_link(tmp_path, secret) -> None:
    before = secret.read_bytes()
    (tmp_path / "master.m3u8").symlink_to(secret)
    with pytest.raises(RenderFailed, match="its place is taken"):
        making.write(tmp_path / "master.m3u8", "#EXTM3U")
    assert secret.read_bytes() == before


def test_every_place_that_takes_what_was_made_asks_the_same_question() -> None:
    for module in (audio, video, waveform, stills, stills_of_film):
        assert module.promised is making.promised


@pytest.fixture
def two_voices(sandbox, tmp_path):
    """A film of five seconds in two languages, and its shooting."""
    said = "-metadata:s:a:0 language=aze -metadata:s:a:1 language=rus"
    told = f"{PICTURE} {TONE} -map 0:v -map 1:a -map 1:a -t 5 -c:v libx264 -preset ultrafast"
    path = film(tmp_path / "v.mkv", f"{told} -pix_fmt yuv420p -c:a aac -ac 2 {said}")
    folder = tmp_path / "made"
    folder.mkdir()
    return shooting_of(path, sandbox, folder)


def test_a_voice_is_recorded_as_sound(two_voices) -> None:
    made = {one.profile: one for one in render_ladder(two_voices).files}
    (voice,) = (one for profile, one in made.items() if profile.endswith("-ru.mp4"))
    assert voice.media_type == "audio/mp4"
    assert made["ladder/240.mp4"].media_type == "video/mp4"
    assert made["ladder/master.m3u8"].media_type == "application/vnd.apple.mpegurl"


def test_a_voice_as_long_as_its_source_passes_and_a_shorter_later_or_longer_one_does_not(
    two_voices, sandbox
) -> None:
    render_ladder(two_voices)
    streams = two_voices.streams
    (sound,) = streams.voices
    path = two_voices.folder / f"{voices.name_of(sound)}.mp4"
    first = streams.film.timeline.first
    assert check_voice(path, sound, first, streams, sandbox).codecs == "mp4a.40.2"
    for change in ({"end": 60.0}, {"end": 3.0}):
        other = replace(sound, timeline=replace(sound.timeline, **change))
        with pytest.raises(RenderFailed, match="not the sound that was planned"):
            check_voice(path, other, first, streams, sandbox)
    with pytest.raises(RenderFailed, match="not the sound that was planned"):
        check_voice(path, sound, first + 2.0, streams, sandbox)


@pytest.mark.parametrize(
    ("profile", "width", "media_type"),
    [
        ("ladder/720.mp4", 1280, "video/mp4"),
        ("ladder/sound-2-az.mp4", 0, "audio/mp4"),
        ("audio.m4a", 0, "audio/mp4"),
        ("storyboard.vtt", 0, "text/vtt"),
    ],
)
def test_a_made_file_is_recorded_under_its_type(tmp_path, profile, width, media_type) -> None:
    one = MadeFile(profile=profile, path=tmp_path / profile, width=width, height=width)
    assert one.media_type == media_type
