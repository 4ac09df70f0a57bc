"""A whole house in processes of its own, for tests and benches: started, asked over HTTP, killed, looked into, stopped."""

import ctypes
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PASSWORD = "correct horse battery"
FAST = {
    "MEDIATEKA_LEASE_SECONDS": "2",
    "MEDIATEKA_SWEEP_SECONDS": "1",
    "MEDIATEKA_POLL_SECONDS": "0.2",
    "MEDIATEKA_LOW_WATER_BYTES": "1000000",
    "MEDIATEKA_OPEN_UPLOADS": "100",
}
PAUSE = threading.Event()
_PR_SET_CHILD_SUBREAPER = 36


RESIDENT = "archive.sandbox.resident"


def adopt_orphans() -> None:
    """Let processes whose parent died become children of this one, so that they can be counted."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(is_true, seconds: float, what: str, seen=lambda: ""):
    """Look every 50 ms until it is so; fail with what was waited for, and with what is seen instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := is_true():
            return found
        PAUSE.wait(0.05)
    raise AssertionError(f"not within {seconds:g} s: {what} {seen()}")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self):
        return json.loads(self.data)


@dataclass
class House:
    home: Path
    settings: dict[str, str] = field(default_factory=lambda: dict(FAST))
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None
    token: str = ""
    prefix: list[str] = field(
        default_factory=list
    )  # a command that starts the house in surroundings of its own
    others: dict[str, Callable[[], list[int]]] = field(default_factory=dict)  # what it stands on

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.settings,
            "MEDIATEKA_HOME": str(self.home),
            "MEDIATEKA_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
        }

    def command(
        self, *arguments: str, stdin: str = "", check: bool = True, seconds: float = 300
    ) -> str:
        done = self._ran(*arguments, stdin=stdin, seconds=seconds)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def _ran(
        self, *arguments: str, stdin: str = "", seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mediateka", *arguments],
            env=self.environment,
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    @property
    def catalogue(self) -> str:
        """The address of its catalogue."""
        return self.settings.get("MEDIATEKA_CATALOGUE", f"sqlite:///{self.home}/catalogue.db")

    @property
    def node(self) -> str:
        """What the ids of its uploads begin with."""
        return (self.home / "staging" / ".node").read_text()

    def said(self, *arguments: str, status: int | None = None) -> str:
        """What a command that fails (with this status) says, both to be read and to be looked into."""
        done = self._ran(*arguments)
        assert done.returncode == (status or done.returncode) != 0, done.stdout
        return done.stdout + done.stderr

    def status(self, *arguments: str) -> int:
        """How a command ended."""
        return self._ran(*arguments).returncode

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        log = (self.home / "log").open("ab")
        self.process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "mediateka", "serve", "--port", str(self.port)],
            env=self.environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        log.close()
        wait_for(self.answers, 60, "the house answers")

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.ask("/readyz", timeout=2).status == 200
        return False

    def account(self, email: str = "admin@media.test", role: str = "admin") -> str:
        """Make an account; returns an API token of its own."""
        self.command(
            "user", "add", email, "--role", role, "--password-stdin", stdin=PASSWORD + "\n"
        )
        return self.command("token", "add", email).strip()

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        body=None,
        headers=None,
        token=None,
        timeout: float = 30,
    ) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        token = self.token if token is None else token
        sent = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            data = answer.read()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, data)
        finally:
            line.close()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(40)
        self.process = None
        return status

    def end(self) -> None:
        """Whatever happened: nothing of it goes on."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait(10)
        for pid in self.orphans():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap()

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    # --- its processes ---------------------------------------------------------------------------------------------

    def pids(self, role: str) -> list[int]:
        """`server parent`, `server worker`, `worker`, `group`, `pool`, what `others` knows, or `children`.

        Children are what the worker runs, not what waits to run something; groups and pools are there where Celery wakes.
        """
        assert self.process is not None
        ours = {pid: command_of(pid) for pid in children_of(self.process.pid)}
        parents = [pid for pid, command in ours.items() if " web " in command]
        workers = [pid for pid, command in ours.items() if " worker " in command]
        match role:
            case "server parent":
                return parents
            case "server worker":
                return [pid for parent in parents for pid in children_of(parent)]
            case "worker":
                return workers
            case "group":
                above = [pid for worker in workers for pid in children_of(worker) if is_pool(pid)]
                return [pid for each in above for pid in children_of(each)]
            case "pool":
                groups = self.pids("group")
                return [pid for group in groups for pid in children_of(group) if is_pool(pid)]
            case known if known in self.others:
                return self.others[known]()
            case _:
                below = [pid for worker in workers for pid in descendants_of(worker)]
                return [pid for pid in below if not (is_waiting(pid) or is_pool(pid))]

    def orphans(self) -> list[int]:
        """Processes of this house that lost their parent and came to us; not others this test's own process has begun."""
        own = self.process.pid if self.process else None
        home = str(self.home)
        return [
            pid
            for pid in children_of(os.getpid())
            if pid != own and home in command_of(pid) + environment_of(pid)
        ]

    def left(self) -> list[str]:
        """What the processes without a parent are."""
        return [command_of(pid) for pid in self.orphans()]


