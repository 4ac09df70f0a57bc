"""The ladder: which rungs a film gets, and the one command with one decode that makes them, poster candidates and storyboard."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ffmpeg

from archive.model.streams import Film, Sound, Streams
from transcode import ready, voices
from transcode.ffmpeg import FOLDER, SOURCE
from transcode.muxing import muxing, sound_options

TOP = 1080
STEPS = (720, 480, 360)
LOWER_BY = 0.8
FASTEST = 60.0
KEY_SECONDS = 2
STORY_WIDTH = 160
STORY_INTERVALS = (1, 2, 5, 10, 20, 30, 60)
MOST_STORY_FRAMES = 400
HELD_RATE = 25
CANDIDATES = 10
CANDIDATE_EDGE = 720
WHITE_NITS = 203
OLD_CODECS = frozenset({"h264", "mpeg2video", "mpeg4", "mpeg1video", "mjpeg", "prores", "dvvideo"})
LEAST_RATE = 150_000


@dataclass(frozen=True, slots=True)
class Step:
    """What one height costs: quality, bits a pixel at most, bits a pixel up to which a source is copied, sound."""

    crf: int
    bits_a_pixel: float
    copied_up_to: float
    sound_kbits: int


RECIPES: Mapping[int, Step] = {
    1080: Step(23, 0.10, 0.17, 160),
    720: Step(23, 0.11, 0.19, 128),
    480: Step(24, 0.12, 0.22, 128),
    360: Step(25, 0.15, 0.26, 96),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One height of the ladder; sizes are even, pixels square.

    `copied` is the source's own stream; `reused` was made before by the same recipe and only lies beside the others.
    """

    edge: int
    width: int
    height: int
    recipe: Step
    maxrate: int
    copied: bool = False
    reused: bool = False
    label: str = ""

    @property
    def name(self) -> str:
        """As its files are called."""
        return self.label or str(self.edge)

    @property
    def is_encoded(self) -> bool:
        """Whether it is made now."""
        return not self.copied and not self.reused


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is made of one film; `story` is the interval of the storyboard in seconds, None where it gets none."""

    streams: Streams
    film: Film
    demuxer: str
    rungs: tuple[Rung, ...]
    copy_sound: bool
    story: int | None
    with_poster: bool = True

    @property
    def voices(self) -> tuple[Sound, ...]:
        """The sounds that the whole ladder has besides the main one."""
        return self.streams.voices if self.story is not None else ()

    @property
    def seconds(self) -> float:
        """How long the picture lasts, the last one held as long as there is sound."""
        return self.film.timeline.seconds + self.streams.held_seconds

    @property
    def seconds_there(self) -> float:
        """Seconds of work that is really there: pictures, one a second at least, or packets of sound."""
        sounds = [one.timeline.lasting for one in self.streams.sounds]
        return max(min(self.seconds, float(self.frames)), *sounds, 0.0)

    @property
    def frames(self) -> int:
        """How many pictures come out of the decoder, those that only hold the last one among them."""
        return self.film.timeline.count + round(self.streams.held_seconds * self.film.rate)


def plan_of(streams: Streams, film: Film, demuxer: str) -> Plan:
    """The whole ladder."""
    rungs = rungs_of(film)
    top = rungs[0]
    light = film.bits_a_second <= ceiling(film, top)
    if light and ready.may_be_top(film) and not streams.held_seconds:
        rungs = (copied(film, top), *rungs[1:])
    return Plan(
        streams=streams,
        film=film,
        demuxer=demuxer,
        rungs=rungs,
        copy_sound=streams.sound is not None and ready.sound_plays(streams.sound),
        story=interval_of(streams.seconds),
    )


def first_plan(streams: Streams, film: Film, demuxer: str) -> Plan:
    """The quickest thing that plays: the source's own picture in another container, else the lowest rung alone."""
    lowest = rungs_of(film)[-1]
    plays = ready.picture_plays(film)
    return Plan(
        streams=streams,
        film=film,
        demuxer=demuxer,
        rungs=(copied(film, lowest, label="source") if plays else lowest,),
        copy_sound=streams.sound is not None and ready.sound_plays(streams.sound),
        story=None,
        with_poster=not plays,
    )


def encoded_first(plan: Plan) -> Plan:
    """The lowest rung in the place of a copy that does not play after all."""
    return replace(plan, rungs=(rungs_of(plan.film)[-1],), with_poster=True)


def with_reused(plan: Plan) -> Plan:
    """The lowest rung taken over from the first playable."""
    return replace(plan, rungs=(*plan.rungs[:-1], replace(plan.rungs[-1], reused=True)))


def copied(film: Film, rung: Rung, *, label: str = "") -> Rung:
    """The source's own picture as a rung."""
    return Rung(
        edge=rung.edge,
        width=film.width,
        height=film.height,
        recipe=rung.recipe,
        maxrate=rung.maxrate,
        copied=True,
        label=label,
    )


