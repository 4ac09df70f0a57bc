"""A worker's threads: the indexer and the sweeper keep house; the embedded one also works its queues when the bell rings."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial

from archive.errors import MediatekaError
from archive.model.job import Queue
from workers.dispatch import Dispatcher, Timing
from workers.doorbell.local import LocalListener
from workers.sweep import Sweeper

log = logging.getLogger(__name__)

HANDS: Mapping[Queue, int] = {
    Queue.INTERACTIVE: 2,
    Queue.RENDER: 1,
    Queue.BULK: 1,
    Queue.FIXITY: 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeping:
    """What one worker of the whole house does: `index` keeps the index up to date until it is told to stop."""

    sweeper: Sweeper
    index: Callable[[threading.Event], None]
    timing: Timing

    def threads(self, stop: threading.Event) -> list[threading.Thread]:
        """Candidates for both offices; not started."""
        return [
            _thread("indexer", stop, lambda: self.index(stop)),
            _thread("sweeper", stop, lambda: _sweep(self, stop)),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who works in one process: the dispatcher for jobs with so many `hands` a queue, and the housekeeping.

    `tools` are open while they work.
    """

    dispatcher: Dispatcher
    house: Housekeeping
    listen: Callable[[Mapping[Queue, threading.Event]], LocalListener]
    hands: Mapping[Queue, int] = field(default_factory=lambda: HANDS)
    tools: AbstractContextManager[object] = field(default_factory=nullcontext)


def run(crew: Crew, stop: threading.Event) -> None:
    """Work until `stop` is set; what runs is finished first. A thread that dies of a defect stops the whole worker."""
    wakes = {queue: threading.Event() for queue in Queue}
    with ExitStack() as stack:
        listener = crew.listen(wakes)
        stack.callback(listener.close)
        stack.enter_context(crew.tools)
        threads = [
            _thread(f"{queue} {number}", stop, partial(_work, crew, queue, wakes[queue], stop))
            for queue, number_of in crew.hands.items()
            for number in range(number_of)
        ]
        threads.append(_thread("bell", stop, lambda: listener.listen(stop)))
        with kept([*threads, *crew.house.threads(stop)], stop):
            stop.wait()
            for wake in wakes.values():
                wake.set()


@contextmanager
def kept(threads: list[threading.Thread], stop: threading.Event) -> Iterator[None]:
    """Let threads run while the block lasts; however it ends, they are told to stop and waited for."""
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _thread(name: str, stop: threading.Event, work: Callable[[], None]) -> threading.Thread:
    def guarded() -> None:
        try:
            work()
        finally:
            if not stop.is_set():
                log.error("the %s thread ended: the worker stops, to be started anew", name)
                stop.set()

    return threading.Thread(target=guarded, name=name)


def _work(crew: Crew, queue: Queue, wake: threading.Event, stop: threading.Event) -> None:
    while not stop.is_set():
        wake.clear()
        if not quietly(lambda: crew.dispatcher.run_one(queue)):
            wake.wait(crew.house.timing.poll_seconds)


def _sweep(house: Housekeeping, stop: threading.Event) -> None:
    while not stop.is_set():
        quietly(house.sweeper.sweep)
        stop.wait(house.timing.sweep_seconds)
    quietly(house.sweeper.give_up)


def quietly(act: Callable[[], bool | None]) -> bool:
    """A part that is away for now is no reason to stop; say so and look again later."""
    try:
        return bool(act())
    except MediatekaError as trouble:
        log.warning("%s: %s", type(trouble).__name__, trouble)
        return False
