"""How a confined process is begun, and how all of it is ended."""

import json
import os
import signal
import subprocess
import sys

from archive.sandbox import launcher
from archive.sandbox.budgets import Budget
from archive.sandbox.rungs import Places, Program, Rung, plan


def command(
    rung: Rung, program: Program, places: Places, budget: Budget, parent: int | None
) -> list[str]:
    """The argument list that starts `program` confined; the child dies with process `parent` (None: whoever starts it)."""
    told = plan(rung, program, places, budget) | {"parent": parent}
    return [sys.executable, "-S", "-B", "-P", "-s", "-m", launcher.__name__, json.dumps(told)]


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of the process's group behind, and wait for it."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            process.wait()
