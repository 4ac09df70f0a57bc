"""The embedded worker: threads per queue, the indexer, the sweeper and the bell's listener, stopped together."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial

from archive.errors import MediatekaError
from archive.model.job import Queue
from workers.dispatch import Dispatcher, Timing
from workers.doorbell.local import LocalListener
from workers.sweep import Sweeper

log = logging.getLogger(__name__)

THREADS: Mapping[Queue, int] = {
    Queue.INTERACTIVE: 2,
    Queue.RENDER: 1,
    Queue.BULK: 1,
    Queue.FIXITY: 1,
}
INDEX_WAKE_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who works: the dispatcher for jobs, `index` keeps the index up to date until it is told to stop.

    `tools` are open while they work.
    """

    dispatcher: Dispatcher
    sweeper: Sweeper
    index: Callable[[threading.Event], None]
    listen: Callable[[Mapping[Queue, threading.Event]], LocalListener]
    timing: Timing
    tools: AbstractContextManager[object] = field(default_factory=nullcontext)


def run(crew: Crew, stop: threading.Event) -> None:
    """Work until `stop` is set; what runs is finished first. A thread that dies of a defect stops the whole worker."""
    wakes = {queue: threading.Event() for queue in Queue}
    with ExitStack() as stack:
        listener = crew.listen(wakes)
        stack.callback(listener.close)
        stack.enter_context(crew.tools)
        threads = [
            _thread(
                f"{queue} {number}",
                stop,
                partial(_work, crew, queue, wakes[queue], stop),
            )
            for queue, number_of in THREADS.items()
            for number in range(number_of)
        ]
        threads += [
            _thread("indexer", stop, lambda: crew.index(stop)),
            _thread("sweeper", stop, lambda: _sweep(crew, stop)),
            _thread("bell", stop, lambda: listener.listen(stop)),
        ]
        for thread in threads:
            thread.start()
        stop.wait()
        for wake in wakes.values():
            wake.set()
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
        if not _quietly(lambda: crew.dispatcher.run_one(queue)):
            wake.wait(crew.timing.poll_seconds)


def _sweep(crew: Crew, stop: threading.Event) -> None:
    while not stop.is_set():
        _quietly(crew.sweeper.sweep)
        stop.wait(crew.timing.sweep_seconds)
    _quietly(crew.sweeper.give_up)


def _quietly(act: Callable[[], bool | None]) -> bool:
    """A part that is away for now is no reason to stop; say so and look again later."""
    try:
        return bool(act())
    except MediatekaError as trouble:
        log.warning("%s: %s", type(trouble).__name__, trouble)
        return False
