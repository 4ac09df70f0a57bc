"""F4, F5, F6, F7 on Celery: its broker goes away, is wiped, delivers thrice and late; workers die and freeze. Each job is done once."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from brokers import Broker, broker_of_its_own
from chaos import photo_of, torment
from making import jpeg
from pysqlite3 import dbapi2 as sqlite3
from running_house import (
    PAUSE,
    ROOT,
    House,
    descendants_of,
    is_pool,
    running_house,
    upload,
    wait_for,
)

from archive import keys
from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.model.asset import State
from archive.model.job import Job, JobState, Queue
from archive.objects.files import FileObjects

pytestmark = pytest.mark.xdist_group("house")
LEASE_SECONDS = 2


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[Broker]:
    with broker_of_its_own(tmp_path_factory.mktemp("broker") / "redis") as started:
        yield started


@pytest.fixture(scope="module")
def house(broker: Broker, tmp_path_factory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("celery") / "house"
    with running_house(home, MEDIATEKA_QUEUE=broker.url) as running:
        wait_for(lambda: len(running.pids("pool")) == 5, 30, "all groups have their pools")
        yield running


@pytest.fixture
def catalogue(house: House) -> Iterator[Catalogue]:
    opened = Catalogue.open(f"sqlite:///{house.home}/catalogue.db", clock=utc_now)
    yield opened
    opened.close()


def send(house: House, number: int, prefix: str, size: int | None = None) -> list[str]:
    """Deposit so many photos; returns their assets."""
    chance = random.Random(f"{prefix}")
    data = [
        photo_of(chance, size) if size else jpeg(chance.randrange(1 << 30)) for _ in range(number)
    ]
    return [upload(house, f"{prefix}-{n}.jpg", one).asset for n, one in enumerate(data)]


def jobs_of(catalogue: Catalogue, assets: list[str]) -> list[Job]:
    with catalogue.reading() as tx:
        return [job for asset in assets for job in tx.jobs.of(asset)]


def are_ready(catalogue: Catalogue, assets: list[str]) -> bool:
    with catalogue.reading() as tx:
        found = tx.assets.find(assets)
    jobs = jobs_of(catalogue, assets)
    ready = all(found[asset].state is State.READY for asset in assets)
    return ready and all(job.state is JobState.DONE for job in jobs)


def await_ready(catalogue: Catalogue, assets: list[str], seconds: float = 25) -> None:
    wait_for(
        lambda: are_ready(catalogue, assets), seconds, "all are ready and all their jobs are done"
    )


def require_one_result_each(house: House, catalogue: Catalogue, assets: list[str]) -> None:
    """Each job was claimed and published once, and nothing lies in the store but what is pointed at."""
    jobs = jobs_of(catalogue, assets)
    assert {job.fence for job in jobs} == {1}, [job for job in jobs if job.fence != 1]
    require_only_what_is_pointed_at(house, catalogue, assets)
    with catalogue.reading() as tx:
        for asset in assets:
            acts = [row.act for row in tx.audit.of(asset)]
            assert acts.count("asset.rendered") == acts.count("asset.examined") == 1


def require_only_what_is_pointed_at(house: House, catalogue: Catalogue, assets) -> None:
    objects = FileObjects(house.home / "objects")
    objects.prepare()
    for asset in assets:
        with catalogue.reading() as tx:
            pointed = {made.key for made in tx.assets.get(asset).renditions}
        wait_for(
            lambda asset=asset, pointed=pointed: (
                set(objects.keys(keys.renditions_of(asset))) == pointed
            ),
            10,
            "nothing lies there that is not pointed at",
        )


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """These processes stand still as long as the block lasts."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def test_a_deposit_becomes_ready_and_is_found(house: House, catalogue: Catalogue) -> None:
    [asset] = send(house, 1, "first")
    await_ready(catalogue, [asset])
    wait_for(
        lambda: asset in {item["id"] for item in house.ask("/api/v1/assets").json["items"]},
        10,
        "search shows it",
    )
    require_one_result_each(house, catalogue, [asset])


def test_every_message_delivered_thrice_and_late_gives_one_result_each(
    house: House, broker: Broker, catalogue: Catalogue
) -> None:
    kept: dict[str, list[bytes]] = {}
    with broker.client() as client, frozen(house.pids("group")):
        assets = send(house, 6, "thrice")
        for queue in Queue:
            kept[queue] = client.lrange(queue, 0, -1)
            for message in kept[queue] * 2:
                client.rpush(queue, message)
        assert sum(map(len, kept.values())) >= 10  # each group was about to take one off
    await_ready(catalogue, assets)
    with broker.client() as client:  # and once more, when all is over
        for queue, messages in kept.items():
            for message in messages:
                client.lpush(queue, message)
        wait_for(lambda: not any(client.llen(queue) for queue in Queue), 10, "all are taken off")
    require_one_result_each(house, catalogue, assets)


def test_a_broker_wiped_while_forty_jobs_wait_loses_and_doubles_none(
    house: House, broker: Broker, catalogue: Catalogue
) -> None:
    with broker.client() as client, frozen(house.pids("group")):
        assets = send(house, 22, "wiped")
        waiting = [job for job in jobs_of(catalogue, assets) if job.state is JobState.READY]
        assert len(waiting) >= 40
        assert client.llen(Queue.INTERACTIVE) >= 20
        client.flushall()
    await_ready(catalogue, assets)
    require_one_result_each(house, catalogue, assets)


