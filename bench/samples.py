"""The samples that films go wrong by: what came out against what went in, one line a rung, and a sheet of all pictures."""

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import m3u8
from filming import Outcome, film, outcome_of
from PIL import Image, ImageDraw

from archive.model.timeline import Packet, Timeline, timeline
from archive.sandbox.check import choose
from archive.sandbox.child import Sandbox
from archive.sandbox.ffprobe import FFprobe
from bench.ground import MEDIA
from transcode import ladder

SAMPLES = {
    "HDR10, AV1": "hdr10-av1.mp4",
    "HDR10, HEVC, varying rate": "hdr10-hevc-vfr.mp4",
    "HLG": "hlg-hevc.mp4",
    "turned by 270": "rotated-270.mp4",
    "turned and mirrored": "rotated-90-mirrored.mp4",
    "varying rate": "variable-frame-rate.mp4",
    "interlaced": "interlaced-mpeg2.mxf",
    "portrait, HEVC": "street-hevc-aac.mp4",
    "no sound": "vp9.webm",
    "10-bit": "vp9-10bit.webm",
    "AV1": "av1-aac.mp4",
    "TS": "mpeg2-mp2.ts",
}
TWO_SOUNDS = (
    "-f lavfi -i testsrc2=s=640x360:r=25 -f lavfi -i sine=f=330:r=48000 -f lavfi -i sine=f=550:r=48000 "
    "-map 0 -map 1 -map 2 -t 6 -c:v mpeg4 -q:v 3 -c:a ac3 "
    "-metadata:s:a:0 language=aze -metadata:s:a:1 language=rus"
)
LENGTH_SECONDS, APART_SECONDS, KEY_SECONDS = 0.05, 0.02, 0.002
LEAD_IN_SECONDS = 1024 / 48000  # of the AAC encoder
CELL, LABEL = 240, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is said of one rung; differences in seconds against the source."""

    size: str
    rate: float
    colours: str
    longer: float
    apart: float | None
    segments: int
    are_keys: bool

    @property
    def is_good(self) -> bool:
        """Whether it is within every goal."""
        return (
            abs(self.longer) <= LENGTH_SECONDS
            and abs(self.apart or 0.0) <= APART_SECONDS
            and self.colours == "bt709/bt709/bt709"
            and self.are_keys
        )


def main() -> None:
    sheet = Path(sys.argv[1] if sys.argv[1:] else "samples.jpg")
    with tempfile.TemporaryDirectory(prefix="mediateka-bench-") as name:
        folder = Path(name)
        sandbox, _ = choose(folder)
        cells, bad = [], 0
        for label, path in sources(folder):
            one = outcome_of(path, sandbox, folder)
            if one.made is None:
                print(f"{label}: {one.trouble}")
                bad += 1
                continue
            for playlist, row in rows(one, sandbox):
                print(told(label, playlist, row), flush=True)
                bad += not row.is_good
            cells += list(pictures(label, one))
        draw(cells).save(sheet, "JPEG", quality=85)
    print(f"{bad} rungs miss a goal (length {LENGTH_SECONDS} s, sound {APART_SECONDS} s); {sheet}")


def sources(folder: Path) -> Iterator[tuple[str, Path]]:
    for label, name in SAMPLES.items():
        yield label, MEDIA / "videos" / name
    yield "two sounds", film(folder / "two.mkv", TWO_SOUNDS)


def rows(one: Outcome, sandbox: Sandbox) -> Iterator[tuple[str, Row]]:
    """Every variant of the master playlist, as `m3u8` reads it."""
    files = {file.profile: file.path for file in one.made.files}
    master = m3u8.loads(files["ladder/master.m3u8"].read_text("utf-8"))
    for variant in master.playlists:
        listed = m3u8.loads(files[f"ladder/{variant.uri}"].read_text("utf-8"))
        path = files[f"ladder/{listed.segments[0].uri}"]
        probe = FFprobe.find(sandbox)
        streams, packets = probe.read(path, "mov")["streams"], probe.packets(path, "mov")
        picture, line = streams[0], timeline(packets[0])
        names = ("color_space", "color_transfer", "color_primaries")
        starts = [0.0, *accumulate(segment.duration for segment in listed.segments)][:-1]
        source = one.streams.film.timeline
        yield (
            variant.uri,
            Row(
                size=f"{picture['width']}x{picture['height']}",
                rate=line.rate,
                colours="/".join(str(picture.get(name)) for name in names),
                longer=line.seconds - source.seconds - one.streams.held_seconds,
                apart=sound_apart(one, path.stem, line, packets),
                segments=len(starts),
                are_keys=are_keys(packets[0], line, starts),
            ),
        )


def sound_apart(
    one: Outcome, rung: str, line: Timeline, packets: dict[int, list[Packet]]
) -> float | None:
    """How much later the sound begins against the picture than in the source; an encoder's lead-in is never heard."""
    if 1 not in packets or one.streams.sound is None:
        return None
    plan = ladder.plan_of(one.streams, one.streams.film, "")
    is_copied = plan.copy_sound and any(made.copied and made.name == rung for made in plan.rungs)
    heard = timeline(packets[1]).first + (0.0 if is_copied else LEAD_IN_SECONDS) - line.first
    return heard - (first_heard(one) - one.streams.film.timeline.first)


