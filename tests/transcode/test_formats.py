"""Formats of which no sample lies in the development media: made here, each ends playable or with the right reason."""

import subprocess

import pytest
from filming import film, media_type_of, outcome_of

from archive.model.asset import AssetType

pytestmark = pytest.mark.xdist_group("films")

PICTURE = "-f lavfi -i testsrc2=s=320x240:r=25 -t 1"
TONE = "-f lavfi -i sine=f=440:r=48000:d=1"
BOTH = f"{PICTURE} {TONE} -t 1"
TAPE = f"-f lavfi -i testsrc2=s=720x576:r=25 {TONE} -t 1"
FILMS = [
    ("mpeg4.avi", f"{BOTH} -c:v mpeg4 -c:a mp2", "video/x-msvideo"),
    ("mjpeg.avi", f"{BOTH} -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le", "video/x-msvideo"),
    ("program.mpg", f"{BOTH} -c:v mpeg2video -c:a mp2 -f vob", "video/mpeg"),
    ("mpeg1.mpg", f"{BOTH} -c:v mpeg1video -c:a mp2 -f mpeg", "video/mpeg"),
    ("windows.wmv", f"{BOTH} -c:v wmv2 -c:a wmav2 -f asf", "video/x-ms-wmv"),
    ("flash.flv", f"{BOTH} -c:v flv -c:a mp3 -ar 44100", "video/x-flv"),
    ("tape.dv", f"{TAPE} -target pal-dv", "video/dv"),
    ("theora.ogv", f"{BOTH} -c:v libtheora -c:a libvorbis", "video/ogg"),
    ("blu-ray.m2ts", f"{BOTH} -c:v libx264 -c:a ac3 -mpegts_m2ts_mode 1 -f mpegts", "video/mp2t"),
    ("broadcast.ts", f"{BOTH} -c:v mpeg2video -c:a mp2", "video/mp2t"),
    ("camera.mxf", f"{TAPE} -c:v mpeg2video -b:v 5M -c:a pcm_s16le", "application/mxf"),
    ("prores.mov", f"{BOTH} -c:v prores_ks -c:a pcm_s16le", "video/quicktime"),
    ("dnxhd.mov", "-f lavfi -i testsrc2=s=1280x720:r=25 -frames:v 5 -c:v dnxhd -b:v 90M -pix_fmt yuv422p",
     "video/quicktime"),
    ("vp8.webm", f"{BOTH} -c:v libvpx -deadline realtime -c:a libvorbis", "video/webm"),
    ("vp9.webm", f"{BOTH} -c:v libvpx-vp9 -deadline realtime -c:a libopus", "video/webm"),
    ("hevc.mkv", f"{BOTH} -c:v libx265 -x265-params log-level=none -c:a flac", "video/x-matroska"),
    ("phone.3gp", f"{BOTH} -c:v h263 -s 352x288 -c:a aac", "video/3gpp"),
]  # fmt: skip
SOUNDS = [
    ("sony.w64", f"{TONE} -c:a pcm_s24le", "audio/x-w64"),
    ("apple.aiff", f"{TONE} -c:a pcm_s16be", "audio/aiff"),
    ("stream.aac", f"{TONE} -c:a aac -f adts", "audio/aac"),
    ("core.caf", f"{TONE} -c:a pcm_s16le", "audio/x-caf"),
    ("call.amr", f"{TONE} -c:a libopencore_amrnb -ar 8000 -ac 1", "audio/amr"),
    ("short.mp3", f"{TONE} -c:a libmp3lame", "audio/mpeg"),
    ("plain.wav", f"{TONE} -c:a pcm_f32le", "audio/wav"),
    ("free.flac", f"{TONE} -c:a flac", "audio/flac"),
    ("opus.ogg", f"{TONE} -c:a libopus", "audio/ogg"),
    ("heard.m4a", f"{TONE} -c:a aac", "audio/mp4"),
]


def made_or_skipped(path, arguments):
    encoder = arguments.rpartition("-c:a ")[2].split()[0] if "-c:a lib" in arguments else ""
    listed = subprocess.run(
        ["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, check=True
    )
    if encoder and encoder.encode() not in listed.stdout:
        pytest.skip(f"this ffmpeg has no {encoder}")
    return film(path, arguments)


@pytest.mark.parametrize(("name", "arguments", "media_type"), FILMS, ids=[one[0] for one in FILMS])
def test_a_film_of_this_format_plays(sandbox, tmp_path, name, arguments, media_type) -> None:
    path = made_or_skipped(tmp_path / name, arguments)
    assert media_type_of(path) == media_type
    one = outcome_of(path, sandbox, tmp_path)
    assert one.trouble is None
    assert one.type is AssetType.VIDEO
    profiles = {file.profile for file in one.made.files}
    assert {"ladder/master.m3u8", "poster", "preview", "thumbnail", "storyboard.vtt"} <= profiles


@pytest.mark.parametrize(
    ("name", "arguments", "media_type"), SOUNDS, ids=[one[0] for one in SOUNDS]
)
def test_a_recording_of_this_format_is_heard(
    sandbox, tmp_path, name, arguments, media_type
) -> None:
    path = made_or_skipped(tmp_path / name, arguments)
    assert media_type_of(path) == media_type
    one = outcome_of(path, sandbox, tmp_path)
    assert one.trouble is None
    assert one.type is AssetType.AUDIO
    assert {"audio.m4a", "waveform.json"} <= {file.profile for file in one.made.files}
