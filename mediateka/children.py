"""Processes that one process of the house keeps alive: started anew when they die, none left behind when it ends."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from mediateka.process import adopt_orphans, die_with_parent, end_orphans

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.2
QUICK_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 5.0
GROUPS_STOP_SECONDS = 30.0  # what a pool works on is finished within this time, or given back


@dataclass(slots=True)
class Child:
    """One process of the house, in a group of its own so that its whole tree can be ended.

    `module` is run with `arguments` and is told the pid of its parent: `--parent`.
    """

    name: str
    arguments: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    module: str = "mediateka"
    process: "subprocess.Popen[bytes] | Fork | None" = None
    started: float = 0.0
    pause: float = 0.0
    wake_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it; its parent's pid tells it whose end is its own."""
        command = [sys.executable, "-m", self.module, *self.arguments]
        self.process = subprocess.Popen(
            [*command, "--parent", str(os.getpid())],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.started = time.monotonic()

    def look(self) -> None:
        """Start it anew when it is gone, its group cleared first; one that dies at once waits a little longer each time."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            log.warning(
                "%s ended with status %s; starting it anew", self.name, self.process.returncode
            )
            self.end_group()
            quick = now - self.started < QUICK_SECONDS
            self.pause = min(self.pause * 2 + 0.2, LONGEST_PAUSE_SECONDS) if quick else 0.0
            self.process, self.wake_at = None, now + self.pause
        if self.process is None and now >= self.wake_at:
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the process."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for it until the deadline, then kill its group."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self.end_group()
        self.process.wait()

    def end_group(self) -> None:
        """Kill whatever is left of its tree."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Fork:
    """A forked process, asked as a `Popen` is."""

    def __init__(self, work: Callable[[], None]) -> None:
        parent = os.getpid()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _live_apart(work, parent)

    def poll(self) -> int | None:
        """Its exit status, None while it lives."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def terminate(self) -> None:
        """Send SIGTERM."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; subprocess.TimeoutExpired after so many seconds."""
        until = time.monotonic() + (float("inf") if timeout is None else timeout)
        while (status := self.poll()) is None:
            if time.monotonic() >= until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            time.sleep(LOOK_SECONDS / 4)
        return status


def _live_apart(work: Callable[[], None], parent: int) -> NoReturn:
    """What a forked process does: a session of its own, no signal handlers of its parent, no return into its parent's code."""
    status = 1
    try:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(parent)
        work()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        logging.shutdown()
        os._exit(status)


@dataclass(slots=True)
class ForkedChild(Child):
    """One process of the house that shares with its parent what was imported, and has nothing else of it.

    Only for a parent with a single thread and nothing open.
    """

    work: Callable[[], None] = field(kw_only=True)

    def start(self) -> None:
        """Fork it."""
        self.process = Fork(self.work)
        self.started = time.monotonic()


def watch(children: Sequence[Child], stop: threading.Event, stop_seconds: float) -> None:
    """Keep them alive until `stop`; then ask all to end, and kill what has not ended after so many seconds.

    What below them loses its parent comes here and is ended: bubblewrap, killed while it begins, leaves a child that waits for
    it for ever. Call it from the process's first thread: the kernel ends a child with the thread that started it.
    """
    adopt_orphans()
    try:
        while not stop.is_set():
            for child in children:
                child.look()
            end_orphans({child.process.pid for child in children if child.process})
            stop.wait(LOOK_SECONDS)
    finally:
        deadline = time.monotonic() + stop_seconds
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.end(deadline)
        while end_orphans(frozenset()):
            time.sleep(LOOK_SECONDS / 4)