def test_deposits_go_on_without_a_broker_and_the_work_is_done_when_it_is_back(
    house: House, broker: Broker, catalogue: Catalogue
) -> None:
    broker.kill()
    try:
        began = time.monotonic()
        assets = send(house, 5, "away")
        assert time.monotonic() - began < 10
        assert house.ask("/api/v1/assets").status == 200
        assert {job.state for job in jobs_of(catalogue, assets)} == {JobState.READY}
    finally:
        broker.start()
    await_ready(catalogue, assets)
    require_one_result_each(house, catalogue, assets)


def stills_under_way(catalogue: Catalogue, assets: list[str]) -> Job | None:
    made = [job for job in jobs_of(catalogue, assets) if job.kind == "render-stills"]
    return next((job for job in made if job.state is JobState.RUNNING), None)


def pools_of(worker: int) -> list[int]:
    return [pid for pid in descendants_of(worker) if is_pool(pid)]


def stopped_at_stills(
    house: House, catalogue: Catalogue, assets: list[str], worker: int
) -> tuple[list[int], Job] | None:
    """Stop a worker whole while it makes stills, but not while it holds the catalogue of this one machine."""
    if not stills_under_way(catalogue, assets):
        return None
    pids = [worker, *pools_of(worker)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: all(map(stands_still, pids)), 5, "all their threads stand still")
    if is_free(house) and (job := stills_under_way(catalogue, assets)):
        return pids, job
    for pid in reversed(pids):
        os.kill(pid, signal.SIGCONT)
    return None


def stands_still(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(thread.read_text().rpartition(")")[2].split()[0] in "TZ" for thread in threads)


def is_free(house: House) -> bool:
    """Whether the catalogue could be written to."""
    with closing(sqlite3.connect(str(house.home / "catalogue.db"), timeout=0.2)) as line:
        try:
            line.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        line.rollback()
        return True


@contextmanager
def second_worker(house: House, home: Path) -> Iterator[subprocess.Popen]:
    """Another worker with groups of its own, on the same catalogue, store and index."""
    home.mkdir()
    environment = house.environment | {
        "MEDIATEKA_HOME": str(home),
        "MEDIATEKA_CATALOGUE": f"sqlite:///{house.home}/catalogue.db",
        "MEDIATEKA_OBJECTS": f"file://{house.home}/objects",
        "MEDIATEKA_SEARCH": f"tantivy://{house.home}/index",
        "MEDIATEKA_STAGING": str(house.home / "staging"),
    }
    command = [sys.executable, "-m", "mediateka", "worker"]
    with (home / "log").open("wb") as log:
        worker = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
    try:
        pools = 10  # one that forks four groups, which have five processes in their pools
        wait_for(
            lambda: len(pools_of(worker.pid)) == pools,
            30,
            "the second worker listens",
        )
        yield worker
    finally:
        worker.terminate()
        assert worker.wait(40) == 0


def test_a_worker_frozen_for_twice_its_lease_publishes_nothing_while_another_does_its_work(
    house: House, catalogue: Catalogue, tmp_path: Path
) -> None:
    with second_worker(house, tmp_path / "second") as other:
        [theirs] = [pid for pid in house.pids("worker") if pid != other.pid]
        assets: list[str] = []

        def stopped_worker() -> tuple[list[int], Job] | None:
            if are_ready(catalogue, assets):  # none yet, or it was quicker than we
                assets.extend(send(house, 3, f"frozen-{len(assets)}", 4_000_000))
            return stopped_at_stills(house, catalogue, assets, theirs)

        with frozen(pools_of(other.pid)):
            stopped, held = wait_for(stopped_worker, 60, "stills are made")
        try:
            PAUSE.wait(2 * LEASE_SECONDS + 0.5)
            await_ready(catalogue, assets, 45)
        finally:
            for pid in reversed(stopped):
                os.kill(pid, signal.SIGCONT)
        [taken] = [job for job in jobs_of(catalogue, [held.subject]) if job.id == held.id]
        assert taken.fence > held.fence
        require_only_what_is_pointed_at(house, catalogue, assets)
        with catalogue.reading() as tx:
            made = tx.assets.get(held.subject).renditions
            acts = [row.act for row in tx.audit.of(held.subject)]
        assert {keys.fence_of(one.key) for one in made} == {taken.fence}
        assert acts.count("asset.rendered") == 1
    assert house.pids("worker")


def test_a_worker_told_to_stop_leaves_no_job_running_and_no_process(
    house: House, catalogue: Catalogue
) -> None:
    assets = send(house, 4, "stopped", 3_000_000)
    assert house.stop() == 0
    wait_for(lambda: not house.orphans(), 10, "no process is without a parent")
    states = {job.state for job in jobs_of(catalogue, assets)}
    assert states <= {JobState.READY, JobState.DONE}
    house.start()
    await_ready(catalogue, assets)


def test_nothing_is_lost_or_doubled_when_workers_their_pools_and_the_broker_die(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    with broker_of_its_own(tmp_path / "redis") as broker:
        home, over = tmp_path / "house", threading.Event()
        with running_house(home, MEDIATEKA_QUEUE=broker.url) as house:
            house.others["broker"] = lambda: broker.pids
            keeper = threading.Thread(target=_start_again, args=(broker, over))
            keeper.start()
            try:
                others = ("group", "pool", "broker")
                report = torment(
                    house, seed=seed, uploads=8, kills=10, largest=2_000_000, others=others
                )
            finally:
                over.set()
                keeper.join()
            print(f"\n{report}")
            assert report.faults == [], house.log()[-3000:]
            assert house.stop() == 0
            wait_for(lambda: not house.orphans(), 10, "no process is without a parent")


def _start_again(broker: Broker, over: threading.Event) -> None:
    """A broker that was killed is away for a moment."""
    while not over.wait(0.2):
        if not broker.pids:
            over.wait(1.0)
            broker.start()
