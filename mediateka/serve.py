"""The supervisor: web and worker as children, started anew when they die, none left behind when it ends."""

import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from archive.errors import Misconfigured
from mediateka.children import GROUPS_STOP_SECONDS, LOOK_SECONDS, Child, watch
from mediateka.process import only_one
from mediateka.services import build
from mediateka.settings import Settings, child_environment
from web.auth.accounts import offer_setup

STOP_SECONDS = GROUPS_STOP_SECONDS + 10.0  # longer than the slowest of its children allows itself
START_SECONDS = 60.0


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
        watch(children, stop, STOP_SECONDS)
    say("Stopped.")


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
