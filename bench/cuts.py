"""tus-js-client and tuspy over a line that is cut and a server that restarts: bytes equal, little sent again, soon resumed.

Goals: at most 4 MiB sent again per cut, resumed within 3 s of the line (or the server) being back.
"""

import hashlib
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from making import jpeg
from requests import RequestException
from running_house import PAUSE, House, wait_for
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from bench import ROOT
from bench.ground import house

SIZE = 200_000_000
CUTS = 20
PIECE = 64 * 1024


@dataclass
class Proxy:
    """A line on loopback that counts what goes up and is cut when a number of bytes has passed."""

    target: int
    cuts: list[int]
    sent: int = 0
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    cut_at: list[float] = field(default_factory=list)
    resumed_after: list[float] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.listener.getsockname()[1]

    @property
    def endpoint(self) -> str:
        """Where uploads are created, through this line."""
        return f"http://127.0.0.1:{self.port}/api/v1/uploads"

    def run(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            client.close()
            return
        with client, server, selectors.DefaultSelector() as waiting:
            waiting.register(client, selectors.EVENT_READ, server)
            waiting.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in waiting.select(60):
                    try:
                        data = key.fileobj.recv(PIECE)
                        key.data.sendall(data)
                    except OSError:
                        return
                    if not data:
                        return
                    if key.fileobj is client and self._passed(data):
                        return  # the line is cut

    def _passed(self, data: bytes) -> bool:
        if data.startswith(b"PATCH") and len(self.resumed_after) < len(self.cut_at):
            self.resumed_after.append(time.monotonic() - self.cut_at[-1])
        self.sent += len(data)
        if self.cuts and self.sent >= self.cuts[0]:
            self.cuts.pop(0)
            self.cut_at.append(time.monotonic())
            return True
        return False


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(10**6)
    for client, send in CLIENTS.items():
        measure(client, send, seed)


def measure(client: str, send: Callable[[House, Proxy, Path], str], seed: int) -> None:
    chance = random.Random(seed)
    with house() as running:
        path = running.home / "two-hundred-megabytes.jpg"
        path.write_bytes(jpeg(seed, (400, 300)) + chance.randbytes(SIZE))
        proxy = Proxy(running.port, sorted(chance.sample(range(SIZE // 20, SIZE), CUTS)))
        threading.Thread(target=proxy.run, daemon=True).start()
        restart = restart_at(running, proxy, SIZE // 2)
        begun = time.monotonic()
        asset = send(running, proxy, path)
        seconds = time.monotonic() - begun
        restart.join()
        data = running.ask(f"/api/v1/assets/{asset}/original", timeout=120).data
        equal = hashlib.sha256(data).digest() == hashlib.sha256(path.read_bytes()).digest()
        again = proxy.sent - path.stat().st_size
        print(
            f"{client}, seed {seed}: {path.stat().st_size / 1e6:.0f} MB in {seconds:.1f} s over {len(proxy.cut_at)} cuts "
            f"and a restart; bytes equal: {equal}"
        )
        print(
            f"sent again: {again / (1 << 20):.1f} MiB in all, {again / (1 << 20) / (CUTS + 1):.2f} MiB per interruption"
        )
        waits = sorted(proxy.resumed_after)
        print(f"resumed after a cut: median {median(waits):.2f} s, longest {waits[-1]:.2f} s")


def by_javascript(running: House, proxy: Proxy, path: Path) -> str:
    """tus-js-client, as the deposit page uses it; returns the asset's id."""
    command = [
        "node",
        str(ROOT / "bench" / "cuts.mjs"),
        str(path),
        proxy.endpoint,
        running.token,
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])["asset"]


def by_python(running: House, proxy: Proxy, path: Path) -> str:
    """tuspy, asked for the offset again after each interruption; returns the asset's id."""
    headers = {"Authorization": f"Bearer {running.token}"}
    uploader = TusClient(proxy.endpoint, headers=headers).uploader(
        str(path), chunk_size=4 << 20, metadata={"filename": path.name}
    )
    while uploader.offset < path.stat().st_size:
        try:
            uploader.upload_chunk()
        except (TusCommunicationError, RequestException):
            PAUSE.wait(0.2)
            with suppress(TusCommunicationError, RequestException):
                uploader.offset = uploader.get_offset()
    where = uploader.url.partition("/api/")[2]
    told = running.ask(f"/api/{where}", "HEAD", headers={"Tus-Resumable": "1.0.0"})
    return told.headers["mediateka-asset"]


CLIENTS = {"tus-js-client": by_javascript, "tuspy": by_python}


def restart_at(running: House, proxy: Proxy, position: int) -> threading.Thread:
    """Kill the server once this many bytes have passed; the supervisor starts it anew."""

    def act() -> None:
        wait_for(lambda: proxy.sent >= position, 120, "half of it is through")
        [parent] = running.pids("server parent")
        os.kill(parent, signal.SIGKILL)
        gone = time.monotonic()
        wait_for(running.answers, 60, "the server is back")
        print(
            f"server killed at {proxy.sent / 1e6:.0f} MB, back after {time.monotonic() - gone:.2f} s"
        )

    thread = threading.Thread(target=act)
    thread.start()
    return thread


if __name__ == "__main__":
    main()
