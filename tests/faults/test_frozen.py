"""F7: a worker stands still for twice its lease, another takes its job: the frozen one publishes nothing, its child and its strays go."""

import os
import random
import signal
from pathlib import Path

import pytest
from chaos import files_in, photo_of
from running_house import PAUSE, House, running_house, stat_of, upload, wait_for
from workshop import workshop

from archive import keys
from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.model.asset import State
from archive.model.job import JobState, Queue
from archive.objects.files import FileObjects
from workers.dispatch import Dispatcher, Timing
from workers.handlers import Workshop, abandon, handlers

pytestmark = pytest.mark.xdist_group("house")
TIMES = 5 if os.environ.get("FAULT_UPLOADS") else 1
LEASE_SECONDS = 2


@pytest.fixture
def house(tmp_path: Path):
    with running_house(tmp_path / "house") as running:
        yield running


@pytest.fixture
def shop(house: House, sandbox, tmp_path: Path):
    """A second worker's workshop on the same house."""
    catalogue = Catalogue.open(f"sqlite:///{house.home}/catalogue.db", clock=utc_now)
    objects = FileObjects(house.home / "objects")
    objects.prepare()
    yield workshop(catalogue, objects, utc_now, sandbox, tmp_path)
    catalogue.close()


def second_worker(shop: Workshop) -> Dispatcher:
    return Dispatcher(
        handlers(shop),
        catalogue=shop.catalogue,
        clock=utc_now,
        owner="another worker",
        timing=Timing(lease_seconds=30),
    )


def stills_of(shop: Workshop, asset: str):
    """The job that makes stills, once it is there."""
    with shop.catalogue.reading() as tx:
        found = [job for job in tx.jobs.of(asset) if job.kind == "render-stills"]
    return found[0] if found else None


def freeze_at_stills(house: House, shop: Workshop, asset: str) -> tuple[int, list[int]]:
    """Stop the worker while its child makes stills; returns its pid and those of its children."""
    [worker] = house.pids("worker")

    def is_at_work() -> bool:
        job = stills_of(shop, asset)
        return job is not None and job.state is JobState.RUNNING and bool(house.pids("children"))

    wait_for(is_at_work, 20, "a child makes stills")
    os.kill(worker, signal.SIGSTOP)
    return worker, house.pids("children")


def test_a_worker_frozen_for_twice_its_lease_publishes_nothing_once_another_took_its_job(
    house: House, shop: Workshop
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"\nseed {seed}, {TIMES} times")
    chance, other, took = random.Random(seed), second_worker(shop), 0
    for number in range(TIMES):
        asset = upload(house, f"{number}.jpg", photo_of(chance, 9_000_000)).asset
        worker, children = freeze_at_stills(house, shop, asset)
        frozen = stills_of(shop, asset)
        PAUSE.wait(2 * LEASE_SECONDS + 0.5)
        with shop.catalogue.writing() as tx:
            tx.jobs.sweep()
        while sum(other.run_one(queue) for queue in Queue):
            pass
        with shop.catalogue.reading() as tx:
            taken, held = stills_of(shop, asset), tx.assets.get(asset)
        assert taken.state is JobState.DONE
        assert taken.fence > frozen.fence
        took += frozen.state is JobState.RUNNING
        os.kill(worker, signal.SIGCONT)
        wait_for(
            lambda children=children: not any(is_alive(pid) for pid in children),
            10,
            "the frozen worker's children are gone",
        )
        pointed = {rendition.key for rendition in held.renditions}
        assert {keys.fence_of(key) for key in pointed} == {taken.fence}
        wait_for(
            lambda asset=asset, pointed=pointed: (
                set(shop.objects.keys(keys.renditions_of(asset))) == pointed
            ),
            10,
            "strays are swept",
        )
        wait_for(lambda: not files_in(house.home / "scratch"), 10, "no scratch is left")
        with shop.catalogue.reading() as tx:
            now = tx.assets.get(asset)
        assert {rendition.key for rendition in now.renditions} == pointed
        assert stills_of(shop, asset).fence == taken.fence
        wait_for(lambda asset=asset: state_of(shop, asset) is State.READY, 60, "it is ready")
    assert took == TIMES
    assert house.stop() == 0
    wait_for(lambda: not house.orphans(), 10, "no process is without a parent")


def state_of(shop: Workshop, asset: str) -> State:
    with shop.catalogue.reading() as tx:
        return tx.assets.get(asset).state


def is_alive(pid: int) -> bool:
    stat = stat_of(pid)
    return bool(stat) and stat[0] != "Z"


def test_an_attempt_that_lost_its_lease_takes_away_what_it_put(shop: Workshop, house) -> None:
    asset = upload(house, "lost.jpg", photo_of(random.Random(1), 300_000)).asset
    wait_for(lambda: state_of(shop, asset) is State.READY, 60, "it is ready")
    job = stills_of(shop, asset)
    ours = keys.rendition(asset, "preview", job.id, job.fence + 1, "jpg")
    with shop.catalogue.reading() as tx:
        pointed = {rendition.key for rendition in tx.assets.get(asset).renditions}
    shop.objects.put(ours, b"of a zombie")
    from dataclasses import replace

    abandon(replace(job, fence=job.fence + 1), shop)
    assert set(shop.objects.keys(keys.renditions_of(asset))) == pointed
