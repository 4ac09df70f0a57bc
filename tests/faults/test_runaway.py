"""F15: a child that wants too much memory, prints without end, or ignores the order to end: parked `over-budget`, the slot free."""

import io
import sys
import time

import pytest
from depositing import deposit
from making import jpeg
from PIL import Image

from archive.model.asset import Reason
from archive.model.job import JobState, Queue
from archive.sandbox.budgets import MIB, Budget
from archive.sandbox.rungs import Program, python_program
from workers.dispatch import Dispatcher, Timing
from workers.handlers import handlers

WALL_SECONDS = 2
FREE_SECONDS = 10
BUDGET = Budget(
    cpu_seconds=60, wall_seconds=WALL_SECONDS, memory_bytes=256 * MIB, output_bytes=4 * MIB
)
RUNAWAYS = {
    "time": "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(60)",
    "output": "import signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nwhile True: sys.stdout.write('x' * 65536)",
}


def worker(shop, catalogue, clock, **others) -> Dispatcher:
    return Dispatcher(
        handlers(shop) | others, catalogue=catalogue, clock=clock, owner="one", timing=Timing()
    )


def runaway(code: str) -> Program:
    """A program of ours that no longer does what it is for."""
    own = python_program("archive.sandbox.canary")
    return Program(arguments=(sys.executable, "-S", "-c", code), reads=own.reads)


def require_parked(catalogue, asset, kind: str, detail: str) -> None:
    with catalogue.reading() as tx:
        [job] = [job for job in tx.jobs.of(asset.id) if job.kind == kind]
        trouble = tx.assets.get(asset.id).trouble
    assert (job.state, job.error_class) == (JobState.PARKED, "over-budget")
    assert (trouble.reason, trouble.detail) == (Reason.OVER_BUDGET, detail)


@pytest.mark.parametrize("detail", RUNAWAYS)
def test_a_runaway_child_is_ended_and_its_job_parked_with_the_reason(
    receiver, archivist, catalogue, clock, shop, detail
) -> None:
    asset = deposit(receiver, archivist, jpeg(11), catalogue=catalogue)

    def run_away(_job):
        shop.sandbox.run(runaway(RUNAWAYS[detail]), inputs={}, budget=BUDGET)

    busy = worker(shop, catalogue, clock, **{"examine-asset": run_away})
    began = time.monotonic()
    assert busy.run_one(Queue.INTERACTIVE)
    assert time.monotonic() - began - WALL_SECONDS <= FREE_SECONDS
    require_parked(catalogue, asset, "examine-asset", detail)
    assert list(shop.scratch.iterdir()) == []
    clock.advance(7200)
    assert not busy.run_one(Queue.INTERACTIVE)  # never tried again by itself


def test_a_picture_that_wants_more_memory_than_a_child_may_have_is_parked(
    receiver, archivist, catalogue, clock, shop, monkeypatch
) -> None:
    from transcode import stills

    small = Budget(cpu_seconds=30, wall_seconds=60, memory_bytes=150 * MIB)
    monkeypatch.setattr(stills, "STILLS", small)
    picture = io.BytesIO()
    Image.new("RGB", (9000, 7000), "white").save(picture, "PNG", compress_level=1)
    asset = deposit(receiver, archivist, picture.getvalue(), catalogue=catalogue, name="large.png")
    busy = worker(shop, catalogue, clock)
    began = time.monotonic()
    while busy.run_one(Queue.INTERACTIVE):
        pass
    assert time.monotonic() - began <= 2 * FREE_SECONDS
    require_parked(catalogue, asset, "render-stills", "memory")
    other = deposit(receiver, archivist, jpeg(13), catalogue=catalogue)
    monkeypatch.undo()
    while busy.run_one(Queue.INTERACTIVE):
        pass
    with catalogue.reading() as tx:
        assert len(tx.assets.get(other.id).renditions) == 2
