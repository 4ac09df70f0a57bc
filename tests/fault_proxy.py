"""A line to the object store that breaks in every way a line can: an HTTP proxy of our own before a real server."""

import http.client
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

REFUSED = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
KINDS = ("refuse", "delay", "half", "lose", "damage", "spoil")
OURS_TO_SEND = {"transfer-encoding", "connection", "content-length"}


@dataclass
class Faults:
    """Which fault strikes how often; `refuse` 0.3 is 30 % of the requests. Counted under `struck`, requests under `asked`.

    Answers 503, is late, cuts an answer in half, loses one after the deed, damages a byte that is sent, spoils one that comes.
    """

    seed: int
    delay_seconds: float = 10.0
    shares: dict[str, float] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._lock = threading.Lock()
        self.over = threading.Event()

    def next(self, request: str) -> str:
        with self._lock:
            self.asked[request] += 1
            drawn = self._chance.random()
            for kind in KINDS:
                drawn -= self.shares.get(kind, 0.0)
                if drawn < 0:
                    self.struck[kind] += 1
                    return kind
            return ""

    def damaged(self, data: bytes) -> bytes:
        if not data:
            return data
        with self._lock:
            at = self._chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@contextmanager
def fault_proxy(url: str, faults: Faults) -> Iterator[str]:
    """The address of the same bucket behind a proxy; from here on `faults.shares` says what happens to a request."""
    parts = urlsplit(url)

    class Handler(_Handler):
        upstream = (parts.hostname, parts.port)
        strikes = faults

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield url.replace(f":{parts.port}/", f":{server.server_port}/")
    finally:
        faults.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address) -> None:
        """A client that has waited long enough goes away: that is what is tested."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: tuple[str, int]
    strikes: Faults

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.strikes.next(self._named())
        if kind == "refuse":
            self._answer(503, {"Content-Type": "application/xml"}, REFUSED)
            return
        if kind == "delay":
            self.strikes.over.wait(self.strikes.delay_seconds)
        if kind == "damage" and self.command in {"PUT", "POST"}:
            body = self.strikes.damaged(body)
        status, headers, data = self._forwarded(body)
        if kind == "spoil" and self.command == "GET" and "xml" not in headers["Content-Type"]:
            data = self.strikes.damaged(data)
        if kind == "lose":
            self.close_connection = True
            return
        self._answer(status, headers, data, is_cut=kind == "half")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the server's names

    def _named(self) -> str:
        """A request as its tries have it in common: without the part of the address that signs it."""
        parts = urlsplit(self.path)
        asked = [(name, value) for name, value in parse_qsl(parts.query) if name[:6] != "X-Amz-"]
        return f"{self.command} {parts.path} {asked} {self.headers.get('Range', '')}"

    def _forwarded(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        line = http.client.HTTPConnection(*self.upstream, timeout=30)
        try:
            line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                line.putheader(name, value)
            line.endheaders(body)
            answer = line.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            line.close()

    def _answer(
        self, status: int, headers: dict[str, str], data: bytes, *, is_cut: bool = False
    ) -> None:
        self.send_response_only(status)
        length = headers.get("Content-Length", len(data)) if self.command == "HEAD" else len(data)
        for name, value in headers.items():
            if name.lower() not in OURS_TO_SEND:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        if is_cut:
            self.close_connection = True
            if not data:  # half of an answer that is all head
                self._headers_buffer.pop()
                self.flush_headers()
                return
        try:
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[: len(data) // 2] if is_cut else data)
        except OSError:
            self.close_connection = True  # the other side had waited long enough

    def log_message(self, *_: object) -> None:
        """Say nothing: faults are counted."""
