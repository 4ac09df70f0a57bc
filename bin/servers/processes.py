"""Processes and ports: who runs, as whom, where."""

import contextlib
import os
import pwd
import random
import socket
import subprocess
from pathlib import Path

from servers.ground import AS_ROOT, DATA, PORTS, USER, Trouble, quiet


def born(pid: int) -> str | None:
    """When a process began; None for one that is gone or a zombie (a container's first process may never bury it)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def running(name: str) -> int | None:
    """The pid of our server; a number that a stranger got since then is not it."""
    if name == "elasticsearch":
        adopt_node()
    try:
        pid, began = (DATA / "run" / f"{name}.pid").read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if born(int(pid)) == began else None


def note(name: str, pid: int) -> None:
    (DATA / "run" / f"{name}.pid").write_text(f"{pid} {born(pid)}")


def adopt_node() -> None:
    """Elasticsearch's starter goes away once the node is up: from then on the node is what we know."""
    try:
        pid = int((DATA / "elasticsearch" / "pid").read_text())
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return
    if f"ES_PATH_CONF={DATA}/elasticsearch/config".encode() in environment:
        note("elasticsearch", pid)


def launch(name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    with (DATA / "logs" / f"{name}.log").open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_user(environment),
        )
    note(name, server.pid)


def as_user(environment: dict[str, str] | None = None) -> dict:
    """Another user where root calls, in the data folder; nothing of the caller's environment but its path."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(DATA), "LC_ALL": "C.UTF-8"}
    how: dict = {"env": clean | (environment or {}), "cwd": DATA}
    if AS_ROOT:
        account = service_user()
        how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return how


def service_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(USER)
    shell = ["--shell", "/usr/sbin/nologin"]
    if quiet(["useradd", "--system", "--user-group", "--no-create-home", *shell, USER]) != 0:
        raise Trouble(f"cannot make the user {USER}; name one in MEDIATEKA_SERVICES_USER")
    return pwd.getpwnam(USER)


def own(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        if AS_ROOT:
            account = service_user()
            os.chown(folder, account.pw_uid, account.pw_gid)


def ports(*, choose: bool = False) -> dict[str, int]:
    """The port of each server: as asked for, as remembered by the data folder, or the usual ones."""
    kept = DATA / "ports"
    remembered = (
        dict(zip(PORTS, map(int, kept.read_text().split()), strict=True)) if kept.exists() else {}
    )
    wanted = os.environ.get("MEDIATEKA_SERVICES_PORTS") or ""
    if remembered and (not wanted or wanted == "auto"):
        return remembered
    if wanted == "auto":
        found = free_ports(len(PORTS)) if choose else []
        chosen = dict(zip(PORTS, found, strict=False))
    elif wanted:
        chosen = dict(zip(PORTS, map(int, wanted.split()), strict=True))
    else:
        chosen = PORTS
    if choose:
        kept.write_text(" ".join(map(str, chosen.values())))
    return chosen


def free_ports(number: int) -> list[int]:
    """Below what the kernel gives to outgoing connections."""
    candidates = random.sample(range(20000, 32000), 200)
    return [port for port in candidates if not is_busy(port)][:number]


def is_busy(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
