"""What every bench stands on: a house of its own in a temporary folder, the media set, and how figures are printed."""

import json
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from running_house import House, running_house

from bench import ROOT

MEDIA = ROOT.parent / "shared" / "media"

NORMAL = {
    "MEDIATEKA_LEASE_SECONDS": "60",
    "MEDIATEKA_SWEEP_SECONDS": "30",
    "MEDIATEKA_POLL_SECONDS": "1",
}


@contextmanager
def house(**settings: str) -> Iterator[House]:
    """A running house with the intervals of a real one."""
    with (
        tempfile.TemporaryDirectory(prefix="mediateka-bench-") as folder,
        running_house(Path(folder) / "house", **(NORMAL | settings)) as running,
    ):
        yield running


def ingest(running: House, *paths: Path) -> dict[str, dict]:
    """Deposit by the command line and wait; returns the printed lines by path."""
    out = running.command("ingest", *map(str, paths), "--wait", "--json", check=False, seconds=3600)
    return {line["path"]: line for line in map(json.loads, out.splitlines())}


@contextmanager
def watched(pids: Callable[[], list[int]]) -> Iterator[list[float]]:
    """The peak of the proportional share of memory of these processes over what it was at the beginning."""
    idle = sum(map(_share, pids()))
    peak, stop = [0.0], threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            peak[0] = max(peak[0], sum(map(_share, pids())) - idle)

    thread = threading.Thread(target=look)
    thread.start()
    yield peak
    stop.set()
    thread.join()


def _share(pid: int) -> int:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def spread(seconds: list[float]) -> str:
    """Median, 95th percentile and largest of some durations."""
    p95 = quantiles(seconds, n=20)[18] if len(seconds) > 1 else seconds[0]
    return f"median {median(seconds):.2f} s, p95 {p95:.2f} s, max {max(seconds):.2f} s (n = {len(seconds)})"
