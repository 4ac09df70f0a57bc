"""Recordings: what is listened to, the waveform, the loudness, and a poster where there is cover art."""

import math
from typing import Any

import ffmpeg as builder

from archive.errors import Damaged, RenderFailed, UnreadableMedia
from archive.model.asset import Reason, Trouble
from archive.model.rendition import Playable
from archive.model.streams import Sound
from archive.model.timeline import timeline
from archive.sandbox.budgets import GIB, MIB, Budget
from archive.sandbox.ffprobe import FFprobe
from transcode import ffmpeg, ready, waveform
from transcode.check import OWN_TAGS, slack
from transcode.ffmpeg import FOLDER, SOURCE
from transcode.making import Made, MadeFile, promised, recipe_of
from transcode.muxing import sound_options
from transcode.plan import demuxer_of
from transcode.stills_of_film import paste
from transcode.video import Shooting

KBITS = 128
LISTENED, WAVE, COVER = "audio.m4a", "wave.raw", "candidate_01.jpg"
COVER_UNREAD = "cover-unread"
TOLD = ("-v", "info", "-hide_banner")  # the loudness is told at this level only
REPLACES = (
    *(str(Playable.AUDIO), str(Playable.WAVEFORM), str(Playable.POSTER)),
    f"{waveform.PAGES}/",
)


def render_audio(shooting: Shooting) -> Made:
    """Make everything of a recording in the folder; errors as in `transcode.video.render_ladder`."""
    sound = shooting.streams.sound
    if sound is None:
        raise UnreadableMedia(
            "there is no sound", reason=Reason.UNSUPPORTED_CODEC, detail="no-decoder"
        )
    seconds = shooting.streams.seconds
    demuxer = demuxer_of(shooting.asset.original.media_type)
    arguments = [*TOLD, *_arguments(sound, demuxer)]
    work = ffmpeg.Work(
        arguments=arguments, seconds=seconds, frames=0, budget=_budget(sound.timeline.lasting)
    )
    told = ffmpeg.run(
        work,
        shooting.path,
        shooting.folder,
        sandbox=shooting.sandbox,
        report=shooting.report,
    )
    length = _checked(shooting)
    loudness = waveform.loudness_in(told)
    waves = waveform.written(shooting.folder, shooting.folder / WAVE, length, loudness)
    stills, pasted, flags = _cover(shooting, demuxer)
    tools = (ffmpeg.version(shooting.sandbox),)
    promised = sound.timeline.seconds
    short = promised - length > slack(promised)
    detail = f"{length:.1f} of {promised:.1f} s"
    return Made(
        recipe=recipe_of(shooting.asset.original.sha256, arguments, tools),
        files=(
            *stills,
            MadeFile(profile=str(Playable.AUDIO), path=shooting.folder / LISTENED),
            *waves,
        ),
        tools=tools,
        placeholder=pasted.get("placeholder"),
        colour=pasted.get("colour"),
        flags=flags,
        trouble=Trouble(reason=Reason.TRUNCATED, detail=detail) if short else None,
        facts={} if loudness is None else {waveform.LOUDNESS: loudness},
    )


def _budget(seconds: float) -> Budget:
    cpu = math.ceil(60 + 4 * seconds)
    return Budget(
        cpu_seconds=cpu,
        wall_seconds=2.0 * cpu,
        memory_bytes=2 * GIB,
        output_bytes=64 * MIB + int(seconds * 64 * 1024),
    )


def _reading(demuxer: str) -> dict[str, Any]:
    return {
        "format": demuxer,
        "protocol_whitelist": "file,pipe",
        "format_whitelist": demuxer,
    }


def _arguments(sound: Sound, demuxer: str) -> list[str]:
    """One decode: samples for the waveform, AAC to listen to, loudness."""
    source = builder.input(SOURCE, **_reading(demuxer))
    track = source[str(sound.index)]
    measured = track.filter("ebur128", framelog="verbose")
    raw = {"ac": 1, "ar": waveform.SAMPLES_A_SECOND, "f": "s16le"}
    own = ready.sound_plays(sound)
    heard = {"c:a": "copy"} if own else sound_options(KBITS)
    heard |= {"map_metadata": -1, "map_chapters": -1, "movflags": "+faststart", "f": "mp4"}
    outputs = [
        builder.output(track, FOLDER + LISTENED, **heard),
        builder.output(track, FOLDER + WAVE, **raw),
        builder.output(measured, "-", f="null"),
    ]
    return [str(one) for one in builder.merge_outputs(*outputs).get_args()]


def _checked(shooting: Shooting) -> float:
    """Probe what is listened to; returns its length."""
    path = promised(shooting.folder / LISTENED)
    probe = FFprobe.find(shooting.sandbox)
    try:
        seen, packets = probe.read(path, "mov"), probe.packets(path, "mov")
    except (Damaged, OSError) as error:
        raise RenderFailed("the made sound does not open", detail="probe") from error
    wrong = {
        "streams": [one.get("codec_name") for one in seen["streams"]] != ["aac"],
        "carries metadata": bool(set(seen["format"].get("tags", {})) - OWN_TAGS),
    }
    if problems := [problem for problem, holds in wrong.items() if holds]:
        raise RenderFailed(f"sound: {', '.join(problems)}", detail="probe")
    return timeline(packets.get(0, [])).seconds


def _cover(
    shooting: Shooting, demuxer: str
) -> tuple[list[MadeFile], dict[str, Any], tuple[str, ...]]:
    """Cover art as poster; one that does not decode is a flag."""
    cover = shooting.streams.cover
    if cover is None:
        return [], {}, ()
    source = builder.input(SOURCE, max_pixels=64 * 1024 * 1024, **_reading(demuxer))
    options = {"frames:v": 1, "c:v": "mjpeg", "q:v": 3, "pix_fmt": "yuvj420p", "f": "image2"}
    output = builder.output(source[str(cover)], FOLDER + COVER, **options)
    work = ffmpeg.Work(
        arguments=[str(one) for one in output.get_args()],
        seconds=0,
        frames=0,
        budget=Budget(cpu_seconds=30, wall_seconds=60),
    )
    try:
        ffmpeg.run(
            work,
            shooting.path,
            shooting.folder,
            sandbox=shooting.sandbox,
            report=ffmpeg.silent,
        )
        pasted = paste(shooting.folder, shooting.sandbox)
    except Damaged:
        return [], {}, (COVER_UNREAD,)
    return pasted.files(shooting.folder), pasted.report, ()
