"""A listener where disguised files point: a connection to it is a failure."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PORT = 48999


@contextmanager
def canary(port: int = PORT) -> Iterator[list[str]]:
    """Listen as long as the block lasts; whoever connects is noted."""
    contacts: list[str] = []
    over = threading.Event()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        listener.settimeout(0.2)

        def listen() -> None:
            while not over.is_set():
                try:
                    line, _ = listener.accept()
                except TimeoutError:
                    continue
                with line:
                    line.settimeout(1)
                    contacts.append(repr(line.recv(200)))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield contacts
        finally:
            over.set()
            thread.join()
