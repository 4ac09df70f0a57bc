"""The ladder of one 1080p film: the whole job against the bare command, against one ffmpeg a rung, and the first playable."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from filming import shooting_of

from archive.sandbox.child import Sandbox
from archive.sandbox.rungs import Rung
from bench.ground import MEDIA
from transcode.ladder import RECIPES
from transcode.video import render_first, render_ladder

FROG = MEDIA / "videos" / "frog-h264-aac.mp4"
SECONDS = 60
RUNGS = (1080, 720, 480, 360)
ENCODER = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-profile:v",
    "high",
    "-pix_fmt",
    "yuv420p",
    "-sc_threshold",
    "0",
    "-g",
    "600",
    "-force_key_frames",
    "expr:gte(t,n_forced*2)",
    "-fps_mode",
    "passthrough",
    "-enc_time_base:v",
    "-1",
]
MUXER = [
    "-map_metadata",
    "-1",
    "-map_chapters",
    "-1",
    "-f",
    "mp4",
    "-movflags",
    "+frag_keyframe+global_sidx+delay_moov+default_base_moof",
    "-min_frag_duration",
    "3900000",
]
OPENED = "-v error -nostdin -nostats -y -protocol_whitelist file,pipe -f mov -max_pixels 67108864"
STORY = "select='isnan(prev_selected_t)+gte(t-prev_selected_t,{every})'"


def main() -> None:
    seconds = int(sys.argv[1]) if sys.argv[1:] else SECONDS
    with tempfile.TemporaryDirectory(prefix="mediateka-bench-") as name:
        folder = Path(name)
        source, heavy = folder / "source.mp4", folder / "heavy.mkv"
        make(source, seconds)
        remake(source, heavy)
        sandbox = Sandbox(rung=Rung.LANDLOCK, scratch=folder)  # bubblewrap hides its children's CPU
        print(f"source: {seconds} s of 1080p30 with noise, {source.stat().st_size / 1e6:.1f} MB")
        bare = measured("the bare command", lambda: run(command(source, fresh(folder), seconds)))
        apart = measured("one ffmpeg a rung", lambda: one_a_rung(source, fresh(folder), seconds))
        ours = measured(
            "the whole job",
            lambda: render_ladder(shooting_of(source, sandbox, fresh(folder))),
        )
        first = measured(
            "first playable, web-ready",
            lambda: render_first(shooting_of(source, sandbox, fresh(folder))),
        )
        other = measured(
            "first playable, other",
            lambda: render_first(shooting_of(heavy, sandbox, fresh(folder))),
        )
    ratio("the job against the bare command", ours, bare, "wall and CPU at most 1.08")
    ratio("the job against one ffmpeg a rung", ours, apart, "wall at most 0.80, CPU 0.82")
    ratio("first playable, web-ready, against the job", first, ours, "wall at most 0.03")
    ratio("first playable, other, against the job", other, ours, "wall at most 0.35")


def make(path: Path, seconds: int) -> None:
    """The frog again and again, scaled up and made hard to encode; the bit rate is above what may be copied."""
    picture = "scale=1920:1080,setsar=1,noise=alls=6:allf=t,format=yuv420p"
    told = f"-v error -y -stream_loop -1 -i {FROG} -t {seconds} -vf {picture}"
    run(
        [
            *told.split(),
            *["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "60", "-c:a", "copy"],
            str(path),
        ]
    )


def remake(source: Path, path: Path) -> None:
    """The same film in a codec that is not played as it is."""
    told = f"-v error -y -i {source} -c:v mpeg2video -q:v 4 -c:a copy {path}"
    run(told.split())


def command(source: Path, folder: Path, seconds: int) -> list[str]:
    """The ladder with poster candidates and storyboard in one process, written by hand."""
    graph = (
        "[0:v:0]split=2[v1080][c1];[c1]scale=-2:720:flags=bicubic,split=3[v720][c2][po0];"
        "[c2]scale=-2:480:flags=bicubic,split=2[v480][c3];"
        "[c3]scale=-2:360:flags=bicubic,split=2[v360][sb0];"
        f"[sb0]{STORY.format(every=1)},scale=160:-2[sb];[po0]{STORY.format(every=seconds / 10)}[po]"
    )
    arguments = [*OPENED.split(), "-i", f"file:{source}", "-filter_complex", graph]
    for edge in RUNGS:
        arguments += [
            "-map",
            f"[v{edge}]",
            "-map",
            "0:a:0",
            *rung(edge),
            str(folder / f"{edge}.mp4"),
        ]
    pictures = ["-an", "-fps_mode", "passthrough", "-c:v", "mjpeg"]
    arguments += ["-map", "[sb]", *pictures, "-q:v", "5", str(folder / "sb_%05d.jpg")]
    return [
        *arguments,
        "-map",
        "[po]",
        *pictures,
        "-frames:v",
        "10",
        "-q:v",
        "3",
        str(folder / "po_%02d.jpg"),
    ]


def rung(edge: int) -> list[str]:
    recipe = RECIPES[edge]
    rate = round(recipe.bits_a_pixel * edge * edge * 16 / 9 * 30)
    limits = f"-crf {recipe.crf} -maxrate {rate} -bufsize {2 * rate}"
    return [
        *ENCODER,
        *limits.split(),
        *f"-c:a aac -ac 2 -ar 48000 -b:a {recipe.sound_kbits}k".split(),
        *MUXER,
    ]


def one_a_rung(source: Path, folder: Path, seconds: int) -> None:
    """The plain way: each rung decodes for itself, and so do storyboard and poster."""
    opened = [*OPENED.split(), "-i", f"file:{source}"]
    for edge in RUNGS:
        scaled = ["-vf", f"scale=-2:{edge}:flags=bicubic"]
        run(
            [
                *opened,
                *scaled,
                "-map",
                "0:v:0",
                "-map",
                "0:a:0",
                *rung(edge),
                str(folder / f"{edge}.mp4"),
            ]
        )
    for every, name in ((1, "sb"), (seconds / 10, "po")):
        chosen = (
            f"{STORY.format(every=every)},scale=160:-2"
            if name == "sb"
            else STORY.format(every=every)
        )
        run(
            [
                *opened,
                "-an",
                "-vf",
                chosen,
                "-fps_mode",
                "passthrough",
                "-c:v",
                "mjpeg",
                str(folder / f"{name}_%05d.jpg"),
            ]
        )


def run(arguments: list[str]) -> None:
    subprocess.run(["ffmpeg", *arguments], check=True)


def fresh(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=folder))


def measured(name: str, act: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of an act and all its children."""
    with spent() as found:
        act()
    wall, cpu = found
    print(f"{name}: {wall:.1f} s, {cpu:.1f} CPU s", flush=True)
    return wall, cpu


@contextmanager
def spent():
    found = [0.0, 0.0]
    began, before = time.monotonic(), cpu_seconds()
    yield found
    found[:] = time.monotonic() - began, cpu_seconds() - before


def cpu_seconds() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def ratio(name: str, ours: tuple[float, float], yardstick: tuple[float, float], goal: str) -> None:
    print(f"{name}: wall {ours[0] / yardstick[0]:.3f}, CPU {ours[1] / yardstick[1]:.3f} ({goal})")


if __name__ == "__main__":
    main()
