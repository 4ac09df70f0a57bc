"""Bytes in and out: uploads against a bare loop, ranges and whole files against nginx, memory while 2 GB go both ways.

Needs curl, ab (apache2-utils) and nginx on the path; says so when one is missing.
"""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from making import jpeg
from running_house import (
    PAUSE,
    House,
    encoded,
    free_port,
    wait_for,
)

from bench import ROOT
from bench.ground import house, watched

PROGRAMS = ("curl", "ab", "nginx")
UPLOAD_BYTES, RANGE_BYTES, WHOLE_BYTES = 500_000_000, 256 * 1024, 2_000_000_000
RANGES, ROUNDS, SLOW_READERS = 3000, 3, 4
MIB = 1 << 20
_USER = "user root;" if os.getuid() == 0 else ""  # or its worker could not enter a folder of ours
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
NGINX = """
{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {root}; }} }}
"""


def main() -> None:
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        sys.exit(f"missing: {', '.join(missing)}")
    with tempfile.TemporaryDirectory(prefix="mediateka-traffic-") as name, house() as running:
        folder = Path(name)
        uploads(running, folder)
        whole = _file(folder / "whole.jpg", WHOLE_BYTES)
        asset = memory(running, whole)
        with _nginx(folder) as port:
            downloads(running, asset, f"http://127.0.0.1:{port}/{whole.name}")


def uploads(running: House, folder: Path) -> None:
    """One body of 500 MB, taken by the house with two digests and by the bare loop with one, by turns."""
    file = _file(folder / "upload.jpg", UPLOAD_BYTES)
    with _bare(folder) as port:
        ours, bare = [], []
        for number in range(ROUNDS):
            with file.open("r+b") as stream:  # other bytes each time, or it is known already
                stream.seek(-8, os.SEEK_END)
                stream.write(number.to_bytes(8, "big"))
            address = f"http://127.0.0.1:{running.port}{_begin(running, file)}"
            head = [*_headers(TUS | {"Upload-Offset": "0"}), *_bearer(running)]
            ours.append(_send(file, address, "PATCH", head))
            bare.append(_send(file, f"http://127.0.0.1:{port}/", "POST", []))
    speed = min(bare) / min(ours)
    print(
        f"upload of {UPLOAD_BYTES / 1e6:.0f} MB: {UPLOAD_BYTES / min(ours) / 1e6:.0f} MB/s with both digests, bare loop "
        f"{UPLOAD_BYTES / min(bare) / 1e6:.0f} MB/s: {speed:.2f} x (goal 0.6)"
    )


def downloads(running: House, asset: str, theirs: str) -> None:
    """The same file by the house, which decides about rights each time, and by nginx, which does not."""
    ours = f"http://127.0.0.1:{running.port}/api/v1/assets/{asset}/original"
    rates = [
        max(_ranges(address, head) for _ in range(ROUNDS))
        for address, head in ((ours, _bearer(running)), (theirs, []))
    ]
    print(
        f"ranges of 256 KiB: {rates[0]:.0f} a second, nginx {rates[1]:.0f}: {rates[0] / rates[1]:.2f} x (goal 0.25)"
    )
    times = [
        min(
            _timed(["curl", "-sS", "--fail", "-o", "/dev/null", *head, address])
            for _ in range(ROUNDS)
        )
        for address, head in ((ours, _bearer(running)), (theirs, []))
    ]
    print(
        f"whole file of 2 GB: {WHOLE_BYTES / times[0] / 1e6:.0f} MB/s, nginx {WHOLE_BYTES / times[1] / 1e6:.0f}: "
        f"{times[1] / times[0]:.2f} x (goal 0.8)"
    )


