"""The real handlers, through the real sandbox: a deposited photo becomes a ready asset, twice as good as once."""

from dataclasses import replace
from pathlib import Path

import pytest
from depositing import deposit
from making import jpeg
from PIL import Image

from archive import keys
from archive.errors import FixityMismatch, ObjectMissing
from archive.model.asset import Reason, State
from archive.model.event import EventType
from archive.model.job import (
    CheckOriginal,
    ExamineAsset,
    JobState,
    Queue,
    RebuildIndex,
    RenderStills,
)
from archive.model.rendition import Profile
from archive.sandbox.child import Sandbox
from workers.dispatch import Dispatcher, Timing
from workers.handlers import handlers

ON_BOTH = pytest.mark.parametrize("keeper_of_objects", ["files", "minio"])


@pytest.fixture
def work(shop, catalogue, clock):
    """Run every job that is due, of every queue, until none is left."""

    def working(**change):
        dispatcher = Dispatcher(
            handlers(replace(shop, **change)),
            catalogue=catalogue,
            clock=clock,
            owner="one",
            timing=Timing(),
        )
        while sum(dispatcher.run_one(queue) for queue in Queue):
            pass

    return working


def now(catalogue, asset):
    with catalogue.reading() as tx:
        return tx.assets.get(asset.id)


@pytest.fixture
def photo(media: Path) -> bytes:
    return min((media / "photos").rglob("*.jpg"), key=lambda path: path.stat().st_size).read_bytes()


@ON_BOTH
def test_a_deposited_photo_becomes_ready(
    work, receiver, photographer, catalogue, objects, photo, scratch
) -> None:
    asset = deposit(receiver, photographer, photo, catalogue=catalogue)
    assert asset.state is State.PROCESSING
    work()
    ready = now(catalogue, asset)
    assert ready.state is State.READY, ready.trouble
    assert ready.original.verified_at is not None
    assert ready.placeholder
    for profile in Profile:
        made = ready.rendition(profile)
        data = objects.read(made.key)
        assert len(data) == made.size_bytes
        with objects.as_path(made.key) as path, Image.open(path) as image:
            assert image.size == (made.width, made.height)
            assert not image.getexif()
            assert "exif" not in image.info
            assert "xmp" not in image.info
    with catalogue.reading() as tx:
        assert {job.state for job in tx.jobs.of(asset.id)} == {JobState.DONE}
        types = [event.type for event in tx.events.of(asset.id)]
        acts = [entry.act for entry in tx.audit.of(asset.id)]
        assert tx.assets.technical(asset.id)["header"]
    assert {EventType.FIXITY_CHECK, EventType.METADATA_EXTRACTION} <= set(types)
    assert {"asset.examined", "asset.rendered", "original.verified"} <= set(acts)
    assert list(scratch.iterdir()) == []


@ON_BOTH
def test_doing_it_again_changes_only_the_renditions_keys(
    work, receiver, photographer, catalogue, objects
) -> None:
    asset = deposit(receiver, photographer, jpeg(size=(300, 200)), catalogue=catalogue)
    work()
    first = now(catalogue, asset)
    with catalogue.writing() as tx:
        tx.jobs.defer(ExamineAsset(asset.id))
        tx.jobs.defer(RenderStills(asset.id))
    work()
    second = now(catalogue, asset)
    assert second.state is State.READY
    assert second.chosen == first.chosen
    for profile in Profile:
        before, after = first.rendition(profile), second.rendition(profile)
        assert (after.sha256, after.recipe) == (before.sha256, before.recipe)
        assert objects.stat(after.key) is not None
    kept = set(objects.keys(keys.renditions_of(asset.id)))
    assert kept == {second.rendition(profile).key for profile in Profile}


@ON_BOTH
def test_an_original_that_is_not_what_was_received_needs_attention(
    work, receiver, photographer, catalogue, objects
) -> None:
    asset = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    objects.put(asset.original.key, jpeg(2), replace=True)  # the disk went bad
    work()
    troubled = now(catalogue, asset)
    assert troubled.trouble.reason is Reason.FIXITY_MISMATCH
    with catalogue.reading() as tx:
        (check,) = (job for job in tx.jobs.of(asset.id) if job.kind == "check-original")
    assert (check.state, check.error_class) == (JobState.PARKED, FixityMismatch.code)
    assert troubled.original.verified_at is None
    objects.put(asset.original.key, jpeg(), replace=True)  # it was repaired; somebody asks again
    with catalogue.writing() as tx:
        tx.jobs.defer(CheckOriginal(asset.id))
    work()
    assert now(catalogue, asset).trouble is None
    assert now(catalogue, asset).original.verified_at is not None


def test_an_original_that_is_missing_needs_attention(
    work, receiver, photographer, catalogue, objects
) -> None:
    asset = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    objects.remove(asset.original.key)
    work()
    assert now(catalogue, asset).state is State.ATTENTION
    with catalogue.reading() as tx:
        classes = {job.error_class for job in tx.jobs.of(asset.id)}
    assert classes == {ObjectMissing.code}


def test_nothing_is_decoded_without_a_sandbox(
    work, receiver, photographer, catalogue, scratch
) -> None:
    asset = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    work(sandbox=Sandbox(rung=None, scratch=scratch))
    marked = now(catalogue, asset)
    assert marked.trouble.reason is Reason.NO_SAFE_DECODER
    assert marked.renditions == ()
    assert marked.original.verified_at is not None


def test_a_photo_cut_short_needs_attention_and_shows_what_there_is(
    work, receiver, photographer, catalogue
) -> None:
    data = jpeg(size=(400, 300))
    asset = deposit(receiver, photographer, data[: len(data) * 2 // 3], catalogue=catalogue)
    work()
    assert now(catalogue, asset).trouble.reason in {Reason.TRUNCATED, Reason.DAMAGED}


def test_the_index_is_rebuilt_by_a_job(work, catalogue) -> None:
    built = []
    with catalogue.writing() as tx:
        job = tx.jobs.defer(RebuildIndex("index"))
    work(rebuild=lambda: built.append(1) or 1)
    assert built == [1]
    with catalogue.reading() as tx:
        assert tx.jobs.get(job).state is JobState.DONE
        assert [entry.act for entry in tx.audit.of("index")] == ["index.rebuilt"]


def test_what_a_dead_attempt_left_goes_with_the_next_that_succeeds(
    work, receiver, photographer, catalogue, objects
) -> None:
    asset = deposit(receiver, photographer, jpeg(size=(300, 200)), catalogue=catalogue)
    with catalogue.writing() as tx:
        job = tx.jobs.defer(RenderStills(asset.id))
    dead = keys.rendition(asset.id, Profile.PREVIEW, job, 0, "jpg")
    younger = keys.rendition(asset.id, Profile.PREVIEW, job, 99, "jpg")
    objects.put(dead, b"half")
    objects.put(younger, b"of an attempt that may yet publish")
    work()
    assert objects.stat(dead) is None
    assert objects.stat(younger) is not None