def rungs_of(film: Film) -> tuple[Rung, ...]:
    """Highest first: the smaller of source and 1080, then each step that is at most 0.8 of the one above."""
    edges = [max(2, min(TOP, film.edge) // 2 * 2)]
    for step in STEPS:
        if step <= LOWER_BY * edges[-1]:
            edges.append(step)
    return tuple(_rung(film, edge) for edge in edges)


def _rung(film: Film, edge: int) -> Rung:
    scale = edge / film.edge
    width, height = (max(2, 2 * round(side * scale / 2)) for side in (film.width, film.height))
    recipe = RECIPES[min((step for step in RECIPES if step >= edge), default=TOP)]
    rate = min(film.rate or 30.0, FASTEST)
    wanted = recipe.bits_a_pixel * width * height * rate
    factor = 1.3 if film.codec in OLD_CODECS else 2.6  # newer codecs need half the bits
    known = film.bits_a_second * factor if film.bits_a_second else wanted
    return Rung(
        edge=edge,
        width=width,
        height=height,
        recipe=recipe,
        maxrate=round(min(wanted, max(known, LEAST_RATE))),
    )


def ceiling(film: Film, top: Rung) -> float:
    """Bits a second up to which the source's own picture may be the top rung."""
    return top.recipe.copied_up_to * film.width * film.height * max(film.rate, 1.0)


def interval_of(seconds: float) -> int:
    """Seconds between the pictures of a storyboard: as close as 400 of them allow."""
    fits = (one for one in STORY_INTERVALS if seconds / one <= MOST_STORY_FRAMES)
    return next(fits, STORY_INTERVALS[-1] * max(1, round(seconds / 60 / MOST_STORY_FRAMES)))


def arguments(plan: Plan) -> list[str]:
    """The argument list behind the program's name, with inputs and outputs spelled as `transcode.ffmpeg` reads them."""
    source = ffmpeg.input(SOURCE, **_reading(plan))
    encoded = [rung for rung in plan.rungs if rung.is_encoded]
    sounds = _sounds(source, plan, len([rung for rung in plan.rungs if not rung.reused]))
    outputs = []
    if encoded or plan.story is not None or plan.with_poster:
        branches = _Branches(plan)
        branches.grow(_prepared(source[str(plan.film.index)], plan))
        outputs += [_encoded(branches.rungs[rung.edge], sounds.pop(), rung) for rung in encoded]
        outputs += branches.stills
    outputs += [_copied(source, sounds.pop(), rung, plan) for rung in plan.rungs if rung.copied]
    outputs += [voices.output(source, sound) for sound in plan.voices]
    return [str(one) for one in ffmpeg.merge_outputs(*outputs).get_args()]


class _Branches:
    """The tree of scalings: each rung from the one above, still pictures from the first that is small enough."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rungs: dict[int, Any] = {}
        self.stills: list[Any] = []

    def grow(self, stream: Any) -> None:
        """Scale downwards, splitting off what is used at each height."""
        size = (self.plan.film.width, self.plan.film.height)
        levels = [rung for rung in self.plan.rungs if not rung.copied] or [self.plan.rungs[-1]]
        poster_at = next(
            (rung.edge for rung in levels if rung.edge <= CANDIDATE_EDGE), levels[-1].edge
        )
        for rung in levels:
            stream = _scaled(stream, rung, size, self.plan.film, first=rung is levels[0])
            size = (rung.width, rung.height)
            wanted = {
                "rung": rung.is_encoded,
                "next": rung is not levels[-1],
                "poster": rung.edge == poster_at and self.plan.with_poster,
                "story": rung is levels[-1] and self.plan.story is not None,
            }
            stream = self._taken(stream, [name for name, holds in wanted.items() if holds], rung)

    def _taken(self, stream: Any, takers: Sequence[str], rung: Rung) -> Any:
        """Give each its part; what is left goes on to the next height."""
        following = None
        for taker, part in zip(takers, _split(stream, len(takers)), strict=True):
            if taker == "next":
                following = part
            elif taker == "rung":
                self.rungs[rung.edge] = part
            else:
                self.stills.append(_still(part, taker, rung, self.plan))
        return following


def _reading(plan: Plan) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "format": plan.demuxer,
        "protocol_whitelist": "file,pipe",
        "format_whitelist": plan.demuxer,
        "max_pixels": 64 * 1024 * 1024,
    }
    return rules | ({"noautorotate": None} if plan.film.odd_rotation else {})


def _split(stream: Any, number: int) -> list[Any]:
    if number == 1:
        return [stream]
    node = stream.filter_multi_output("split", number)
    return [node.stream(at) for at in range(number)]


def _prepared(stream: Any, plan: Plan) -> Any:
    """What goes in front of everything: fields woven apart, frames beyond 60 a second dropped, the last picture held."""
    film = plan.film
    if film.parity:
        stream = stream.filter("bwdif", mode="send_frame", parity=film.parity, deint="all")
    elif film.interlaced:
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    rate = max(film.rate, film.timeline.rate)
    if rate > FASTEST + 1:
        stream = stream.filter("framestep", math.ceil(rate / FASTEST - 0.02))
    if held := plan.streams.held_seconds:
        if not 1 <= film.nominal <= FASTEST + 1:  # the held pictures come at the nominal rate
            stream = stream.filter("fps", HELD_RATE)
        stream = stream.filter("tpad", stop_mode="clone", stop_duration=round(held, 3))
    return stream


def _scaled(stream: Any, rung: Rung, size: tuple[int, int], film: Film, *, first: bool) -> Any:
    """Scale; the first time also to square pixels, limited range and the colours of ordinary screens."""
    sized = {"w": rung.width, "h": rung.height, "flags": "bicubic"}
    if not first:
        return stream.filter("scale", **sized)
    if film.is_hdr:
        return _mapped(stream.filter("scale", **sized), film)
    matrix = matrix_of(film)
    plain = matrix == "bt709" and not film.full_range and film.sar == 1
    if not plain or size != (rung.width, rung.height):
        colours = {"in_color_matrix": matrix, "out_color_matrix": "bt709", "out_range": "tv"}
        stream = stream.filter("scale", **sized, **colours).filter("setsar", 1)
    stream = stream.filter("format", "yuv420p")
    return stream.filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )


def matrix_of(film: Film) -> str:
    """How its colours are coded; files that do not say follow their size, as screens do."""
    known = {"bt709": "bt709", "smpte170m": "smpte170m", "bt470bg": "bt470", "bt2020nc": "bt2020"}
    return known.get(film.matrix, "bt709" if film.edge >= CANDIDATE_EDGE else "smpte170m")


def _mapped(stream: Any, film: Film) -> Any:
    """High dynamic range on the scaled picture, a third of the cost of mapping it whole."""
    stream = stream.filter("setsar", 1).filter(
        "setparams",
        color_primaries="bt2020",
        colorspace="bt2020nc",
        color_trc=film.transfer,
    )
    stream = stream.filter("zscale", t="linear", npl=WHITE_NITS).filter("format", "gbrpf32le")
    stream = stream.filter("zscale", p="bt709")
    stream = stream.filter("tonemap", "mobius", param=0.7, desat=0)
    return stream.filter("zscale", t="bt709", m="bt709", r="tv").filter("format", "yuv420p")


def _still(stream: Any, kind: str, rung: Rung, plan: Plan) -> Any:
    """A branch of single pictures; each must give its first frame at once, or no progress is told."""
    if kind == "poster":
        every = max(plan.streams.seconds / CANDIDATES, 0.001)
        name, quality, limit = "candidate_%02d.jpg", 3, {"frames:v": CANDIDATES}
    else:
        every, name, quality, limit = float(plan.story or 1), "story_%05d.jpg", 5, {}
    chosen = f"isnan(prev_selected_t)+gt(floor(t/{every:.6g}),floor(prev_selected_t/{every:.6g}))"
    stream = stream.filter("select", chosen)
    if kind == "story":
        height = max(2, 2 * round(rung.height * STORY_WIDTH / rung.width / 2))
        stream = stream.filter("scale", w=STORY_WIDTH, h=height)
    options = {"c:v": "mjpeg", "q:v": quality, "fps_mode": "passthrough", "f": "image2"}
    return ffmpeg.output(stream, FOLDER + name, an=None, **options, **limit)


def _sounds(source: Any, plan: Plan, number: int) -> list[Any]:
    """The main sound once for each rung; two mono tracks become one stereo sound."""
    if plan.streams.mono_pair:
        pair = [source[str(one.index)] for one in plan.streams.mono_pair]
        joined = ffmpeg.filter(pair, "join", inputs=2, channel_layout="stereo")
        node = joined.filter_multi_output("asplit", number)
        return [node.stream(at) for at in range(number)]
    sound = plan.streams.sound
    return [source[str(sound.index)] if sound else None] * number


def _encoded(picture: Any, sound: Any, rung: Rung) -> Any:
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        "sc_threshold": 0,
        "g": 600,
        "force_key_frames": f"expr:gte(t,n_forced*{KEY_SECONDS})",
        "crf": rung.recipe.crf,
        "maxrate": rung.maxrate,
        "bufsize": 2 * rung.maxrate,
        "fps_mode": "passthrough",
        "enc_time_base:v": -1,
        "threads:v": 4,
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "colorspace": "bt709",
        **(sound_options(rung.recipe.sound_kbits) if sound else {}),
    }
    streams = [picture, sound] if sound else [picture]
    return ffmpeg.output(*streams, f"{FOLDER}{rung.name}.mp4", **options, **muxing())


def _copied(source: Any, sound: Any, rung: Rung, plan: Plan) -> Any:
    own_sound = plan.copy_sound and plan.streams.mono_pair is None
    options = {"c:v": "copy"}
    if sound:
        options |= {"c:a": "copy"} if own_sound else sound_options(rung.recipe.sound_kbits)
    streams = [source[str(plan.film.index)], *([sound] if sound else [])]
    return ffmpeg.output(*streams, f"{FOLDER}{rung.name}.mp4", **options, **muxing())
