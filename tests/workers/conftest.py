"""A workshop over real parts, and dispatchers whose handlers the test writes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from workshop import workshop

from archive.model.job import ORDERS, Job
from workers.dispatch import Dispatcher, Timing
from workers.handlers import Workshop

TIMING = Timing(lease_seconds=60, poll_seconds=0.05, sweep_seconds=30)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(catalogue, objects, clock, sandbox, scratch: Path) -> Workshop:
    return workshop(catalogue, objects, clock, sandbox, scratch.parent)


@pytest.fixture
def dispatching(catalogue, clock) -> Callable[..., Dispatcher]:
    """dispatching(kind=handler, …): every other order is an error in the test."""

    def made(timing: Timing = TIMING, owner: str = "one", **handlers: Callable) -> Dispatcher:
        def unexpected(job: Job):
            raise AssertionError(f"nobody expected {job.kind}")

        given = {name.replace("_", "-"): handler for name, handler in handlers.items()}
        whole = {order.kind: unexpected for order in ORDERS} | given
        return Dispatcher(whole, catalogue=catalogue, clock=clock, owner=owner, timing=timing)

    return made
