"""Wait for something to become true, looking at intervals."""

import threading
from collections.abc import Callable


def until(is_true: Callable[[], bool], *, every_seconds: float) -> None:
    """Return when `is_true` says so; a keyboard interrupt ends the wait."""
    pause = threading.Event()
    while not is_true():
        pause.wait(every_seconds)
