"""The embedded worker: woken by the bell, stopped in order, ended whole when one of its threads dies of a defect."""

import socket
import threading
from pathlib import Path

import pytest

from archive.catalogue.engine import Catalogue
from archive.errors import CatalogueUnavailable, DoorbellUnavailable
from archive.model.ids import JobId
from archive.model.job import ExamineAsset, Queue
from workers.dispatch import Timing
from workers.doorbell.local import LocalDoorbell, LocalListener, address
from workers.run import Crew, Housekeeping, run

SECONDS = 20.0


class Jobs:
    """Stands for the dispatcher: says which queues were asked, does what it is told once."""

    def __init__(self) -> None:
        self.asked: list[Queue] = []
        self.first: Exception | None = None
        self.seen = threading.Event()

    def run_one(self, queue: Queue) -> bool:
        self.asked.append(queue)
        if self.first is not None and queue is Queue.RENDER:
            trouble, self.first = self.first, None
            raise trouble
        if set(self.asked) == set(Queue):
            self.seen.set()
        return False


class Sweeping:
    def __init__(self) -> None:
        self.swept = threading.Event()

    def sweep(self) -> None:
        self.swept.set()

    def give_up(self) -> None:
        self.swept.clear()


@pytest.fixture
def crew(tmp_path: Path):
    def made(index=lambda stop: stop.wait(), poll_seconds: float = 0.02) -> Crew:
        return Crew(
            dispatcher=Jobs(),
            house=Housekeeping(
                sweeper=Sweeping(),
                index=index,
                timing=Timing(poll_seconds=poll_seconds, sweep_seconds=30),
            ),
            listen=lambda wakes: LocalListener(tmp_path, wakes),
        )

    return made


def started(crew: Crew) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(crew, stop))
    thread.start()
    return thread, stop


def test_every_queue_is_worked_the_house_is_swept_and_all_stop_together(crew, tmp_path) -> None:
    one = crew()
    thread, stop = started(one)
    assert one.dispatcher.seen.wait(SECONDS)
    assert one.house.sweeper.swept.wait(SECONDS)
    stop.set()
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert not one.house.sweeper.swept.is_set()  # the office is given up
    with pytest.raises(DoorbellUnavailable):
        LocalDoorbell(tmp_path).ping()


def test_a_part_that_is_away_is_no_reason_to_stop(crew) -> None:
    one = crew()
    one.dispatcher.first = CatalogueUnavailable("away")
    thread, stop = started(one)
    assert one.dispatcher.seen.wait(SECONDS)
    assert not stop.is_set()
    stop.set()
    thread.join(SECONDS)
    assert one.dispatcher.asked.count(Queue.RENDER) >= 1


def test_a_thread_that_dies_of_a_defect_stops_the_worker(crew) -> None:
    def index(_stop):
        return None  # ends although nobody asked it to

    thread, stop = started(crew(index))
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert stop.is_set()


def test_a_ring_wakes_the_queue_it_is_for(crew, tmp_path) -> None:
    one = crew(poll_seconds=3600)
    thread, stop = started(one)
    try:
        assert one.dispatcher.seen.wait(SECONDS)
        before = one.dispatcher.asked.count(Queue.BULK)
        tick = threading.Event()
        for _ in range(500):
            LocalDoorbell(tmp_path).ring(Queue.BULK, JobId("j"))
            if one.dispatcher.asked.count(Queue.BULK) > before:
                break
            tick.wait(0.02)
        assert one.dispatcher.asked.count(Queue.BULK) > before
    finally:
        stop.set()
        thread.join(SECONDS)


@pytest.fixture
def wakes() -> dict[Queue, threading.Event]:
    return {queue: threading.Event() for queue in Queue}


def test_the_bell_sets_only_what_was_rung_for_and_takes_no_nonsense(tmp_path, wakes) -> None:
    listener, stop = LocalListener(tmp_path, wakes), threading.Event()
    thread = threading.Thread(target=listener.listen, args=(stop,))
    thread.start()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"\xff nonsense", address(tmp_path))
        LocalDoorbell(tmp_path).ping()
        LocalDoorbell(tmp_path).ring(Queue.FIXITY, JobId("j"))
        assert wakes[Queue.FIXITY].wait(SECONDS)
        assert [queue for queue, wake in wakes.items() if wake.is_set()] == [Queue.FIXITY]
    finally:
        stop.set()
        thread.join(SECONDS)
        listener.close()
    assert not thread.is_alive()


def test_a_bell_that_nobody_hears_says_so_once_it_is_rung(tmp_path) -> None:
    with pytest.raises(DoorbellUnavailable):
        LocalDoorbell(tmp_path).ring(Queue.BULK, JobId("j"))


def test_a_full_bell_is_no_trouble(tmp_path, wakes) -> None:
    listener = LocalListener(tmp_path, wakes)
    bell = LocalDoorbell(tmp_path)
    for _ in range(2000):
        bell.ring(Queue.BULK, JobId("j"))  # nobody takes them off
    listener.close()
    with pytest.raises(DoorbellUnavailable):
        bell.ping()


def test_two_houses_have_two_bells(tmp_path, wakes) -> None:
    one = LocalListener(tmp_path / "one", wakes)
    two = LocalListener(tmp_path / "two", wakes)
    with pytest.raises(OSError, match="in use"):
        LocalListener(tmp_path / "one", wakes)
    one.close()
    two.close()


def test_a_lost_bell_loses_no_work(tmp_path, clock) -> None:
    opened = Catalogue.open(
        f"sqlite:///{tmp_path}/c.db", clock=clock, doorbell=LocalDoorbell(tmp_path)
    )
    opened.migrate()
    with opened.writing() as tx:
        job = tx.jobs.defer(ExamineAsset("a"))
    with opened.reading() as tx:
        assert tx.jobs.get(job) is not None
    opened.close()
