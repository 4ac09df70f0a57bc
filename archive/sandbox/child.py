"""One child: start a program confined, wait within its budget, say how it ended. Nothing survives the call."""

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from archive.errors import Interrupted, NoSafeDecoder, OverBudget, UnreadableMedia
from archive.model.asset import Reason
from archive.sandbox import launcher
from archive.sandbox.budgets import Budget
from archive.sandbox.kept import WATCH_SECONDS, Gone, Keeping, tail_of
from archive.sandbox.launching import command, end_group
from archive.sandbox.rungs import CODE, Places, Program, Rung

GRACE_SECONDS = 5.0
ATTEMPTS = 2
FROM_OUTSIDE = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
BY_LIMIT: dict[int, str] = {
    signal.SIGXCPU: "time",
    signal.SIGXFSZ: "output",
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
    """The chosen rung and the folder for runs' own files. Without a rung nothing is ever run.

    With `kept`, quick programs run in sandboxes that stay open; what dies there is tried once more in one of its own.
    `require_wanted` is asked about once a second while a child runs; what it raises ends the child and is raised by `run`.
    """

    rung: Rung | None
    scratch: Path
    kept: Keeping | None = None
    require_wanted: Callable[[], None] | None = None

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

        A child that dies of a signal is tried once more, alone; the second death is UnreadableMedia (`decoder-failed`). One
        that is killed twice is OverBudget (`memory`): once may be a machine that was short of it, or somebody's hand.
        Raises Interrupted when somebody ended it from outside. Raises OverBudget with detail `time`, `memory` or `output`, never tried again; NoSafeDecoder when there is no rung
        or the rung does not work any more. When the thread that started it or the process ends, the child is killed by the kernel.
        """
        if self.rung is None:
            raise NoSafeDecoder
        for attempt in range(1, ATTEMPTS + 1):
            with tempfile.TemporaryDirectory(prefix="run-", dir=self.scratch) as folder:
                places = Places(inputs=inputs, output=output, job=Path(folder))
                watched = Watched(stdin, _both(self.require_wanted, watch))
                # What reads what lies in its output folder needs that very folder.
                fills = output is None or not any(output.iterdir())
                quick = program.is_quick and fills and not (stdin or watch)
                if attempt == 1 and self.kept and quick and self.kept.takes(places):
                    completed = _run_kept(self.kept, program, places, budget, self.require_wanted)
                else:
                    completed = _run(self.rung, program, places, budget, watched)
            if completed.status >= 0:
                return completed
            if attempt == ATTEMPTS and completed.status == -signal.SIGKILL:
                raise OverBudget(
                    "killed twice: over its memory budget", detail="memory", tail=completed.stderr
                )
            if attempt == ATTEMPTS:
                raise UnreadableMedia(
                    f"the decoder died of signal {-completed.status}",
                    reason=Reason.DAMAGED,
                    detail="decoder-failed",
                    tail=completed.stderr,
                )
        raise AssertionError


@dataclass(frozen=True, slots=True)
class Watched:
    """What goes into a child, and who looks at what comes out while it runs."""

    stdin: bytes
    watch: Watch | None


def _run_kept(
    keeping: Keeping,
    program: Program,
    places: Places,
    budget: Budget,
    require_wanted: Callable[[], None] | None,
) -> Completed:
    """In a sandbox that is open already. One whose resident has died counts as a program that died."""
    try:
        with keeping.lend(program.packages) as kept:
            ended = kept.run(program, places, budget, require_wanted)
    except Gone as gone:
        return Completed(status=-signal.SIGABRT, stdout=b"", stderr=str(gone))
    return _completed(ended.status, ended.spoken, ended.complaints)


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
            end_group(process)
    tail = _tail(complaints)
    status = _status(process.returncode)
    return _completed(status, spoken.read_bytes(), tail)


def _completed(status: int, spoken: bytes, tail: str) -> Completed:
    """The end of a program, unless it never began or a limit ended it."""
    if status in {launcher.CANNOT_CONFINE, launcher.NO_SUCH_PROGRAM} or tail.startswith("bwrap: "):
        raise NoSafeDecoder(tail)
    if -status in FROM_OUTSIDE:
        raise Interrupted(f"ended by signal {-status}")
    if status < 0 and (limit := BY_LIMIT.get(-status)):
        raise OverBudget(f"over its {limit} budget", detail=limit, tail=tail)
    return Completed(status=status, stdout=spoken, stderr=tail)


def _status(code: int) -> int:
    """A death by signal as a negative number, also when bubblewrap reports it as 128 and the number."""
    return 128 - code if 128 < code <= 128 + signal.SIGRTMAX else code


def _both(require_wanted: Callable[[], None] | None, watch: Watch | None) -> Watch | None:
    """Ask whether the run is wanted still, then let the one who watches look."""
    if require_wanted is None:
        return watch

    def look(spoken: Path) -> None:
        require_wanted()
        if watch is not None:
            watch(spoken)

    return look


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


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        return tail_of(stream)
