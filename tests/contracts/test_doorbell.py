"""What a doorbell promises, whoever keeps it: it wakes, it may ring twice or not at all, it never costs a request its answer."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hearing import SECONDS, Heard, heard_by_celery, heard_locally
from live import QUEUE, live, own_name
from running_house import free_port, wait_for
from together import at_once

from archive.catalogue.engine import Catalogue
from archive.doorbell import Doorbell
from archive.errors import DoorbellUnavailable
from archive.model.ids import JobId
from archive.model.job import ExamineAsset, JobState, Queue
from workers.doorbell.celery import CeleryDoorbell
from workers.doorbell.local import LocalDoorbell

JOB = JobId("0190a0b0-0000-7000-8000-000000000001")
AT_MOST_SECONDS = 1.5


@dataclass(frozen=True)
class Kept:
    """A bell, somebody who hears it, and the same bell with nobody at the other end."""

    bell: Doorbell
    heard: Callable[[Queue], AbstractContextManager[Heard]]
    dead: Doorbell


@pytest.fixture(params=["local", "celery"])
def kept(request, tmp_path: Path):
    if request.param == "local":
        bell, dead = LocalDoorbell(tmp_path), LocalDoorbell(tmp_path / "elsewhere")
        yield Kept(bell, partial(heard_locally, tmp_path), dead)
        return
    url = f"{live(QUEUE)}?prefix={own_name()}"
    with (
        closing(CeleryDoorbell(url)) as bell,
        closing(CeleryDoorbell(f"celery+redis://127.0.0.1:{free_port()}/0")) as dead,
    ):
        yield Kept(bell, partial(heard_by_celery, url), dead)


def test_a_ring_wakes_who_listens_for_its_queue_and_nobody_else(kept: Kept) -> None:
    with kept.heard(Queue.RENDER) as heard:
        with suppress(DoorbellUnavailable):  # carried or not, it is nobody's here
            kept.bell.ring(Queue.FIXITY, JOB)
        kept.bell.ring(Queue.RENDER, JOB)
        heard.by(Queue.RENDER)
        assert heard.rings().count(Queue.RENDER) >= 1


def test_ringing_often_and_from_many_threads_is_harmless(kept: Kept) -> None:
    def ring() -> bool:
        for _ in range(20):
            kept.bell.ring(Queue.BULK, JOB)
        return True

    with kept.heard(Queue.BULK) as heard:
        assert at_once(4, ring) == [True] * 4
        heard.by(Queue.BULK)


def test_a_bell_that_would_carry_answers_a_ping(kept: Kept) -> None:
    with kept.heard(Queue.BULK):
        assert kept.bell.ping() is None


def test_rings_that_nobody_takes_off_are_no_trouble(kept: Kept) -> None:
    with kept.heard(Queue.INTERACTIVE) as heard:
        for _ in range(1500):
            kept.bell.ring(Queue.RENDER, JOB)
        # A bell that is full may lose a ring; whoever rings again is heard.
        wait_for(
            lambda: kept.bell.ring(Queue.INTERACTIVE, JOB) or Queue.INTERACTIVE in heard.rings(),
            SECONDS,
            "a later ring is heard",
        )


def test_where_nobody_can_be_reached_it_says_so_and_soon(kept: Kept) -> None:
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(DoorbellUnavailable):
            kept.dead.ring(Queue.RENDER, JOB)
    with pytest.raises(DoorbellUnavailable):
        kept.dead.ping()
    assert time.monotonic() - began < AT_MOST_SECONDS


def test_work_is_kept_though_the_bell_cannot_be_rung(kept: Kept, tmp_path: Path, clock) -> None:
    url = f"sqlite:///{tmp_path}/bell.db"
    with closing(Catalogue.open(url, clock=clock, doorbell=kept.dead)) as catalogue:
        catalogue.migrate()
        with catalogue.writing() as tx:
            job = tx.jobs.defer(ExamineAsset("asset-1"))
        with catalogue.reading() as tx:
            assert tx.jobs.get(job).state is JobState.READY


def test_a_bell_may_be_closed_twice(kept: Kept) -> None:
    with kept.heard(Queue.RENDER):
        kept.bell.ring(Queue.RENDER, JOB)
        kept.bell.close()
        kept.bell.close()
