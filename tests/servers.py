"""A set of real servers of a test's own, which may be killed and started again without disturbing others."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from live import CATALOGUE, OBJECTS, QUEUE, SEARCH, live
from running_house import ROOT, wait_for

NAMES = ("postgres", "redis", "minio", "elasticsearch")
PROGRAM = ROOT / "bin" / "services"
SETTING = {
    CATALOGUE: "MEDIATEKA_CATALOGUE",
    OBJECTS: "MEDIATEKA_OBJECTS",
    SEARCH: "MEDIATEKA_SEARCH",
    QUEUE: "MEDIATEKA_QUEUE",
}


@dataclass
class Servers:
    folder: Path

    def run(self, *arguments: str) -> str:
        mine = {"MEDIATEKA_SERVICES_DATA": str(self.folder), "MEDIATEKA_SERVICES_PORTS": "auto"}
        done = subprocess.run(
            [PROGRAM, *arguments],
            env=os.environ | mine,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def addresses(self) -> dict[str, str]:
        """The four settings of a house on these servers."""
        lines = (
            line.removeprefix("export ").split("=", 1) for line in self.run("env").splitlines()
        )
        return {SETTING[name]: url for name, url in lines}

    def start(self, *names: str) -> None:
        self.run("start", *names)

    def kill(self, *names: str) -> None:
        """End servers as a failing machine does."""
        pids = [int(self.run("pid", name)) for name in names]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(self.run("pid", name).strip() for name in names), 20, "they died")


@contextmanager
def servers_of_its_own() -> Iterator[Servers]:
    """All four, started; where the real ones are not asked for, these are not either."""
    for name in (CATALOGUE, OBJECTS, SEARCH, QUEUE):
        live(name)
    # Below the programs' cache: the servers run as another user, who cannot look into a test's folder.
    named = (
        Path(os.environ["MEDIATEKA_SERVICES_DATA"]).parent
        if "MEDIATEKA_SERVICES_DATA" in os.environ
        else Path("/var/tmp")
    )
    servers = Servers(named / f"servers-{os.getpid()}")
    try:
        servers.start()
        yield servers
    finally:
        servers.run("wipe")
