"""Somebody who hears the doorbell, for tests: a thread for the local bell, a real Celery worker for the other.

Run as a program it is that worker: `python hearing.py URL QUEUE` writes a line for every ring that wakes it.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from running_house import ROOT, wait_for

from archive.model.job import Queue
from workers.doorbell.local import LocalListener

SECONDS = 20.0


class Heard:
    """What woke somebody; `by(queue)` waits for it."""

    def __init__(self, rings: Callable[[], list[Queue]]) -> None:
        self.rings = rings

    def by(self, queue: Queue) -> None:
        wait_for(lambda: queue in self.rings(), SECONDS, f"{queue} hears its ring")


@contextmanager
def heard_locally(home: Path, _queue: Queue) -> Iterator[Heard]:
    wakes = {queue: threading.Event() for queue in Queue}
    listener, stop = LocalListener(home, wakes), threading.Event()
    thread = threading.Thread(target=listener.listen, args=(stop,))
    thread.start()
    try:
        yield Heard(lambda: [queue for queue, wake in wakes.items() if wake.is_set()])
    finally:
        stop.set()
        thread.join()
        listener.close()


@contextmanager
def heard_by_celery(url: str, queue: Queue) -> Iterator[Heard]:
    said: list[str] = []
    worker = subprocess.Popen(
        [sys.executable, __file__, url, str(queue)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    reader = threading.Thread(target=_read, args=(worker, said))
    reader.start()
    try:
        yield Heard(lambda: [Queue(line) for line in said if line in set(Queue)])
    finally:
        worker.terminate()
        worker.wait(SECONDS)
        reader.join()
        worker.stdout.close()


def _read(worker: subprocess.Popen, said: list[str]) -> None:
    said.extend(line.strip() for line in worker.stdout)


def main(url: str, queue: str) -> None:
    from workers.doorbell.celery import listen, make_app, run_group

    app = make_app(url)
    listen(app, lambda rung: print(rung, flush=True))
    run_group(app, Queue(queue), 1, "test")


if __name__ == "__main__":
    main(*sys.argv[1:])
