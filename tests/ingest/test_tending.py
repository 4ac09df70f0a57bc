"""A node's staging: what a crash left is finished, what is over goes, what is somebody's stays."""

import io
import os
from dataclasses import replace

import pytest
from depositing import send
from making import jpeg

from archive.catalogue.uploads import UploadState
from archive.errors import Misconfigured, ObjectsUnavailable
from archive.model.ids import UploadId
from archive.objects.files import FileObjects
from ingest.receive import NewUpload
from ingest.staging import Staging
from ingest.tending import Tender

DAY = 24 * 3600.0


@pytest.fixture
def tender(catalogue, staging, adoption, clock) -> Tender:
    return Tender(
        catalogue=catalogue,
        staging=staging,
        adoption=adoption,
        clock=clock,
        node="node",
        owner="one",
        lease_seconds=60,
        every_seconds=30,
    )


def age(path, clock, seconds: float) -> None:
    at = clock.now.timestamp() - seconds
    os.utime(path, (at, at))


def test_an_expired_upload_is_ended_and_its_bytes_go(
    tender, receiver, photographer, catalogue, staging, clock
) -> None:
    upload = receiver.create(NewUpload(filename="a.jpg", length=9), photographer.agent)
    tender.tend()
    assert staging.path(upload.id).exists()
    clock.advance(15 * DAY)
    tender.tend()
    with catalogue.reading() as tx:
        assert tx.uploads.get(upload.id).state is UploadState.EXPIRED
        assert [entry.act for entry in tx.audit.of(upload.asset)][-1] == "upload.expired"
    assert not staging.path(upload.id).exists()


def test_files_in_staging_that_belong_to_nobody_go_when_they_are_old(
    tender, staging, clock
) -> None:
    staging.make(UploadId("old"))
    staging.make(UploadId("young"))
    age(staging.path(UploadId("old")), clock, 61)
    age(staging.path(UploadId("young")), clock, 59)
    tender.tend()
    assert [path.name for path in staging.folder.iterdir()] == ["young"]


def test_an_upload_under_way_keeps_its_bytes_however_old(
    tender, receiver, photographer, staging, clock
) -> None:
    upload = receiver.create(NewUpload(filename="a.jpg", length=9), photographer.agent)
    age(staging.path(upload.id), clock, 5 * DAY)
    tender.tend()
    assert staging.path(upload.id).exists()


def test_what_was_promised_other_bytes_is_kept_a_day_for_inspection(
    tender, receiver, photographer, staging, clock
) -> None:
    upload = send(receiver, photographer, jpeg(), sha256="0" * 64)
    tender.tend()
    assert staging.path(upload.id).exists()
    clock.advance(DAY + 1)
    tender.tend()
    assert not staging.path(upload.id).exists()


def test_the_staged_file_of_a_finished_upload_goes_at_once(
    tender, receiver, photographer, staging
) -> None:
    upload = send(receiver, photographer, jpeg())
    staging.make(upload.id)
    tender.tend()
    assert not staging.path(upload.id).exists()


def test_an_adoption_that_a_crash_left_is_finished(
    tender, receiver, photographer, adoption, catalogue, clock
) -> None:
    away = FileObjects(adoption.staging.folder.parent / "objects", archive_id="another")
    data = jpeg(4)
    upload = receiver.create(NewUpload(filename="a.jpg", length=len(data)), photographer.agent)
    receiver._adoption = replace(adoption, objects=away)
    with pytest.raises(ObjectsUnavailable):
        receiver.append(upload.id, photographer.agent, 0, io.BytesIO(data), len(data))
    tender.tend()
    with catalogue.reading() as tx:
        assert tx.uploads.get(upload.id).outcome is None
    clock.advance(61)
    tender.tend()
    with catalogue.reading() as tx:
        assert tx.uploads.get(upload.id).outcome["outcome"] == "stored"


def test_only_the_holder_of_the_nodes_lease_tends(
    tender, receiver, photographer, staging, clock
) -> None:
    upload = receiver.create(NewUpload(filename="a.jpg", length=9), photographer.agent)
    tender.tend()
    clock.advance(15 * DAY)
    replace(tender, node="another", owner="two").tend()
    assert staging.path(upload.id).exists()  # not of that node's uploads
    tender.tend()
    assert not staging.path(upload.id).exists()
    staging.make(UploadId("node.old"))
    age(staging.path(UploadId("node.old")), clock, 61)
    replace(tender, owner="two").tend()
    assert staging.path(UploadId("node.old")).exists()


def test_a_nodes_name_is_made_once_and_stays_with_its_files(tmp_path) -> None:
    name = Staging(tmp_path / "staging").node()
    assert Staging(tmp_path / "staging").node() == name
    assert Staging(tmp_path / "other").node() != name
    assert list(Staging(tmp_path / "staging").files()) == []


def test_a_node_may_be_named_but_not_anyhow(tmp_path) -> None:
    assert Staging(tmp_path).node("web-1") == "web-1"
    for name in ("a.b", "Web", "", "ş", "x" * 31):
        with pytest.raises(Misconfigured, match="MEDIATEKA_NODE"):
            Staging(tmp_path).node(name)


def test_what_is_no_staged_file_does_not_end_the_tending(tender, staging, clock) -> None:
    (staging.folder / "lost+found").mkdir(parents=True)
    staging.make(UploadId("old"))
    age(staging.path(UploadId("old")), clock, 61)
    tender.tend()
    assert [path.name for path in staging.folder.iterdir()] == ["lost+found"]
