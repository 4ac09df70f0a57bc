"""Rungs: the ways to confine a child, best first, and what each makes of a program, its inputs and its output folder."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
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
INSIDE = Path("/run/job")
IN_MEMORY = ("/dev", "/tmp", str(INSIDE), "/")  # noqa: S108 - the sandbox's own
IN_FOLDER, OUT_FOLDER, CODE_FOLDER, HOME_FOLDER = "in", "out", "code", "home"
PATH = "/usr/local/bin:/usr/bin:/bin"
INTERPRETER = (sys.executable, "-S", "-B", "-P", "-s", "-m")


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
    """What to run: the arguments (the first is an absolute path), the paths it needs besides the system's, our packages it imports.

    `module` names the module of ours that it is. A quick program may run in a sandbox that is kept open: it finds its output
    folder empty and makes plain files there. One that `forks` may make processes, and is given nothing to write to but
    the output folder.
    """

    arguments: tuple[Argument, ...]
    reads: tuple[Path, ...] = ()
    packages: tuple[str, ...] = ("archive",)
    module: str = ""
    is_quick: bool = False
    forks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where one run's files lie: named inputs, the output folder (or none), and its own folder (home and scratch)."""

    inputs: Mapping[str, Path]
    output: Path | None
    job: Path


def installed(name: str) -> str:
    """The path of a program of the system, its links followed; NoSafeDecoder when it is not installed."""
    found = shutil.which(name)
    if found is None:
        raise NoSafeDecoder(f"{name} is not installed")
    return str(Path(found).resolve())


def python_program(module: str, *arguments: Argument) -> Program:
    """A program that is one of our modules, run by this interpreter with our code and its packages, nothing of a user's."""
    return Program(
        arguments=(*INTERPRETER, module, *arguments),
        reads=tuple(dict.fromkeys((Path(sys.prefix), Path(sys.base_prefix)))),
        packages=tuple(dict.fromkeys(("archive", module.partition(".")[0]))),
        module=module,
        is_quick=True,
    )


def plan(rung: Rung, program: Program, places: Places, budget: Budget) -> dict[str, object]:
    """What the launcher is told, as plain JSON. Raises NoSafeDecoder when the rung's program is not installed."""
    confine = _bubblewrap if rung is Rung.BUBBLEWRAP else _landlock
    inside, wrapper, paths = confine(program, places)
    return {
        "program": [*wrapper, *_resolve(program, inside)],
        "limits": limits_of(budget),
        "forks": program.forks,
        "landlock": paths,
        "environment": _environment(inside, program),
    }


def limits_of(budget: Budget) -> dict[str, int]:
    """A budget as the kernel's limits by name."""
    return {
        "AS": budget.memory_bytes,
        "CPU": budget.cpu_seconds,
        "FSIZE": budget.output_bytes,
        "NOFILE": OPEN_FILES,
        "CORE": 0,
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


def _environment(inside: Places, program: Program) -> dict[str, str]:
    home = inside.output if program.forks else inside.job / HOME_FOLDER
    packages = (
        str(inside.job / CODE_FOLDER),
        sysconfig.get_path("purelib"),
        sysconfig.get_path("platlib"),
    )
    return {
        "PATH": PATH,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(packages)),
        "MALLOC_ARENA_MAX": "2",  # every arena reserves 64 MiB of the address space that is limited
    }


Confined = tuple[Places, list[str], dict[str, list[str]] | None]


def _bubblewrap(program: Program, places: Places) -> Confined:
    """A file system of its own: the system read-only, one folder for this run, nothing else."""
    inside = Places(
        inputs={name: INSIDE / IN_FOLDER / name for name in places.inputs},
        output=INSIDE / OUT_FOLDER if places.output else None,
        job=INSIDE,
    )
    wrapper = [
        installed("bwrap"),
        "--unshare-all",
        "--unshare-user",
        "--uid",
        NOBODY,
        "--gid",
        NOBODY,
    ]
    wrapper += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--dev", "/dev"]
    wrapper += [*_system(), "--tmpfs", "/tmp", "--tmpfs", str(INSIDE)]  # noqa: S108 - its own
    reads = [(path, path) for path in program.reads if not path.is_relative_to("/usr")]
    reads += [(CODE / package, INSIDE / CODE_FOLDER / package) for package in program.packages]
    reads += [(place, inside.inputs[name]) for name, place in places.inputs.items()]
    for outside, place in reads:
        wrapper += ["--ro-bind", str(outside), str(place)]
    if places.output and inside.output:
        wrapper += ["--bind", str(places.output), str(inside.output)]
    home = str(INSIDE / HOME_FOLDER)
    wrapper += ["--dir", home, "--chdir", home]
    if program.forks:  # what one process left in memory would be there for the next
        wrapper += [part for place in IN_MEMORY for part in ("--remount-ro", place)]
    return inside, [*wrapper, "--"], None


def _system() -> list[str]:
    arguments: list[str] = []
    for path in SYSTEM:
        arguments += ["--ro-bind-try", path, path]
    for library in LIBRARIES:
        if Path(library).is_symlink():  # merged /usr: /lib is usr/lib
            arguments += ["--symlink", str(Path(library).readlink()), library]
        else:
            arguments += ["--ro-bind-try", library, library]
    return arguments


def _landlock(program: Program, places: Places) -> Confined:
    """The real file system, of which the kernel opens only what is named; links give fixed names without an extension."""
    job = places.job
    for folder in (IN_FOLDER, CODE_FOLDER, HOME_FOLDER):
        (job / folder).mkdir()
    for name, place in places.inputs.items():
        (job / IN_FOLDER / name).symlink_to(place.resolve())
    code = [CODE / package for package in program.packages]
    for package in code:
        (job / CODE_FOLDER / package.name).symlink_to(package)
    inside = Places(
        inputs={name: job / IN_FOLDER / name for name in places.inputs},
        output=places.output,
        job=job,
    )
    reads = [*SYSTEM, *LIBRARIES, *DEVICES, job / CODE_FOLDER]
    reads += [*program.reads, *code, *(place.resolve() for place in places.inputs.values())]
    writes = [DEVICES[0], *([places.output] if places.output else [])]
    if not program.forks:
        writes.append(job / HOME_FOLDER)
    paths = {"reads": [str(path) for path in reads], "writes": [str(path) for path in writes]}
    return inside, [], paths