def memory(running: House, whole: Path) -> str:
    """Peak share of memory of the server's and the worker's processes while 2 GB go in and out and four slow readers read."""
    web = [running.pids("server parent")[0], *running.pids("server worker")]
    worker = running.pids("worker")
    with watched(lambda: web) as peak_web, watched(lambda: worker) as peak_worker:
        address = f"http://127.0.0.1:{running.port}{_begin(running, whole)}"
        head = [*_headers(TUS | {"Upload-Offset": "0"}), *_bearer(running)]
        _send(whole, address, "PATCH", head)
        where = address.partition(str(running.port))[2]
        asset = running.ask(where, "HEAD", headers=TUS).headers["mediateka-asset"]
        path = f"/api/v1/assets/{asset}/original"
        stop = threading.Event()
        readers = [
            threading.Thread(target=_read_slowly, args=(running, path, stop))
            for _ in range(SLOW_READERS)
        ]
        for reader in readers:
            reader.start()
        target = f"http://127.0.0.1:{running.port}{path}"
        _timed(["curl", "-sS", "--fail", "-o", "/dev/null", *_bearer(running), target])
        stop.set()
        for reader in readers:
            reader.join()
    print(
        f"memory over idle while 2 GB went in and out beside {SLOW_READERS} slow readers: web +{peak_web[0] / MIB:.1f} MiB "
        f"(goal 24), worker's own process +{peak_worker[0] / MIB:.1f} MiB"
    )
    wait_for(
        lambda: running.ask(f"/api/v1/assets/{asset}").json["state"] != "processing",
        300,
        "it is done",
    )
    return asset


def _file(path: Path, size: int) -> Path:
    """A picture with noise behind it."""
    with path.open("wb") as stream:
        stream.write(jpeg(3, (400, 300)))
        while stream.tell() < size:
            stream.write(os.urandom(min(16 * MIB, size - stream.tell())))
    return path


def _begin(running: House, file: Path) -> str:
    """Create an upload; returns its path."""
    told = {
        "Upload-Length": str(file.stat().st_size),
        "Upload-Metadata": encoded(filename=file.name),
    }
    answer = running.ask("/api/v1/uploads", "POST", headers=TUS | told)
    assert answer.status == 201, answer.data
    return answer.headers["location"]


def _bearer(running: House) -> list[str]:
    return ["-H", f"Authorization: Bearer {running.token}"]


def _headers(given: dict[str, str]) -> list[str]:
    return [part for name, value in given.items() for part in ("-H", f"{name}: {value}")]


def _timed(command: list[str]) -> float:
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - begun


def _send(file: Path, address: str, method: str, head: list[str]) -> float:
    quiet = ["curl", "-sS", "--fail", "-H", "Expect:", "-X", method, *head]
    return _timed([*quiet, "--upload-file", str(file), address])


def _ranges(address: str, head: list[str]) -> float:
    """Requests a second for ranges in the middle, four at a time on kept lines."""
    given = ["-H", f"Range: bytes={100 * MIB}-{100 * MIB + RANGE_BYTES - 1}", *head]
    command = ["ab", "-q", "-k", "-c", "4", "-n", str(RANGES), *given, address]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests per second:\s+([\d.]+)", told)
    assert found, told
    return float(found[1])


def _read_slowly(running: House, path: str, stop: threading.Event) -> None:
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    line.request("GET", path, headers={"Authorization": f"Bearer {running.token}"})
    answer = line.getresponse()
    while not stop.is_set() and answer.read(64 * 1024):
        PAUSE.wait(0.02)
    line.close()


@contextmanager
def _served(command: list[str], port: int, **more: str) -> Iterator[int]:
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **more}, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _answers(port), 20, "it listens")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.connect()
    except OSError:
        return False
    line.close()
    return True


def _bare(folder: Path):
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command += ["--blocking-threads", "8", "--log-level", "error", "bench.bare_receiver:app"]
    return _served(command, port, BARE_FOLDER=str(folder))


def _nginx(folder: Path):
    port = free_port()
    place = folder / "nginx"
    place.mkdir()
    (place / "conf").write_text(NGINX.format(user=_USER, folder=place, port=port, root=folder))
    return _served(["nginx", "-c", str(place / "conf"), "-p", str(place)], port)


if __name__ == "__main__":
    main()
