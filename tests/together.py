"""Several at once: what races, races here."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def at_once(number: int, act: Callable[[], object]) -> list:
    """Do the same in several threads that begin together; their answers, or the first trouble raised."""
    begin = threading.Barrier(number)

    def together() -> object:
        begin.wait(10)
        return act()

    with ThreadPoolExecutor(number) as pool:
        return [done.result() for done in [pool.submit(together) for _ in range(number)]]
