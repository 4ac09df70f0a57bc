"""The check before publishing: a written rung is probed as if it came from a stranger."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import Damaged, RenderFailed
from archive.model.streams import Sound, Streams
from archive.model.timeline import Packet, Timeline, timeline
from archive.sandbox.budgets import GIB, Budget
from archive.sandbox.child import Sandbox
from archive.sandbox.ffprobe import FFprobe
from transcode import ffmpeg
from transcode.ladder import Plan, Rung
from transcode.packaging import Package, package_of
from transcode.ready import PLAIN_PROFILES

START_SECONDS, SLACK_SECONDS, SLACK = 0.05, 0.5, 0.01
LONGEST_SEGMENT, LONGEST_COPIED_SEGMENT = 6.0, 14.0
LOOKED_AT_SECONDS = 2
OWN_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
COLOURS = ("color_space", "color_transfer", "color_primaries")
KEY_SLACK = 0.002
CANDIDATES = ("candidate_1%d.jpg", "candidate_2%d.jpg")  # of the beginning, of the end
DECODING = Budget(cpu_seconds=240, wall_seconds=480, memory_bytes=2 * GIB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """Where pictures seen while decoding are kept, and how large."""

    folder: Path
    width: int
    height: int

    def arguments(self, stream: int, pattern: str) -> list[str]:
        """One picture about every second of an input."""
        chosen = "select='isnan(prev_selected_t)+gte(t-prev_selected_t,0.9)'"
        graph = f"{chosen},scale={self.width}:{self.height},setsar=1"
        written = ("-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2")
        return ["-map", f"{stream}:v:0", "-vf", graph, *written, f"{ffmpeg.FOLDER}{pattern}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the probe of one rung saw: its picture's timeline and the instants of its key frames."""

    line: Timeline
    keys: tuple[float, ...]


def check_rung(path: Path, rung: Rung, package: Package, plan: Plan, sandbox: Sandbox) -> Checked:
    """Look at one written rung. Raises RenderFailed (`probe`) with everything that is not as planned."""
    probe = FFprobe.find(sandbox)
    try:
        seen, packets = probe.read(path, "mov"), probe.packets(path, "mov")
    except Damaged as error:
        raise RenderFailed("a made rung does not open", detail="probe", tail=error.tail) from error
    kinds = [one.get("codec_type") for one in seen["streams"]]
    if kinds != ["video", "audio"][: 2 if plan.streams.sounds else 1]:
        raise RenderFailed(f"{rung.name}: streams {kinds}", detail="probe")
    picture = seen["streams"][0]
    lines = [timeline(packets.get(one["index"], [])) for one in seen["streams"]]
    wrong = {
        **_wrong_picture(picture, rung),
        **_wrong_times(lines, package, rung, plan),
        "carries metadata": bool(set(seen["format"].get("tags", {})) - OWN_TAGS),
        "chapters": bool(seen.get("chapters")),
    }
    if problems := [problem for problem, holds in wrong.items() if holds]:
        raise RenderFailed(f"{rung.name}: {', '.join(problems)}", detail="probe")
    return Checked(line=lines[0], keys=_keys(packets[picture["index"]]))


def _wrong_picture(picture: dict[str, Any], rung: Rung) -> dict[str, bool]:
    turned = any("rotation" in data for data in picture.get("side_data_list", ()))
    tags = {name: picture.get(name) for name in COLOURS}
    plain = {
        "not H.264": picture.get("codec_name") != "h264",
        "pixels": picture.get("pix_fmt") != "yuv420p",
        "profile": picture.get("profile") not in PLAIN_PROFILES,
    }
    if rung.copied:
        return plain
    return plain | {
        "size": (picture.get("width"), picture.get("height")) != (rung.width, rung.height),
        "odd size": bool(rung.width % 2 or rung.height % 2),
        "turned": turned,
        f"colours {tags}": set(tags.values()) != {"bt709"},
    }


