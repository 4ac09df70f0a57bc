"""The self-check: prove at the start that a rung holds, and choose the best one that does."""

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from archive.errors import MediatekaError
from archive.sandbox import canary
from archive.sandbox.budgets import MIB, Budget
from archive.sandbox.child import Sandbox
from archive.sandbox.launching import command
from archive.sandbox.rungs import CODE, Input, Places, Rung, python_program

CHECKING = Budget(cpu_seconds=5, wall_seconds=10, memory_bytes=512 * MIB, output_bytes=MIB)
# A parent between us and the child: it starts the command it is given and waits.
MIDDLEMAN = "import subprocess, sys; subprocess.run(sys.argv[1:], start_new_session=True)"


@dataclass(frozen=True, slots=True, kw_only=True)
class RungReport:
    """What the check of one rung found; `misses` is empty when it holds."""

    rung: Rung
    misses: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether anything may be decoded in this rung."""
        return not self.misses


def choose(scratch: Path, forced: Rung | None = None) -> tuple[Sandbox, tuple[RungReport, ...]]:
    """The best rung that holds on this machine, with the reports of all that were tried.

    `forced` allows one rung only. When none holds the sandbox has no rung, and running anything raises NoSafeDecoder.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    reports: list[RungReport] = []
    for rung in [forced] if forced else list(Rung):
        report = self_check(rung, scratch)
        reports.append(report)
        if report.holds:
            return Sandbox(rung=rung, scratch=scratch), tuple(reports)
    return Sandbox(rung=None, scratch=scratch), tuple(reports)


def self_check(rung: Rung, scratch: Path) -> RungReport:
    """Try a rung: it reads its input, cannot read a secret outside or reach a listener, and dies with its parent."""
    with tempfile.TemporaryDirectory(prefix="check-", dir=scratch) as folder:
        try:
            misses = [*_reach(rung, Path(folder)), *_orphan(rung, Path(folder))]
        except MediatekaError as error:
            misses = [str(error)]
    return RungReport(rung=rung, misses=tuple(misses))


def _reach(rung: Rung, folder: Path) -> list[str]:
    given, secret = folder / "given", folder / "secret"
    given.write_bytes(b"given")
    secret.write_bytes(b"secret")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        program = python_program(canary.__name__, "try", Input("given"), str(secret), port)
        completed = Sandbox(rung=rung, scratch=folder).run(
            program, inputs={"given": given}, budget=CHECKING
        )
    if completed.status != 0:
        return [f"the canary failed: {completed.stderr}"]
    report = json.loads(completed.stdout)
    wrong = {
        "cannot read its input": not report["reads"],
        "can read a file outside": report["secret"],
        "can open a connection": report["connected"],
    }
    return [miss for miss, holds in wrong.items() if holds]


def _orphan(rung: Rung, folder: Path) -> list[str]:
    """Kill a parent; its child's end closes the pipe that both held."""
    job = folder / "job"
    job.mkdir()
    places = Places(inputs={}, output=None, job=job)
    stays = command(rung, python_program(canary.__name__, "stay"), places, CHECKING, None)
    with subprocess.Popen(
        [sys.executable, "-S", "-c", MIDDLEMAN, *stays],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(CODE)},
    ) as middleman:
        assert middleman.stdout is not None
        ready = _read(middleman.stdout.fileno())
        middleman.kill()
        gone = _read(middleman.stdout.fileno()) if ready else b""
    if ready != canary.READY:
        return ["the canary did not start"]
    return [] if gone == b"" else ["outlives its parent"]


def _read(handle: int) -> bytes | None:
    """What comes next, nothing at the end, None when nothing comes in time."""
    waiter = select.poll()
    waiter.register(handle, select.POLLIN | select.POLLHUP)
    return os.read(handle, len(canary.READY)) if waiter.poll(CHECKING.wall_seconds * 1000) else None
