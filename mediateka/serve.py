"""The supervisor: web and worker as children, started anew when they die, none left behind when it ends."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from archive.errors import Misconfigured
from mediateka.process import only_one
from mediateka.services import build
from mediateka.settings import Settings, child_environment
from web.auth.accounts import offer_setup

log = logging.getLogger(__name__)
STOP_SECONDS = 25.0
LOOK_SECONDS = 0.2
QUICK_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 5.0
START_SECONDS = 60.0


@dataclass(slots=True)
class Child:
    """One process of the house, in a group of its own so that its whole tree can be ended."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    wake_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it; its parent's pid tells it whose end is its own."""
        command = [sys.executable, "-m", "mediateka", *self.arguments, "--parent", str(os.getpid())]
        self.process = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True
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


def serve(settings: Settings, *, host: str, port: int, say: Callable[[str], None]) -> None:
    """Run the house until SIGTERM or SIGINT. `say` tells the person at the terminal."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stop.set())
    with only_one(settings.home, "serve"):
        _require_free(host, port)
        with build(settings) as services:
            secret = offer_setup(services.catalogue)
        environment = child_environment({"MEDIATEKA_PUBLIC_URL": settings.public_url})
        children = [
            Child("web", ["web", "--host", host, "--port", str(port)], environment),
            Child("worker", ["worker"], environment),
        ]
        threading.Thread(
            target=_announce, args=(settings.public_url, host, port, secret, say, stop), daemon=True
        ).start()
        _watch(children, stop)
    say("Stopped.")


def _watch(children: list[Child], stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            for child in children:
                child.look()
            stop.wait(LOOK_SECONDS)
    finally:
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.end(deadline)


def _require_free(host: str, port: int) -> None:
    """The server would share a busy port without a word; refuse it here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as trouble:
            raise Misconfigured(
                f"--port: {host}:{port} cannot be used: {trouble.strerror}"
            ) from trouble


def _announce(
    public_url: str,
    host: str,
    port: int,
    secret: str | None,
    say: Callable[[str], None],
    stop: threading.Event,
) -> None:
    """Say where the house is, once it answers."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    ask = f"http://[{shown}]:{port}/healthz" if ":" in shown else f"http://{shown}:{port}/healthz"
    deadline = time.monotonic() + START_SECONDS
    while not stop.wait(LOOK_SECONDS) and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(ask, timeout=2):  # noqa: S310 - our own address
                _greet(public_url, secret, say)
                return
        except (urllib.error.URLError, OSError):
            continue
    if not stop.is_set():
        say(f"Nothing answers at {ask} after {START_SECONDS:.0f} s; the lines above say why.")


def _greet(public_url: str, secret: str | None, say: Callable[[str], None]) -> None:
    say(f"Mediateka is at {public_url}/")
    if secret is not None:
        say(
            f"Nobody has an account yet. Make the first one within 30 minutes:\n  {public_url}/setup?token={secret}"
        )
