"""One child: start a program confined, wait within its budget, say how it ended. Nothing survives the call."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from archive.errors import NoSafeDecoder, OverBudget, UnreadableMedia
from archive.model.asset import Reason
from archive.sandbox import launcher
from archive.sandbox.budgets import Budget
from archive.sandbox.rungs import CODE, Places, Program, Rung, plan

GRACE_SECONDS = 5.0
TAIL_BYTES = 4096
ATTEMPTS = 2
WATCH_SECONDS = 1.0
BY_LIMIT: dict[int, str] = {
    signal.SIGXCPU: "time",
    signal.SIGXFSZ: "output",
    signal.SIGKILL: "memory",  # nobody here sent it, so the kernel did
}


Watch = Callable[[Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A child that ended by itself: its status, what it printed, the last of its complaints."""

    status: int
    stdout: bytes
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """The chosen rung and the folder for runs' own files. Without a rung nothing is ever run."""

    rung: Rung | None
    scratch: Path

    def run(
        self,
        program: Program,
        *,
        inputs: dict[str, Path],
        budget: Budget,
        output: Path | None = None,
        stdin: bytes = b"",
        watch: Watch | None = None,
    ) -> Completed:
        """Run one program to its end.

        `watch` is called about once a second with the file that holds what the child has printed so far; what it raises
        ends the child and is raised here.

        A child that dies of a signal is tried once more, alone; the second death is UnreadableMedia (`decoder-failed`).
        Raises OverBudget with detail `time`, `memory` or `output`, never tried again; NoSafeDecoder when there is no rung
        or the rung does not work any more. When the calling thread or process ends, the child is killed by the kernel.
        """
        if self.rung is None:
            raise NoSafeDecoder
        for attempt in range(1, ATTEMPTS + 1):
            with tempfile.TemporaryDirectory(prefix="run-", dir=self.scratch) as folder:
                places = Places(inputs=inputs, output=output, job=Path(folder))
                completed = _run(self.rung, program, places, budget, Watched(stdin, watch))
            if completed.status >= 0:
                return completed
            if attempt == ATTEMPTS:
                raise UnreadableMedia(
                    f"the decoder died of signal {-completed.status}",
                    reason=Reason.DAMAGED,
                    detail="decoder-failed",
                    tail=completed.stderr,
                )
        raise AssertionError


def command(
    rung: Rung, program: Program, places: Places, budget: Budget, parent: int | None
) -> list[str]:
    """The argument list that starts `program` confined; the child dies with process `parent` (None: whoever starts it)."""
    told = plan(rung, program, places, budget) | {"parent": parent}
    return [sys.executable, "-S", "-B", "-P", "-s", "-m", launcher.__name__, json.dumps(told)]


@dataclass(frozen=True, slots=True)
class Watched:
    """What goes into a child, and who looks at what comes out while it runs."""

    stdin: bytes
    watch: Watch | None


def _run(
    rung: Rung, program: Program, places: Places, budget: Budget, watched: Watched
) -> Completed:
    """Start, wait, read. Standard streams are files in the run's folder: no pipe can fill and no reader can be held up."""
    spoken, complaints, given = (places.job / name for name in ("stdout", "stderr", "stdin"))
    given.write_bytes(watched.stdin)
    with given.open("rb") as source, spoken.open("wb") as sink, complaints.open("wb") as errors:
        process = subprocess.Popen(
            command(rung, program, places, budget, os.getpid()),
            stdin=source,
            stdout=sink,
            stderr=errors,
            cwd=places.job,
            env={"PYTHONPATH": str(CODE)},
            start_new_session=True,
        )
        try:
            _wait(process, budget.wall_seconds, lambda: _look(watched.watch, spoken))
        finally:
            _end(process)
    tail = _tail(complaints)
    status = _status(process.returncode)
    if status in {launcher.CANNOT_CONFINE, launcher.NO_SUCH_PROGRAM} or tail.startswith("bwrap: "):
        raise NoSafeDecoder(tail)
    if status < 0 and (limit := BY_LIMIT.get(-status)):
        raise OverBudget(f"over its {limit} budget", detail=limit, tail=tail)
    return Completed(status=status, stdout=spoken.read_bytes(), stderr=tail)


def _status(code: int) -> int:
    """A death by signal as a negative number, also when bubblewrap reports it as 128 and the number."""
    return 128 - code if 128 < code <= 128 + signal.SIGRTMAX else code


def _look(watch: Watch | None, spoken: Path) -> bool:
    if watch is not None:
        watch(spoken)
    return watch is not None


def _wait(process: subprocess.Popen[bytes], seconds: float, look: Callable[[], bool]) -> None:
    """Wait for the end, looking once a second if anybody looks; past the time the group is asked to end, then made to."""
    handle = os.pidfd_open(process.pid)
    until = time.monotonic() + seconds
    try:
        while (left := until - time.monotonic()) > 0:
            if _ended(handle, min(left, WATCH_SECONDS)):
                return
            if not look() and _ended(handle, until - time.monotonic()):
                return
        os.killpg(process.pid, signal.SIGTERM)
        if not _ended(handle, GRACE_SECONDS):
            os.killpg(process.pid, signal.SIGKILL)
        _over_time()
    finally:
        os.close(handle)


def _over_time() -> NoReturn:
    raise OverBudget("over its time budget", detail="time")


def _ended(handle: int, seconds: float) -> bool:
    waiter = select.poll()
    waiter.register(handle, select.POLLIN)
    return bool(waiter.poll(max(0.0, seconds) * 1000))  # a negative time would be for ever


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of the group behind, however the wait ended."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            process.wait()


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        stream.seek(max(0, stream.tell() - TAIL_BYTES))
        return stream.read().decode("utf-8", "replace").strip()
