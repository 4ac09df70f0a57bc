"""The launcher: the first program of every child. It ties its own hands, then becomes the program asked for.

Run as `python -m archive.sandbox.launcher PLAN`, PLAN being the JSON that `rungs` writes. A started program inherits all
that is set here and cannot undo it. Standard library only: it starts before every decoder.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any

from archive.sandbox import landlock, seccomp

SET_PARENT_DEATH_SIGNAL, SET_NO_NEW_PRIVILEGES, DROP_FROM_BOUND = 1, 38, 24
CAPABILITIES = 64
CAPABILITY_VERSION = 0x20080522
CANNOT_CONFINE = 97
NO_SUCH_PROGRAM = 98

_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> int:
    """Confine this process by the plan and run its program; returns only when that failed."""
    plan: dict[str, Any] = json.loads(arguments[0])
    program: list[str] = plan["program"]
    try:
        limit(plan["limits"])
        if plan["landlock"]:
            _confine(plan["landlock"], forks=plan["forks"])
        else:
            filter_file = _filter_file(forks=plan["forks"])
            program = [program[0], "--seccomp", str(filter_file), *program[1:]]
        die_with(plan["parent"])
    except OSError as error:
        sys.stderr.write(f"cannot confine: {error}\n")
        return CANNOT_CONFINE
    try:
        os.execve(program[0], program, plan["environment"])  # noqa: S606 - an argument list, no shell
    except OSError as error:
        sys.stderr.write(f"cannot run {program[0]}: {error}\n")
        return NO_SUCH_PROGRAM


def limit(limits: dict[str, int]) -> None:
    """Hold this process, and what it becomes, to its budget."""
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = value + 2 if name == "CPU" else value  # SIGXCPU first, the kill two seconds later
        _, ceiling = resource.getrlimit(kind)
        if ceiling != resource.RLIM_INFINITY:
            value, hard = min(value, ceiling), min(hard, ceiling)  # noqa: PLW2901
        resource.setrlimit(kind, (value, hard))


def _confine(paths: dict[str, list[str]], *, forks: bool) -> None:
    """Landlock, then no capabilities (it may be root), then the filter: in this order each is still allowed to do its part."""
    # What forks will be told apart by its own number, which each takes upon itself.
    filter_program = seccomp.program(None if forks else os.getpid(), forks=forks)
    _prctl(SET_NO_NEW_PRIVILEGES, 1)
    landlock.restrict(paths["reads"], paths["writes"])
    _drop_capabilities()
    seccomp.apply(filter_program)


def _drop_capabilities() -> None:
    for capability in range(CAPABILITIES):
        _libc.prctl(
            DROP_FROM_BOUND, capability, 0, 0, 0
        )  # refused for an ordinary user, who has none
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capabilities stay")


def _filter_file(*, forks: bool) -> int:
    """The filter in a file without a name, for bubblewrap to apply as its last step."""
    place = os.memfd_create("filter", 0)
    os.write(place, seccomp.program(forks=forks))
    os.lseek(place, 0, os.SEEK_SET)
    return place


def die_with(parent: int | None) -> None:
    """Ask the kernel to kill us with our parent; it may have died before we asked."""
    _prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        raise OSError("the parent is gone")


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} was refused")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
