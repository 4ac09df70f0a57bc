"""ffmpeg: one confined process a file, watched while it works: how far it is, how long it will take, whether it stands still."""

import logging
import math
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive.errors import Interrupted, NoRoom, OverBudget, UnreadableMedia
from archive.model.asset import Reason
from archive.sandbox.budgets import GIB, MIB, PROBING, Budget
from archive.sandbox.child import Sandbox
from archive.sandbox.rungs import Argument, Input, Output, Program, installed

log = logging.getLogger(__name__)

SOURCE = "original"
FOLDER = "out:"  # how a file of the output folder is spelled in an argument list before it runs
STALLED_SECONDS = 60.0
LOOKED_AT_BYTES = 4096
QUIET = ("-v", "error", "-nostdin", "-nostats", "-y")
TOLD = ("-progress", "pipe:1", "-stats_period", "1")
LOCAL = {"protocol_whitelist": "file,pipe"}
NICE = ("-n", "10")
HD_PIXELS_A_SECOND = 1920 * 1080 * 30
ENDED_BY_SIGNAL = 255  # ffmpeg's own word for it: it closes its files first
FULL = "No space left on device"
NO_MEMORY = "Cannot allocate memory"

Report = Callable[[float, float | None], None]


def silent(_share: float, _left: float | None) -> None:
    """Tell nobody how far it is."""


_FRAME = re.compile(rb"^frame=\s*(\d+)", re.MULTILINE)
_TIME = re.compile(rb"^out_time_us=\s*(\d+)", re.MULTILINE)


class Stalled(Exception):
    """Nothing moved for a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One run: arguments behind the program's name (inputs and outputs spelled as SOURCE and FOLDER…) and what to expect.

    `besides` are further inputs by the names that stand for them in the arguments.
    """

    arguments: Sequence[str]
    seconds: float
    frames: int
    budget: Budget
    besides: Mapping[str, Path] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Watcher:
    """Reads what ffmpeg tells about its progress; a share never falls. Raises Stalled when nothing moves for a minute."""

    work: Work
    report: Report
    began: float = field(default_factory=time.monotonic)
    moved: float = field(default_factory=time.monotonic)
    share: float = 0.0
    seen: tuple[int, int] = (-1, -1)

    def __call__(self, told: Path) -> None:
        """Look once at what was printed so far."""
        now = time.monotonic()
        frame, instant = self._last(told)
        if (frame, instant) != self.seen:
            self.seen, self.moved = (frame, instant), now
        elif now - self.moved > STALLED_SECONDS:
            raise Stalled
        self.share = max(self.share, min(1.0, self._share(frame, instant)))
        elapsed = now - self.began
        self.report(self.share, elapsed / self.share - elapsed if self.share > 0.01 else None)

    def _share(self, frame: int, instant: int) -> float:
        if frame > 0 and self.work.frames:
            return frame / self.work.frames
        return instant / 1e6 / self.work.seconds if self.work.seconds else 0.0

    @staticmethod
    def _last(told: Path) -> tuple[int, int]:
        with told.open("rb") as stream:
            stream.seek(max(0, told.stat().st_size - LOOKED_AT_BYTES))
            text = stream.read()
        frames, instants = _FRAME.findall(text), _TIME.findall(text)
        return int(frames[-1]) if frames else 0, int(instants[-1]) if instants else 0


def run(
    work: Work, path: Path | None, folder: Path | None, *, sandbox: Sandbox, report: Report
) -> str:
    """Run ffmpeg on local files; returns its complaints (a damaged packet is one, and costs nothing else).

    Raises OverBudget, NoRoom, UnreadableMedia (`damaged`) when it could make nothing or stood still twice, and what
    `report` raises, which ends the child; Interrupted when somebody told it to stop.
    """
    program = Program(arguments=(*_nicely(), *_resolved(work)))
    inputs = dict(work.besides) | ({SOURCE: path} if path else {})
    for attempt in (1, 2):
        watcher = Watcher(work=work, report=report)
        try:
            completed = sandbox.run(
                program,
                inputs=inputs,
                output=folder,
                budget=work.budget,
                watch=watcher,
            )
        except Stalled:
            log.warning("ffmpeg stood still (attempt %d)", attempt)
            continue
        if completed.status == 0:
            return completed.stderr
        if completed.status == ENDED_BY_SIGNAL:
            raise Interrupted("ffmpeg was told to stop")
        raise _failure(completed.stderr)
    raise UnreadableMedia("the decoder stood still", reason=Reason.DAMAGED, detail="decoder-failed")


def _nicely() -> tuple[str, ...]:
    """In front of the program. Its link is not followed: where one program plays many, the name tells it which."""
    found = shutil.which("nice")
    return (found, *NICE) if found else ()


def _failure(tail: str) -> Exception:
    if FULL in tail:
        return NoRoom("the disk is full")
    if NO_MEMORY in tail:
        return OverBudget("over its memory budget", detail="memory", tail=tail)
    return UnreadableMedia(
        "nothing could be decoded", reason=Reason.DAMAGED, detail="no-frames", tail=tail
    )


def _resolved(work: Work) -> tuple[Argument, ...]:
    places = (_place(one, work.besides) for one in work.arguments)
    return (installed("ffmpeg"), *QUIET, *TOLD, *places)


def _place(argument: str, besides: Mapping[str, Path]) -> Argument:
    if argument == SOURCE or argument in besides:
        return Input(argument)
    if argument.startswith(FOLDER):
        return Output(argument.removeprefix(FOLDER))
    return argument


def version(sandbox: Sandbox) -> str:
    """The installed program's name and version, for recipes and events."""
    program = Program(arguments=(installed("ffmpeg"), "-version"))
    words = sandbox.run(program, inputs={}, budget=PROBING).stdout.decode().split()
    return " ".join(words[0:3:2])


def budget_of(seconds: float, pixels_a_second: float, *, heavy: bool) -> Budget:
    """What a ladder may use: 12 CPU seconds a second of 1080p30, three times that where it is tone-mapped."""
    weight = max(1.0, pixels_a_second / HD_PIXELS_A_SECOND) * (3 if heavy else 1)
    cpu = math.ceil(60 + 12 * seconds * weight)
    return Budget(
        cpu_seconds=cpu,
        wall_seconds=max(120.0, 3.0 * cpu / (os.cpu_count() or 1)),
        memory_bytes=3 * GIB,
        output_bytes=256 * MIB + int(seconds * 4 * MIB),
    )