def first_heard(one: Outcome) -> float:
    """When the source's sound begins: its decoder may swallow the first packet, so frames tell it, not packets."""
    stream = ["-select_streams", str(one.streams.sound.index), "-read_intervals", "%+#8"]
    shown = ["-show_entries", "frame=pts_time", "-of", "csv=p=0"]
    told = ["ffprobe", "-v", "error", *stream, *shown, str(one.path)]
    return float(
        subprocess.run(told, check=True, capture_output=True).stdout.split()[0].strip(b",")
    )


def are_keys(packets: list[Packet], line: Timeline, starts: list[float]) -> bool:
    keys = [
        packet.pts - line.first for packet in packets if packet.is_key and packet.pts is not None
    ]
    return all(min(abs(start - key) for key in keys) <= KEY_SECONDS for start in starts)


def told(label: str, playlist: str, row: Row) -> str:
    apart = "no sound" if row.apart is None else f"sound {row.apart * 1000:+.0f} ms"
    keys = "key frames" if row.are_keys else "NO KEY FRAMES"
    return (
        f"{'good' if row.is_good else 'BAD '}  {label:<26} {playlist:<10} {row.size:<10} "
        f"{row.rate:6.2f} fps  {row.colours:<18} length {row.longer * 1000:+.0f} ms  {apart}  "
        f"{row.segments} segments, {keys}"
    )


def pictures(label: str, one: Outcome) -> Iterator[tuple[str, Image.Image]]:
    """The poster, the first sheet of the storyboard, and the middle of every rung."""
    for file in one.made.files:
        name = f"{label}: {file.profile.removeprefix('ladder/')}"
        if file.profile in {"poster", "storyboard/0001.jpg"}:
            yield name, Image.open(file.path).convert("RGB")
        elif file.profile.endswith(".mp4") and file.width:
            middle = str(one.streams.seconds / 2)
            told = ["ffmpeg", "-v", "error", "-ss", middle, "-i", str(file.path)]
            frame = [*told, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
            data = subprocess.run(frame, check=True, capture_output=True).stdout
            yield name, Image.open(io.BytesIO(data)).convert("RGB")


def draw(cells: list[tuple[str, Image.Image]], columns: int = 6) -> Image.Image:
    high = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * CELL, high * (CELL + LABEL)), "#202020")
    pen = ImageDraw.Draw(sheet)
    for at, (name, picture) in enumerate(cells):
        picture.thumbnail((CELL - 4, CELL - 4))
        x, y = at % columns * CELL, at // columns * (CELL + LABEL)
        sheet.paste(picture, (x + 2, y + LABEL))
        pen.text((x + 3, y + 2), name[:40], fill="white")
    return sheet


if __name__ == "__main__":
    main()
