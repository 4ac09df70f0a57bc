"""Memory of the web process while originals of 500 MB go into and out of MinIO, to slow clients and to ones that stall.

Goal while they go out: at most 24 MiB over idle. Needs MEDIATEKA_TEST_OBJECTS (`bin/services env`); says so when it is missing.
"""

import hashlib
import http.client
import os
import sys
import threading
import time

from live import OBJECTS, bucket_of_its_own
from making import jpeg
from running_house import PAUSE, House, upload, wait_for

from bench.ground import house, watched

READERS, SIZE_BYTES = 4, 500_000_000
PIECE, PAUSE_SECONDS = 256 * 1024, 0.02
STALL_SECONDS = 45.0  # longer than the server waits for a client of its own
MIB = 1 << 20


def main() -> None:
    if not os.environ.get(OBJECTS):
        sys.exit(f"{OBJECTS} names no server")
    with bucket_of_its_own() as url, house(MEDIATEKA_OBJECTS=url) as running:
        web = [running.pids("server parent")[0], *running.pids("server worker")]
        begun = time.monotonic()
        with watched(lambda: web) as peak:
            held = dict(deposited(running, number) for number in range(READERS))
        took = time.monotonic() - begun
        print(
            f"{READERS} deposits of {SIZE_BYTES / 1e6:.0f} MB: web +{peak[0] / MIB:.1f} MiB, {took:.0f} s"
        )
        wait_for(lambda: all(is_done(running, asset) for asset in held), 300, "all is done")
        with watched(lambda: web) as peak:
            told = at_once([lambda a=asset: read(running, a) for asset in held])
        assert told == list(held.values())
        print(f"{READERS} slow readers, whole files: web +{peak[0] / MIB:.1f} MiB (goal 24)")
        with watched(lambda: web) as peak:
            told = at_once([lambda a=asset: read(running, a, STALL_SECONDS) for asset in held])
        assert told == list(held.values())
        print(f"{READERS} readers that stall {STALL_SECONDS:.0f} s: web +{peak[0] / MIB:.1f} MiB")


def deposited(running: House, number: int) -> tuple[str, str]:
    """A picture with noise behind it; its asset and digest."""
    head = jpeg(number, (400, 300))
    data = head + os.urandom(SIZE_BYTES - len(head))
    sent = upload(running, f"reader{number}.jpg", data, piece=64 * MIB)
    return sent.asset, sent.sha256


def is_done(running: House, asset: str) -> bool:
    return running.ask(f"/api/v1/assets/{asset}").json["state"] != "processing"


def read(running: House, asset: str, stall_seconds: float = 0.0) -> str:
    """Read an original slowly and hash it."""
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)
    path = f"/api/v1/assets/{asset}/original"
    line.request("GET", path, headers={"Authorization": f"Bearer {running.token}"})
    answer = line.getresponse()
    digest = hashlib.sha256(answer.read(PIECE))
    PAUSE.wait(stall_seconds)
    while piece := answer.read(PIECE):
        digest.update(piece)
        PAUSE.wait(0.0 if stall_seconds else PAUSE_SECONDS)
    line.close()
    return digest.hexdigest()


def at_once(acts: list) -> list[str]:
    told = [""] * len(acts)

    def act(number: int) -> None:
        told[number] = acts[number]()

    threads = [threading.Thread(target=act, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


if __name__ == "__main__":
    main()
