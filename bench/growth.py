"""The distributed house with one worker process and with two: photos a second, and what is spent outside the renditions themselves.

Needs the real servers: `bin/services run .venv/bin/python -m bench.growth`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import four_addresses
from running_house import PAUSE, ROOT, House, descendants_of, stat_of

from bench.ground import NORMAL
from bench.photos import _own, _photos, _room

TICKS = os.sysconf("SC_CLK_TCK")
HANDS = "interactive=1,render=1,bulk=1,fixity=1"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mediateka-growth-") as name:
        folder = Path(name)
        files = _photos(folder / "photos")
        room = _own(lambda: [_room(file, folder) for file in files])
        print(f"{len(files)} photos of 24 megapixels; their renditions alone: {room:.1f} CPU s")
        rates = []
        for workers in (1, 2):
            rate, used = _lived(folder / f"{workers}", files, workers)
            rates.append(rate)
            outside = 1 - room / used
            print(
                f"{workers} worker processes: {rate:.2f} photos a second, {used:.1f} CPU s of web, workers and children, "
                f"{outside:.0%} of it outside the renditions"
            )
        print(f"two against one: {rates[1] / rates[0]:.2f} x (goal 1.6)")


def _lived(folder: Path, files: list[Path], workers: int) -> tuple[float, float]:
    """(photos a second from the first to the last that is ready, CPU seconds of all processes of the house meanwhile)."""
    folder.mkdir()
    with four_addresses() as four:
        house = House(folder / "web", settings=NORMAL | four | {"MEDIATEKA_SANDBOX": "landlock"})
        house.token = house.account()
        house.command("ingest", *map(str, files), "--publish", seconds=600)
        with _processes(house, folder, workers) as pids:
            ready: list[float] = []
            before = None
            while len(ready) < len(files):
                done = house.ask("/api/v1/assets?limit=200").json["items"]
                finished = sum(asset["state"] == "ready" for asset in done)
                if finished and before is None:
                    before = _cpu(pids)
                ready += [time.monotonic()] * (finished - len(ready))
                PAUSE.wait(0.1)
            used = _cpu(pids) - (before or 0)
    return (len(files) - 1) / (ready[-1] - ready[0]), used * len(files) / (len(files) - 1)


@contextmanager
def _processes(house: House, folder: Path, workers: int) -> Iterator[list[int]]:
    """A web process and so many workers, each with a home of its own."""
    web = house.environment
    commands = [(web, ["web", "--port", str(house.port)])]
    for number in range(workers):
        home = folder / f"worker-{number}"
        commands.append(
            (web | {"MEDIATEKA_HOME": str(home), "MEDIATEKA_WORKERS": HANDS}, ["worker"])
        )
    with (folder / "log").open("wb") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "mediateka", *command],
                env=environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
            for environment, command in commands
        ]
    try:
        while not house.answers():
            PAUSE.wait(0.1)
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(60)


def _cpu(pids: list[int]) -> float:
    """Seconds that these processes and all below them have used, those that ended and were waited for included."""
    everyone = [below for pid in pids for below in (pid, *descendants_of(pid))]
    ticks = [int(field) for pid in everyone if (stat := stat_of(pid)) for field in stat[11:15]]
    return sum(ticks) / TICKS


if __name__ == "__main__":
    sys.exit(main())