def _wrong_times(
    lines: list[Timeline], package: Package, rung: Rung, plan: Plan
) -> dict[str, bool]:
    picture, source = lines[0], plan.film.timeline
    limit = LONGEST_COPIED_SEGMENT if rung.copied else LONGEST_SEGMENT
    longest = max(segment.seconds for segment in package.segments)
    apart = abs(lines[1].first - picture.first) if len(lines) == 2 else 0.0
    return {
        "no frames": picture.count == 0,
        "longer than the source": picture.seconds > plan.seconds + slack(plan.seconds),
        f"a segment of {longest:.1f} s": longest > limit + source.longest_gap,
        f"sound and picture begin {apart:.3f} s apart": apart
        > START_SECONDS + source_offset(plan.streams, plan.streams.sound),
    }


def check_voice(
    path: Path, sound: Sound, first: float, streams: Streams, sandbox: Sandbox
) -> Package:
    """Look at one written voice beside pictures that begin at `first`.

    Raises RenderFailed (`probe`) unless it is sound alone, as long as its source and as far from the picture.
    """
    package = package_of(path)
    probe = FFprobe.find(sandbox)
    try:
        seen, packets = probe.read(path, "mov"), probe.packets(path, "mov")
    except Damaged as error:
        raise RenderFailed(f"{path.name} does not open", detail="probe", tail=error.tail) from error
    line = timeline(packets.get(0, []))
    promised = sound.timeline.seconds
    wrong = {
        "streams": [one.get("codec_name") for one in seen["streams"]] != ["aac"],
        f"{line.seconds:.1f} of {promised:.1f} s": abs(line.seconds - promised) > slack(promised),
        "start": abs(line.first - first) > START_SECONDS + source_offset(streams, sound),
        "carries metadata": bool(set(seen["format"].get("tags", {})) - OWN_TAGS),
    }
    if problems := [problem for problem, holds in wrong.items() if holds]:
        told = f"{path.name} is not the sound that was planned: {', '.join(problems)}"
        raise RenderFailed(told, detail="probe")
    return package


def slack(seconds: float) -> float:
    """How much a length may differ."""
    return max(SLACK_SECONDS, SLACK * seconds)


def source_offset(streams: Streams, sound: Sound | None) -> float:
    """How far apart picture and a sound begin in the source; a decoder may also need the first packet of sound to start up."""
    film = streams.film
    if film is None or sound is None:
        return 0.0
    packet = 1 / sound.timeline.rate if sound.timeline.rate else 0.0
    return abs(film.timeline.first - sound.timeline.first) + packet


def _keys(packets: list[Packet]) -> tuple[float, ...]:
    return tuple(packet.pts for packet in packets if packet.is_key and packet.pts is not None)


def check_together(checked: dict[str, Checked]) -> None:
    """Encoded rungs have the same frames and the same key frames, or switching between them would jump."""
    first, *others = checked.values()
    for other in others:
        apart = max((abs(a - b) for a, b in zip(first.keys, other.keys, strict=False)), default=0.0)
        same = len(first.keys) == len(other.keys) and apart <= KEY_SLACK
        if not same or abs(first.line.count - other.line.count) > 1:
            raise RenderFailed("the rungs do not run alike", detail="probe")


def check_decoding(rungs: Mapping[str, Path], still: Still | None, sandbox: Sandbox) -> None:
    """Decode beginning and end of every rung in one process; an error of any kind is RenderFailed.

    With `still` what is seen of the first rung is kept as candidates for a poster.
    """
    arguments = ["-xerror"]
    for name in rungs:
        quick = () if still else ("-skip_loop_filter", "all")  # errors show before that filter
        opened = (*quick, "-protocol_whitelist", "file,pipe", "-f", "mov")
        seconds = str(LOOKED_AT_SECONDS)
        arguments += [*opened, "-t", seconds, "-i", name, *opened, "-sseof", f"-{seconds}"]
        arguments += ["-i", name]
    for at in range(2 * len(rungs)):
        arguments += ["-map", str(at), "-f", "null", "-"]
    for at, pattern in enumerate(CANDIDATES if still else ()):
        arguments += still.arguments(at, pattern) if still else []
    work = ffmpeg.Work(
        arguments=arguments, seconds=0, frames=0, budget=DECODING, besides=dict(rungs)
    )
    folder = still.folder if still else None
    try:
        ffmpeg.run(work, None, folder, sandbox=sandbox, report=ffmpeg.silent)
    except Damaged as error:
        raise RenderFailed("a rung does not decode", detail="probe", tail=error.tail) from error
