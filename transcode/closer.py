"""A closer look at a film before anything is planned: fields that no flag tells of, a size that changes on the way."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import ffmpeg as builder

from archive.errors import Damaged
from archive.model.streams import Film
from archive.sandbox.budgets import GIB, Budget
from archive.sandbox.child import Sandbox
from archive.sandbox.ffprobe import FFprobe
from transcode import ffmpeg
from transcode.ffmpeg import SOURCE

# Containers of broadcasters and tapes, whose flags are often wrong at the sizes and rates of television.
DOUBTFUL = frozenset({"mpegts", "mpeg", "mxf", "avi", "dv"})
STANDARD_LINES = 576
TELEVISION_RATES = ((24.9, 25.1), (29.9, 30.1))
LOOKED_AT = (0.1, 0.5, 0.9)
FRAMES = 100
INSTANTS = 8
CLEAR = 4
RESIZED = "size-changes"
FIELDS = "fields-unflagged"
SEEN = re.compile(r"Single frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)")
LOOKING = Budget(cpu_seconds=180, wall_seconds=360, memory_bytes=2 * GIB)


@dataclass(frozen=True, slots=True)
class Looked:
    """The film as it is, and what is worth knowing of it."""

    film: Film
    flags: tuple[str, ...] = ()


def look(path: Path, film: Film, demuxer: str, sandbox: Sandbox) -> Looked:
    """Decode a few frames of a local file. What cannot be decoded says nothing here; the render tells of it."""
    flags = []
    if is_doubtful(film, demuxer) and (parity := _fields(path, film, demuxer, sandbox)):
        film = replace(film, interlaced=True, parity=parity)
        flags.append(FIELDS)
    if _resized(path, film, demuxer, sandbox):
        film = replace(film, resized=True)
        flags.append(RESIZED)
    return Looked(film, tuple(flags))


def is_doubtful(film: Film, demuxer: str) -> bool:
    """Whether a picture that is not flagged as fields may consist of them all the same."""
    tall = film.edge == 1080 and any(low < film.rate < high for low, high in TELEVISION_RATES)
    lines = film.edge <= STANDARD_LINES or tall
    return demuxer in DOUBTFUL and lines and not film.interlaced and film.timeline.count > 0


def _fields(path: Path, film: Film, demuxer: str, sandbox: Sandbox) -> str:
    """Which field comes first, where most frames that tell anything show two of them; else empty."""
    outputs = []
    for share in LOOKED_AT:
        instant = round(film.timeline.seconds * share, 3)
        source = builder.input(
            SOURCE, ss=instant, format=demuxer, format_whitelist=demuxer, **ffmpeg.LOCAL
        )
        looked = source[str(film.index)].filter("idet")
        outputs.append(builder.output(looked, "-", f="null", **{"frames:v": FRAMES}))
    arguments = ["-v", "info", "-hide_banner", *builder.merge_outputs(*outputs).get_args()]
    work = ffmpeg.Work(arguments=arguments, seconds=0, frames=0, budget=LOOKING)
    try:
        told = ffmpeg.run(work, path, None, sandbox=sandbox, report=ffmpeg.silent)
    except Damaged:
        return ""
    return parity_in(told)


def parity_in(told: str) -> str:
    """The verdict over everything that ffmpeg's `idet` counted: fields of one order, clearly more than anything else.

    Sharp moving edges of drawn pictures look like fields too: three of four frames of a test picture did.
    """
    counts = [tuple(map(int, found)) for found in SEEN.findall(told)]
    top, bottom, plain = (sum(one[at] for one in counts) for at in range(3))
    if max(top, bottom) < CLEAR * (plain + min(top, bottom)) or not top + bottom:
        return ""
    return "tff" if top >= bottom else "bff"


def _resized(path: Path, film: Film, demuxer: str, sandbox: Sandbox) -> bool:
    line = film.timeline
    instants = [line.first + line.seconds * at / INSTANTS for at in range(INSTANTS)]
    try:
        sizes = FFprobe.find(sandbox).sizes(path, demuxer, film.index, instants)
    except Damaged:
        return False
    return len(sizes) > 1
