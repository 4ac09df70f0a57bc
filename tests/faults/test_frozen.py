"""F7: a worker that stood still for twice its lease goes on: nothing is published twice, no child of then is left."""

import hashlib
import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest
from chaos import files_in, photo_of
from running_house import PAUSE, running_house, upload, wait_for

from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.model.job import JobState

pytestmark = pytest.mark.xdist_group("house")
TIMES = 3
LEASE_SECONDS = 2


def test_a_worker_frozen_for_twice_its_lease_publishes_once_and_leaves_no_child(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"\nseed {seed}")
    chance = random.Random(seed)
    with running_house(tmp_path / "house") as house:
        digests = {}
        for number in range(TIMES):
            data = photo_of(chance, 6_000_000)
            sent = upload(house, f"{number}.jpg", data)
            digests[sent.asset] = hashlib.sha256(data).hexdigest()
            wait_for(lambda: house.pids("children"), 10, "a child is at work")
            [worker] = house.pids("worker")
            os.kill(worker, signal.SIGSTOP)
            PAUSE.wait(2 * LEASE_SECONDS + 0.5)
            os.kill(worker, signal.SIGCONT)
        catalogue = Catalogue.open(f"sqlite:///{house.home}/catalogue.db", clock=utc_now)
        for asset, digest in digests.items():
            wait_for(
                lambda asset=asset: house.ask(f"/api/v1/assets/{asset}").json["state"] == "ready",
                60,
                f"{asset} is ready",
            )
            original = house.ask(f"/api/v1/assets/{asset}/original").data
            assert hashlib.sha256(original).hexdigest() == digest
            with catalogue.reading() as tx:
                done = Counter(job.kind for job in tx.jobs.of(asset) if job.state is JobState.DONE)
            assert set(done.values()) == {1}, done
        catalogue.close()
        assert files_in(house.home / "scratch") == []
        assert house.stop() == 0
        wait_for(lambda: not house.orphans(), 10, "no process is without a parent")
