"""Sandboxes that are kept open, so that a quick program costs a fork instead of an interpreter and a namespace."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Self

from archive.errors import OverBudget
from archive.sandbox import resident
from archive.sandbox.budgets import GIB, MIB, Budget
from archive.sandbox.launching import command, end_group
from archive.sandbox.rungs import (
    CODE,
    INTERPRETER,
    Argument,
    Input,
    Output,
    Places,
    Program,
    Rung,
    limits_of,
    python_program,
)

MOST_RUNS = 200
LONGEST_LIFE_SECONDS = 600.0
TAIL_BYTES = 4096
COPIED_BYTES = 64 * MIB  # what may be copied where it cannot be linked
WATCH_SECONDS = 1.0
# The ceiling of every process it makes; the resident itself only waits.
RESIDENT = Budget(
    cpu_seconds=120, wall_seconds=LONGEST_LIFE_SECONDS, memory_bytes=3 * GIB, output_bytes=64 * MIB
)
FILES = "files"


class Gone(Exception):
    """The resident is not there any more: the program must be run in a sandbox of its own."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit status (negative: a signal), what it printed, the last of its complaints."""

    status: int
    spoken: bytes
    complaints: str


class Kept:
    """One sandbox that stays open, with its resident; runs one program at a time, in folders emptied after each.

    What it runs prints into files that were opened here: no name in a folder it can write to is ever followed.
    """

    def __init__(self, rung: Rung, packages: tuple[str, ...], scratch: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kept-", dir=scratch))
        self._files, self._out, job = (self._folder / name for name in (FILES, "out", "job"))
        for folder in (self._files, self._out, job):
            folder.mkdir()
        self._began, self._runs, self._is_clean = time.monotonic(), 0, True
        self._spoken = tempfile.TemporaryFile("w+b", buffering=0, dir=self._folder)  # noqa: SIM115 - as long as we
        self._complaints = tempfile.TemporaryFile("w+b", buffering=0, dir=self._folder)  # noqa: SIM115
        self._process = self._start(rung, packages, job)

    def _start(self, rung: Rung, packages: tuple[str, ...], job: Path) -> subprocess.Popen[bytes]:
        places = Places(inputs={FILES: self._files}, output=self._out, job=job)
        with Path(os.devnull).open("rb") as nothing:
            streams = (nothing.fileno(), self._spoken.fileno(), self._complaints.fileno())
            numbers = tuple(str(number) for number in streams)
            program = python_program(resident.__name__, Input(FILES), Output(), *numbers)
            return subprocess.Popen(
                command(
                    rung,
                    replace(program, packages=packages, forks=True),
                    places,
                    RESIDENT,
                    os.getpid(),
                ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                pass_fds=streams,
                cwd=job,
                env={"PYTHONPATH": str(CODE)},
                start_new_session=True,
            )

    @property
    def is_fresh(self) -> bool:
        """Whether it may be lent once more: alive, not worn, its folders empty."""
        age = time.monotonic() - self._began
        alive = self._process.poll() is None and age < LONGEST_LIFE_SECONDS
        return alive and self._is_clean and self._runs < MOST_RUNS

    def run(
        self,
        program: Program,
        places: Places,
        budget: Budget,
        require_wanted: Callable[[], None] | None = None,
    ) -> Ended:
        """Run a program to its end; what it made is moved to the output folder of `places`.

        `require_wanted` is asked about once a second; what it raises is raised. Raises OverBudget (`time`), after which this sandbox is closed; Gone when the resident has died.
        """
        self._runs += 1
        for stream in (self._spoken, self._complaints):
            stream.seek(0)  # the place is shared with those who write
            stream.truncate()
        has_ended = False
        try:
            for name, path in places.inputs.items():
                _lay(path.resolve(), self._files / name)
            self._ask(_order(program, budget))
            status = self._answer(budget.wall_seconds, require_wanted)
            has_ended = True
            if places.output:
                for made in _plain_files(self._out):
                    shutil.move(made, places.output / made.name)
        finally:
            if not has_ended:
                end_group(self._process)  # nothing stirs in the folders while they are emptied
            self._is_clean = all(map(_emptied, (self._files, self._out)))
        self._spoken.seek(0)
        return Ended(status, self._spoken.read(), tail_of(self._complaints))

    def close(self) -> None:
        """End the resident and whatever it runs."""
        end_group(self._process)
        for stream in (self._process.stdin, self._process.stdout, self._spoken, self._complaints):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()
        _removed(self._folder)

    def _ask(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise Gone(tail_of(self._complaints)) from error

    def _answer(self, seconds: float, require_wanted: Callable[[], None] | None) -> int:
        answers = self._process.stdout
        assert answers
        waiter = select.poll()
        waiter.register(answers, select.POLLIN)
        until = time.monotonic() + seconds
        while not waiter.poll(1000 * max(0.0, min(until - time.monotonic(), WATCH_SECONDS))):
            if time.monotonic() >= until:
                raise OverBudget("over its time budget", detail="time")
            if require_wanted:
                require_wanted()
        line = answers.readline()
        if not line:
            raise Gone(tail_of(self._complaints))
        return int(line)


def _starter() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandboxes")


@dataclass(slots=True)
class Keeping:
    """The sandboxes kept open by one worker; a thread that finds none idle opens another. Worn ones go at the next lending.

    One thread of its own starts them all: the kernel ends a sandbox with the thread that started it, and threads that
    read a file do not outlive the file.
    """

    rung: Rung
    scratch: Path
    _starting: ThreadPoolExecutor = field(default_factory=_starter)
    _idle: dict[tuple[str, ...], list[Kept]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_closed: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._is_closed = True
            idle = [one for kept in self._idle.values() for one in kept]
            self._idle.clear()
        for kept in idle:
            kept.close()
        self._starting.shutdown()

    def takes(self, places: Places) -> bool:
        """Whether the inputs can be laid into a kept folder: linked, or small enough to be copied."""
        here = self.scratch.stat().st_dev
        found = [path.stat() for path in places.inputs.values()]
        return all(one.st_dev == here or one.st_size <= COPIED_BYTES for one in found)

    @contextmanager
    def lend(self, packages: tuple[str, ...]) -> Iterator[Kept]:
        """A sandbox for one run; it is kept only when the run ended without an error. Raises Gone once all are closed."""
        kept = self._taken(packages) or self._started(packages)
        ended_well = False
        try:
            yield kept
            ended_well = True
        finally:
            if not (ended_well and kept.is_fresh and self._returned(kept, packages)):
                kept.close()

    def _started(self, packages: tuple[str, ...]) -> Kept:
        try:
            starting = self._starting.submit(Kept, self.rung, packages, self.scratch)
        except RuntimeError as error:  # it was shut down
            raise Gone("no sandbox is kept open any more") from error
        return starting.result()

    def _returned(self, kept: Kept, packages: tuple[str, ...]) -> bool:
        with self._lock:
            if not self._is_closed:
                self._idle.setdefault(packages, []).append(kept)
            return not self._is_closed

    def _taken(self, packages: tuple[str, ...]) -> Kept | None:
        """One that is fresh still; of all that wait, those that are not are closed."""
        with self._lock:
            waiting = [one for idle in self._idle.values() for one in idle]
            worn = [one for one in waiting if not one.is_fresh]
            for name, idle in self._idle.items():
                self._idle[name] = [one for one in idle if one not in worn]
            found = self._idle.get(packages, [])
            taken = found.pop() if found else None
        for one in worn:
            one.close()
        return taken


def tail_of(stream: IO[bytes]) -> str:
    """The last of what was written to a file."""
    stream.seek(0, os.SEEK_END)
    stream.seek(max(0, stream.tell() - TAIL_BYTES))
    return stream.read().decode("utf-8", "replace").strip()


def _order(program: Program, budget: Budget) -> dict[str, Any]:
    begin = len(INTERPRETER) + 1 if program.module else 0
    return {
        "module": program.module,
        "arguments": [_spelled(argument) for argument in program.arguments[begin:]],
        "limits": limits_of(budget),
    }


def _spelled(argument: Argument) -> str | dict[str, str]:
    match argument:
        case Input(name):
            return {"input": name}
        case Output(name):
            return {"output": name}
        case _:
            return argument


def _lay(path: Path, place: Path) -> None:
    try:
        place.hardlink_to(path)
    except OSError:  # another file system, or one without links
        shutil.copyfile(path, place)


def _plain_files(folder: Path) -> list[Path]:
    """No program of ours makes folders; who finds one closes the sandbox."""
    return [entry for entry in folder.iterdir() if entry.is_symlink() or not entry.is_dir()]


def _emptied(folder: Path) -> bool:
    """Take the plain files away; False when something is left."""
    for entry in _plain_files(folder):
        entry.unlink()
    return not any(folder.iterdir())


def _removed(folder: Path) -> None:
    """Whatever was made there, however deep: folders within folders without end are more than Python walks."""
    subprocess.run(["rm", "-rf", "--", folder], check=False, stdin=subprocess.DEVNULL)
