"""The resident: the first process of a sandbox that stays open. Every order it is given becomes a process of its own.

Run as `python -m archive.sandbox.resident FILES OUT IN OUT ERR`: two folders inside the sandbox, and the numbers of three
open files that become the standard streams of what it runs. One order a line on standard input, one answer a line on
standard output: the exit status, negative for a signal. The resident itself never touches what is in FILES. Each process
it makes takes the full filter upon itself before it begins, so that it can neither make others nor signal them: nothing
of one order is left when the next begins, whoever's file it was.

A module of ours may have a function `prepare`: it is called here, before the first order for it, so that what most files
need is loaded once and not by every process made.
"""

import gc
import importlib
import json
import os
import sys
from typing import Any, NoReturn

from archive.sandbox import launcher, seccomp


def main(arguments: list[str]) -> int:
    """Serve orders until standard input ends."""
    folders = {"input": arguments[0], "output": arguments[1]}
    streams = [int(number) for number in arguments[2:]]
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if order["module"] and order["module"] not in sys.modules:
            _load(order["module"])  # once: the processes made share it
        process = os.fork()
        if process == 0:
            _become(order, folders, streams)
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return 0


def _load(module: str) -> None:
    """Import a module, let it prepare, and leave its memory alone: what a collection touches, every process would copy."""
    prepare = getattr(importlib.import_module(module), "prepare", None)
    if prepare is not None:
        prepare()
    gc.collect()
    gc.freeze()


def _become(order: dict[str, Any], folders: dict[str, str], streams: list[int]) -> NoReturn:
    """Let go of the resident's own streams, tie the hands, and be the program asked for."""
    for handle, stream in enumerate(streams):
        os.dup2(stream, handle)
        os.close(stream)
    try:
        launcher.die_with(os.getppid())
        launcher.limit(order["limits"])
        seccomp.apply(seccomp.program(os.getpid()))
    except OSError as error:
        sys.stderr.write(f"cannot confine: {error}\n")
        sys.exit(launcher.CANNOT_CONFINE)
    given = [_resolved(argument, folders) for argument in order["arguments"]]
    if order["module"]:
        status = sys.modules[order["module"]].main(given)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(
            status
        )  # taking an interpreter apart that nobody needs costs as much as a small file
    try:
        os.execv(given[0], given)  # noqa: S606 - an argument list, no shell
    except OSError as error:
        sys.stderr.write(f"cannot run {given[0]}: {error}\n")
    sys.exit(launcher.NO_SUCH_PROGRAM)


def _resolved(argument: str | dict[str, str], folders: dict[str, str]) -> str:
    if isinstance(argument, str):
        return argument
    [(kind, name)] = argument.items()
    return f"{folders[kind]}/{name}" if name else folders[kind]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