@contextmanager
def running_house(home: Path, prefix: list[str] | None = None, **settings: str) -> Iterator[House]:
    adopt_orphans()
    house = House(home, settings=FAST | settings, prefix=prefix or [])
    try:
        house.token = house.account()
        house.start()
        yield house
    finally:
        house.end()


def stat_of(pid: int) -> list[str]:
    with suppress(OSError):
        text = Path(f"/proc/{pid}/stat").read_text()
        return text.rpartition(")")[2].split()
    return []


def children_of(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            stat = stat_of(int(path.name))
            if stat and int(stat[1]) == parent and stat[0] != "Z":
                found.append(int(path.name))
    return found


def is_waiting(pid: int) -> bool:
    """Whether it belongs to a sandbox that is kept open, and is not a process that one has made."""
    stat = stat_of(pid)
    above = command_of(int(stat[1])) if stat else ""
    made = RESIDENT in above and "bwrap" not in above.split(" ")[0]
    return RESIDENT in command_of(pid) and not made


def is_pool(pid: int) -> bool:
    """Whether it is one of Celery's processes: the one that listens for a queue, or one of its pool."""
    return "mediateka.worker" in command_of(pid)


def descendants_of(parent: int) -> list[int]:
    found = children_of(parent)
    return found + [below for child in found for below in descendants_of(child)]


def environment_of(pid: int) -> str:
    """What a process was started with, or nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""


def command_of(pid: int) -> str:
    with suppress(OSError):
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    return ""


def reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


# --- a client of tus that never gives up ---------------------------------------------------------------------------

TUS = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"


def encoded(**fields: str) -> str:
    import base64

    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in fields.items()
    )


@dataclass
class Sent:
    """One file sent: its asset, and what was observed on the way."""

    name: str
    sha256: str
    asset: str = ""
    outcome: str = ""
    retries: int = 0
    offsets_went_back: int = 0


def upload(
    house: House,
    name: str,
    data: bytes,
    *,
    piece: int = 1 << 20,
    seconds: float = 180,
    **wishes: str,
) -> Sent:
    """Send a file by tus; after any trouble ask for the offset and go on, until the outcome is known."""
    sent = Sent(name, hashlib.sha256(data).hexdigest())
    deadline = time.monotonic() + seconds
    where, offset, acknowledged = "", 0, 0
    metadata = encoded(filename=name, key=name, sha256=sent.sha256, **wishes)
    while not sent.asset:
        if time.monotonic() > deadline:
            raise AssertionError(
                f"{name}: no outcome after {seconds:g} s at {offset} of {len(data)}"
            )
        try:
            if not where:
                headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
                answer = house.ask("/api/v1/uploads", "POST", headers=headers)
                where = answer.headers.get("location", "").partition("/api/")[2]
                where = f"/api/{where}" if where else ""
            else:
                headers = TUS | {"Upload-Offset": str(offset), "Content-Type": OFFSET_TYPE}
                answer = house.ask(
                    where, "PATCH", body=data[offset : offset + piece], headers=headers
                )
            _require_taken(answer)
        except (OSError, http.client.HTTPException):
            sent.retries += 1
            PAUSE.wait(0.1)
            answer = _ask_again(house, where)
            if answer is None:
                continue
        offset = int(answer.headers.get("upload-offset", offset))
        sent.offsets_went_back += offset < acknowledged
        acknowledged = max(acknowledged, offset)
        sent.asset = answer.headers.get("mediateka-asset", "")
        sent.outcome = answer.headers.get("mediateka-outcome", "")
    return sent


def _require_taken(answer: Answer) -> None:
    if answer.status not in {201, 204}:
        raise OSError(f"{answer.status} {answer.data[:200]!r}")


def _ask_again(house: House, where: str) -> Answer | None:
    if not where:
        return None
    with suppress(OSError, http.client.HTTPException):
        answer = house.ask(where, "HEAD", headers=TUS)
        return answer if answer.status == 200 else None
    return None
