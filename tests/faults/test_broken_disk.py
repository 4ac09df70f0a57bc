"""F9: one use of a disk fails (EIO on write, fsync, rename, read): nothing acknowledged is lost, nothing is called damaged, health says it."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from depositing import deposit
from making import jpeg
from running_house import running_house, upload, wait_for

from archive import faults
from archive.errors import ObjectsUnavailable, Unavailable
from archive.model.asset import State
from archive.model.job import JobState, Queue
from mediateka import doctor
from workers.dispatch import Dispatcher, Timing
from workers.handlers import check_original, handlers

USES = (
    *("staging.write", "staging.fsync"),
    *("store.write", "store.fsync", "store.rename", "store.read"),
)

IN_FILES = pytest.mark.parametrize("keeper_of_objects", ["files"])  # they look into its folder


@pytest.fixture
def broken(tmp_path: Path):
    """Break one use of a disk in this process."""
    folder = tmp_path / "points"
    folder.mkdir()
    faults.arm(folder)
    yield lambda use: (folder / f"{use}{faults.BROKEN}").touch()
    faults.arm(None)


@pytest.mark.parametrize("use", ["staging.write", "staging.fsync", "staging.read"])
def test_bytes_that_a_broken_disk_did_not_take_are_not_acknowledged(
    receiver, photographer, staging, broken, use
) -> None:
    import io

    from ingest.receive import NewUpload

    photo, agent = jpeg(3), photographer.agent
    upload = receiver.create(NewUpload(filename="a.jpg", length=len(photo)), agent)
    taken = receiver.append(upload.id, agent, 0, io.BytesIO(photo[:100]), 100).offset
    staging._digests.clear()  # as after a restart: the staged bytes are read again
    broken(use)
    with pytest.raises(Unavailable):
        receiver.append(upload.id, agent, taken, io.BytesIO(photo[taken:]), None)
    assert receiver.ask(upload.id, agent).offset == taken == 100
    done = receiver.append(upload.id, agent, taken, io.BytesIO(photo[taken:]), None)
    assert done.outcome["sha256"] == hashlib.sha256(photo).hexdigest()


@IN_FILES
@pytest.mark.parametrize("use", ["store.write", "store.fsync", "store.rename"])
def test_a_put_that_a_broken_disk_refused_leaves_nothing_and_can_be_repeated(
    objects, tmp_path, broken, use
) -> None:
    broken(use)
    with pytest.raises(ObjectsUnavailable):
        objects.put("renditions/a", b"bytes")
    assert list((tmp_path / "objects" / "tmp").iterdir()) == []
    assert objects.stat("renditions/a") is None
    objects.put("renditions/a", b"bytes")
    assert objects.read("renditions/a") == b"bytes"


@IN_FILES
def test_an_original_that_cannot_be_read_for_a_moment_is_not_called_damaged(
    receiver, archivist, catalogue, objects, clock, shop, broken
) -> None:
    asset = deposit(receiver, archivist, jpeg(8), catalogue=catalogue)
    known = handlers(shop) | {"check-original": lambda job: check_original(job, shop)}
    worker = Dispatcher(known, catalogue=catalogue, clock=clock, owner="one", timing=Timing())
    broken("store.read")
    assert worker.run_one(Queue.FIXITY)
    with catalogue.reading() as tx:
        [job] = [job for job in tx.jobs.of(asset.id) if job.kind == "check-original"]
        assert (job.state, job.error_class) == (JobState.READY, ObjectsUnavailable.code)
        assert tx.assets.get(asset.id).trouble is None
        assert tx.jobs.troubles() == {ObjectsUnavailable.code: 1}
    said = list(doctor._jobs(SimpleNamespace(catalogue=catalogue)))
    assert [finding.said for finding in said if not finding.is_well] == [
        "1 are tried again after objects-unavailable"
    ]
    clock.advance(60)
    assert worker.run_one(Queue.FIXITY)
    with catalogue.reading() as tx:
        assert tx.assets.get(asset.id).original.verified_at is not None
        assert tx.jobs.troubles() == {}
        assert tx.assets.get(asset.id).state is State.PROCESSING


@pytest.mark.xdist_group("house")
def test_every_use_of_a_disk_may_fail_once_in_a_living_house(tmp_path: Path) -> None:
    armed = tmp_path / "points"
    armed.mkdir()
    with running_house(tmp_path / "house", MEDIATEKA_FAULTS=str(armed)) as house:
        digests = {}
        for number, use in enumerate(USES):
            broken = armed / f"{use}{faults.BROKEN}"
            broken.touch()
            data = jpeg(900 + number)
            sent = upload(house, f"{number}.jpg", data, piece=3000)
            digests[sent.asset] = hashlib.sha256(data).hexdigest()
            wait_for(lambda broken=broken: not broken.exists(), 20, f"{broken.name} is met")
        for asset, digest in digests.items():
            wait_for(
                lambda asset=asset: house.ask(f"/api/v1/assets/{asset}").json["state"] == "ready",
                60,
                f"{asset} is ready",
            )
            original = house.ask(f"/api/v1/assets/{asset}/original").data
            assert hashlib.sha256(original).hexdigest() == digest
        assert "Traceback" not in house.log()
