"""The embedded doorbell: a datagram on this machine that says which queue has work."""

import hashlib
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

from archive.errors import DoorbellUnavailable
from archive.model.ids import JobId
from archive.model.job import Queue

LONGEST = 64


def address(home: Path) -> str:
    """The bell's address: an abstract socket named after the house, so that no file is left behind and no path is too long."""
    return "\0mediateka-" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:40]


class LocalDoorbell:
    """Rings the one worker of this house."""

    def __init__(self, home: Path) -> None:
        self._address = address(home)

    def ring(self, queue: Queue, job: JobId) -> None:  # noqa: ARG002 - the worker asks the catalogue anyway
        """See the port."""
        self._send(queue.encode())

    def ping(self) -> None:
        """See the port."""
        self._send(b"")

    def close(self) -> None:
        """See the port; nothing is kept open."""

    def _send(self, data: bytes) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
            bell.setblocking(False)
            try:
                bell.sendto(data, self._address)
            except BlockingIOError:
                return  # the bell is full of rings already: somebody will wake up
            except OSError as trouble:
                raise DoorbellUnavailable("no worker listens") from trouble


class LocalListener:
    """The worker's end: sets the event of the queue that was rung for."""

    def __init__(self, home: Path, wakes: Mapping[Queue, threading.Event]) -> None:
        self._wakes = wakes
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._socket.bind(address(home))
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(0.5)

    def listen(self, stop: threading.Event) -> None:
        """Listen until stopped."""
        while not stop.is_set():
            try:
                data = self._socket.recv(LONGEST)
            except TimeoutError:
                continue
            self._wake(data.decode("ascii", "replace"))

    def close(self) -> None:
        """Give the address back."""
        self._socket.close()

    def _wake(self, name: str) -> None:
        for queue, wake in self._wakes.items():
            if name == queue:
                wake.set()
