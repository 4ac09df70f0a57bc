"""The ffprobe child: what a film or recording is made of, by the one demuxer that may open it, and its packets."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import UnreadableMedia
from archive.model.asset import Reason
from archive.model.timeline import Packet
from archive.sandbox.budgets import GIB, MIB, Budget
from archive.sandbox.child import Completed, Sandbox
from archive.sandbox.rungs import Argument, Input, Program, installed

BYTES_PER_SECOND = 50 * MIB  # what a slow disk gives when every packet is listed
SHOWN = ("-show_format", "-show_streams", "-show_chapters", "-of", "json")
PACKET = "packet=stream_index,pts_time,dts_time,duration_time,size,flags"


def reading_rules(demuxer: str) -> tuple[str, ...]:
    """The options that keep ffmpeg to one demuxer and one local file, whatever the bytes say."""
    return ("-protocol_whitelist", "file,pipe", "-format_whitelist", demuxer, "-f", demuxer)


@dataclass(frozen=True, slots=True, kw_only=True)
class FFprobe:
    """The installed program."""

    sandbox: Sandbox
    program: str

    @classmethod
    def find(cls, sandbox: Sandbox) -> "FFprobe":
        """The program on the path; NoSafeDecoder when it is not installed."""
        return cls(sandbox=sandbox, program=installed("ffprobe"))

    def read(self, path: Path, demuxer: str) -> dict[str, Any]:
        """Format, streams and chapters as ffprobe names them.

        Raises UnreadableMedia (`damaged`, `container`) when the demuxer cannot make sense of the file, OverBudget.
        """
        completed = self._run(path, demuxer, SHOWN)
        try:
            answer = dict(json.loads(completed.stdout))
        except (ValueError, TypeError) as error:
            raise _unreadable(completed) from error
        if completed.status != 0 or not answer.get("streams"):
            raise _unreadable(completed)
        return answer

    def packets(self, path: Path, demuxer: str) -> dict[int, list[Packet]]:
        """The packets of every stream in stored order; nothing is decoded.

        A file that breaks off gives what there is before the break.
        """
        completed = self._run(path, demuxer, ("-show_entries", PACKET, "-of", "csv=p=0"))
        found: dict[int, list[Packet]] = {}
        for line in completed.stdout.splitlines():
            parts = line.decode("ascii", "replace").split(",")
            if len(parts) >= 6 and parts[0].isdigit() and parts[4].isdigit():
                found.setdefault(int(parts[0]), []).append(_packet(parts))
        return found

    def sizes(
        self, path: Path, demuxer: str, stream: int, instants: Sequence[float]
    ) -> set[tuple[int, int]]:
        """The sizes of the key frames in front of some instants; only these are decoded."""
        looked = ",".join(f"{instant:.3f}%+#1" for instant in instants)
        shown = ("-read_intervals", looked, "-select_streams", str(stream))
        frames = ("-show_entries", "frame=width,height", "-of", "csv=p=0")
        completed = self._run(path, demuxer, ("-skip_frame", "nokey", *shown, *frames))
        found = re.findall(rb"^(\d+),(\d+)", completed.stdout, re.MULTILINE)
        return {(int(width), int(height)) for width, height in found}

    def _run(self, path: Path, demuxer: str, shown: tuple[str, ...]) -> Completed:
        opened = (self.program, "-v", "error", "-hide_banner", *reading_rules(demuxer), *shown)
        arguments: tuple[Argument, ...] = (*opened, "-i", Input("original"))
        seconds = 10 + math.ceil(path.stat().st_size / BYTES_PER_SECOND)
        budget = Budget(
            cpu_seconds=seconds,
            wall_seconds=3.0 * seconds,
            memory_bytes=GIB,
            output_bytes=256 * MIB,
        )
        program = Program(arguments=arguments)
        return self.sandbox.run(program, inputs={"original": path}, budget=budget)


def _unreadable(completed: Completed) -> UnreadableMedia:
    return UnreadableMedia(
        "ffprobe found no streams",
        reason=Reason.DAMAGED,
        detail="container",
        tail=completed.stderr,
    )


def _packet(parts: list[str]) -> Packet:
    """One line; columns come in ffprobe's own order, unknown instants are N/A."""
    pts, dts, duration = (_seconds(part) for part in parts[1:4])
    return Packet(pts, dts, duration or 0.0, int(parts[4]), parts[5].startswith("K"))


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
