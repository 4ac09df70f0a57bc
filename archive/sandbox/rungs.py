"""Rungs: the ways to confine a child, best first, and what each makes of a program, its inputs and its output folder."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import archive
from archive.errors import NoSafeDecoder
from archive.sandbox.budgets import OPEN_FILES, Budget

CODE = Path(archive.__file__).resolve().parent.parent
SYSTEM = ("/usr", "/etc/alternatives", "/etc/ld.so.cache")
LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
NOBODY = "65534"
PATH = "/usr/local/bin:/usr/bin:/bin"


class Rung(StrEnum):
    """How a child is confined."""

    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"


@dataclass(frozen=True, slots=True)
class Input:
    """An argument that stands for the path of a named input inside the sandbox."""

    name: str


@dataclass(frozen=True, slots=True)
class Output:
    """An argument that stands for a path in the output folder inside the sandbox."""

    name: str = ""


Argument = str | Input | Output


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run: the arguments (the first is an absolute path), the paths it needs besides the system's, its environment."""

    arguments: tuple[Argument, ...]
    reads: tuple[Path, ...] = ()
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where one run's files lie: named inputs, the output folder (or none), and its own folder (home and scratch)."""

    inputs: Mapping[str, Path]
    output: Path | None
    job: Path


def python_program(module: str, *arguments: Argument) -> Program:
    """A program that is one of our modules, run by this interpreter with our code and its packages, and nothing of a user's."""
    packages = dict.fromkeys(
        (str(CODE), sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    )
    folder = CODE / module.partition(".")[0]
    return Program(
        arguments=(sys.executable, "-S", "-B", "-P", "-s", "-m", module, *arguments),
        reads=tuple(dict.fromkeys((*_interpreter(), CODE / "archive", folder))),
        environment={"PYTHONPATH": os.pathsep.join(packages)},
    )


def _interpreter() -> tuple[Path, ...]:
    return Path(sys.prefix), Path(sys.base_prefix)


def plan(rung: Rung, program: Program, places: Places, budget: Budget) -> dict[str, object]:
    """What the launcher is told, as plain JSON. Raises NoSafeDecoder when the rung's program is not installed."""
    limits = {
        "AS": budget.memory_bytes,
        "CPU": budget.cpu_seconds,
        "FSIZE": budget.output_bytes,
        "NOFILE": OPEN_FILES,
        "CORE": 0,
    }
    if rung is Rung.BUBBLEWRAP:
        home, inside = (
            Path("/tmp"),
            Places(  # noqa: S108 - a tmpfs of its own, inside
                inputs={name: Path("/in", name) for name in places.inputs},
                output=Path("/out") if places.output else None,
                job=places.job,
            ),
        )
        arguments = [*_bubblewrap(program, places), "--", *_resolve(program, inside)]
        confined = None
    else:
        home, inside = places.job / "home", _lent(places)
        arguments = _resolve(program, inside)
        confined = _landlock(program, places, home)
    environment = {
        "PATH": PATH,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",  # every arena reserves 64 MiB of the address space that is limited
        **(program.environment or {}),
    }
    return {
        "program": arguments,
        "limits": limits,
        "landlock": confined,
        "environment": environment,
    }


def _resolve(program: Program, places: Places) -> list[str]:
    def text(argument: Argument) -> str:
        match argument:
            case Input(name):
                return str(places.inputs[name])
            case Output(name):
                return str((places.output or places.job) / name)
            case _:
                return argument

    return [text(argument) for argument in program.arguments]


def _bubblewrap(program: Program, places: Places) -> list[str]:
    found = shutil.which("bwrap")
    if found is None:
        raise NoSafeDecoder("bwrap is not installed")
    arguments = [found, "--unshare-all", "--unshare-user", "--uid", NOBODY, "--gid", NOBODY]
    arguments += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--dev", "/dev"]
    for path in SYSTEM:
        arguments += ["--ro-bind-try", path, path]
    for path in LIBRARIES:
        if os.path.islink(path):  # noqa: PTH114 - merged /usr: /lib is usr/lib
            arguments += ["--symlink", os.readlink(path), path]  # noqa: PTH115
        else:
            arguments += ["--ro-bind-try", path, path]
    arguments += ["--tmpfs", "/tmp"]  # noqa: S108
    for read in program.reads:
        if not read.is_relative_to("/usr"):
            arguments += ["--ro-bind", str(read), str(read)]
    for name, place in places.inputs.items():
        arguments += ["--ro-bind", str(place), f"/in/{name}"]
    if places.output:
        arguments += ["--bind", str(places.output), "/out"]
    return [*arguments, "--chdir", "/tmp"]  # noqa: S108


def _lent(places: Places) -> Places:
    """The inputs under fixed names without an extension: links in the run's own folder."""
    folder = places.job / "in"
    folder.mkdir()
    for name, place in places.inputs.items():
        (folder / name).symlink_to(place.resolve())
    inputs = {name: folder / name for name in places.inputs}
    return Places(inputs=inputs, output=places.output, job=places.job)


def _landlock(program: Program, places: Places, home: Path) -> dict[str, list[str]]:
    home.mkdir()
    reads = [*SYSTEM, *LIBRARIES, *DEVICES, *program.reads, *places.inputs.values()]
    writes = [home, *([places.output] if places.output else []), *DEVICES[:1]]
    return {"reads": [str(path) for path in reads], "writes": [str(path) for path in writes]}
