"""Films and recordings through the workers: examined, playable, ready; progress, cancelling and a second attempt."""

from functools import partial
from pathlib import Path

import pytest
from depositing import deposit

from archive import keys
from archive.acting import Acting
from archive.errors import LostLease, NoRoom, Unavailable
from archive.model.asset import AssetType, Reason, State
from archive.model.job import ExamineAsset, JobState, Queue, RenderFirstPlayable, RenderLadder
from archive.model.rendition import Playable, Profile, Rendition
from archive.work import retry
from workers.dispatch import Dispatcher, Timing
from workers.handlers import abandon, handlers


@pytest.fixture
def dispatcher(shop, catalogue, clock):
    made = handlers(shop)
    return Dispatcher(made, catalogue=catalogue, clock=clock, owner="one", timing=Timing())


def abandoning(shop, catalogue, clock) -> Dispatcher:
    """As the worker is built: what a failed attempt left is removed."""
    return Dispatcher(
        handlers(shop), catalogue=catalogue, clock=clock, owner="one", timing=Timing(),
        abandon=partial(abandon, shop=shop),
    )  # fmt: skip


@pytest.fixture
def work(dispatcher):
    def working(*queues: Queue) -> None:
        while sum(dispatcher.run_one(queue) for queue in queues or Queue):
            pass

    return working


@pytest.fixture
def place(receiver, photographer, catalogue, media: Path):
    def depositing(name: str):
        path = media / name
        return deposit(
            receiver, photographer, path.read_bytes(), catalogue=catalogue, name=path.name
        )

    return depositing


def now(catalogue, asset):
    with catalogue.reading() as tx:
        return tx.assets.get(asset.id)


def profiles(asset) -> set[str]:
    return {made.profile for made in asset.renditions}


def test_a_film_becomes_ready_with_ladder_poster_and_storyboard(
    work, place, catalogue, objects, scratch
) -> None:
    asset = place("videos/prores-pcm.mov")
    work()
    ready = now(catalogue, asset)
    assert ready.state is State.READY, ready.trouble
    assert (ready.width, ready.height, ready.duration_seconds) == (480, 320, 0.8)
    rungs = {"ladder/320.mp4", "ladder/320.m3u8", Playable.LADDER}
    stills = {Playable.POSTER, Playable.STORYBOARD, "storyboard/0001.jpg", *Profile}
    assert profiles(ready) == rungs | stills
    for made in ready.renditions:
        assert objects.stat(made.key).size_bytes == made.size_bytes
    playlist = objects.read(ready.rendition("ladder/320.m3u8").key).decode()
    assert '#EXT-X-MAP:URI="320.mp4"' in playlist
    assert ready.placeholder
    assert list(scratch.iterdir()) == []


def test_a_long_clip_asks_for_the_first_playable_too(work, place, catalogue) -> None:
    asset = place("videos/place-35s-low-resolution.mp4")
    work(Queue.INTERACTIVE, Queue.FIXITY)
    with catalogue.reading() as tx:
        waiting = {job.kind for job in tx.jobs.of(asset.id) if job.state is JobState.READY}
    assert waiting == {RenderFirstPlayable.kind, RenderLadder.kind}


def test_the_first_playable_goes_when_the_ladder_is_there(
    dispatcher, work, place, catalogue, objects
) -> None:
    asset = place("videos/place-35s-low-resolution.mp4")
    work(Queue.INTERACTIVE, Queue.FIXITY)
    assert dispatcher.run_one(Queue.RENDER)
    early = now(catalogue, asset)
    assert early.state is State.PROCESSING
    assert early.rendition(Playable.FIRST)
    assert early.rendition("first/source.mp4")
    work()
    ready = now(catalogue, asset)
    assert ready.state is State.READY, ready.trouble
    assert not {name for name in profiles(ready) if name.startswith("first/")}
    kept = set(objects.keys(keys.renditions_of(asset.id)))
    assert kept == {made.key for made in ready.renditions}


def test_a_ladder_cancelled_while_the_first_playable_is_made_asks_for_attention(
    work, place, catalogue, archivist, clock
) -> None:
    asset = place("videos/place-35s-low-resolution.mp4")
    work(Queue.INTERACTIVE, Queue.FIXITY)
    with catalogue.writing() as tx:
        job = next(job for job in tx.jobs.of(asset.id) if job.kind == RenderLadder.kind)
        tx.jobs.cancel(job.id)
    work()
    stopped = now(catalogue, asset)
    assert stopped.rendition(Playable.FIRST)
    assert (stopped.trouble.reason, stopped.trouble.detail) == (Reason.CANCELLED, job.kind)
    by = Acting(catalogue=catalogue, agent=archivist.agent, now=clock(), via="test")
    assert retry(asset.id, job.id, by).state is State.PROCESSING
    work()
    assert now(catalogue, asset).state is State.READY


def test_examined_again_a_film_keeps_to_what_a_person_cancelled(work, place, catalogue) -> None:
    asset = place("videos/tiny.3gp")
    work(Queue.INTERACTIVE, Queue.FIXITY)
    with catalogue.writing() as tx:
        tx.jobs.cancel(tx.jobs.defer(RenderLadder(asset.id)))
        tx.jobs.defer(ExamineAsset(asset.id))
    work()
    kept = now(catalogue, asset)
    assert kept.renditions == ()
    assert kept.trouble.reason is Reason.CANCELLED


@pytest.mark.parametrize("trouble", [Unavailable("away"), ZeroDivisionError(), NoRoom()])
def test_what_a_failing_attempt_put_is_removed(
    shop, work, place, catalogue, clock, monkeypatch, trouble
) -> None:
    """One file is put, then a part goes away: nothing will ever point at what lies there."""
    asset = place("videos/tiny.3gp")
    work(Queue.INTERACTIVE, Queue.FIXITY)
    adopt = type(shop.objects).adopt
    seen = []

    def failing(objects, path, key):
        if seen:
            raise trouble
        adopt(objects, path, key)
        seen.append(key)

    monkeypatch.setattr(type(shop.objects), "adopt", failing)
    abandoning(shop, catalogue, clock).run_one(Queue.RENDER)
    assert len(seen) == 1
    assert list(shop.objects.keys(keys.renditions_of(asset.id))) == []


def test_what_is_published_stays_though_tidying_up_ends_in_a_defect(
    shop, work, place, catalogue, clock, monkeypatch
) -> None:
    from workers import handlers as module

    asset = place("videos/tiny.3gp")
    work(Queue.INTERACTIVE, Queue.FIXITY)

    def broken(*_facts):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "_forget", broken)
    abandoning(shop, catalogue, clock).run_one(Queue.RENDER)
    ready = now(catalogue, asset)
    assert ready.state is State.READY
    assert {made.key for made in ready.renditions} == set(
        shop.objects.keys(keys.renditions_of(asset.id))
    )


def test_a_rung_that_was_replaced_meanwhile_is_made_anew(
    shop, work, place, catalogue, monkeypatch
) -> None:
    from workers import handlers as module

    asset = place("videos/place-35s-low-resolution.mp4")
    work(Queue.INTERACTIVE, Queue.FIXITY)
    earlier = Rendition(
        profile="first/360.mp4", recipe="r", key=keys.rendition(asset.id, "first/360.mp4", "j", 1, "mp4"),
        media_type="video/mp4", width=640, height=360, size_bytes=1, sha256="0" * 64,
        made_at=shop.clock(),
    )  # fmt: skip
    with catalogue.writing() as tx:
        tx.assets.set_rendition(asset.id, earlier)
    lent = []

    def renders(shooting):
        lent.append(shooting.earlier)
        raise LostLease

    monkeypatch.setattr(module.video, "render_ladder", renders)
    with catalogue.writing() as tx:
        tx.jobs.cancel(tx.jobs.defer(RenderFirstPlayable(asset.id)))
    work(Queue.RENDER)
    assert lent == [None]


def test_a_recording_in_a_films_container_is_a_recording(work, place, catalogue) -> None:
    asset = place("audio/alac.mp4")
    assert asset.type is AssetType.VIDEO
    work()
    ready = now(catalogue, asset)
    assert ready.type is AssetType.AUDIO
    assert ready.state is State.READY, ready.trouble
    assert profiles(ready) == {Playable.AUDIO, Playable.WAVEFORM, "waveform/0001.json"}
    with catalogue.reading() as tx:
        assert tx.assets.technical(asset.id)["loudness_lufs"] < 0


def test_an_encrypted_film_is_kept_and_says_so(work, place, catalogue) -> None:
    asset = place("videos/refused/encrypted-clearkey.mp4")
    work()
    kept = now(catalogue, asset)
    assert kept.state is State.ATTENTION
    assert kept.trouble.reason is Reason.ENCRYPTED
    assert kept.renditions == ()


def test_a_film_of_which_no_frame_decodes_is_damaged_and_its_job_is_parked(
    work, place, catalogue
) -> None:
    asset = place("videos/refused/invalid-bitstream.webm")
    work()
    assert now(catalogue, asset).trouble.reason is Reason.DAMAGED
    with catalogue.reading() as tx:
        states = {job.kind: job.state for job in tx.jobs.of(asset.id)}
    assert states[RenderLadder.kind] is JobState.PARKED


def test_made_again_a_film_leaves_nothing_of_the_first_time(
    work, place, catalogue, objects
) -> None:
    asset = place("videos/tiny.3gp")
    work()
    first = now(catalogue, asset)
    with catalogue.writing() as tx:
        tx.jobs.defer(RenderLadder(asset.id))
    work()
    second = now(catalogue, asset)
    assert second.state is State.READY
    assert profiles(second) == profiles(first)
    assert {one.key for one in first.renditions}.isdisjoint(one.key for one in second.renditions)
    kept = set(objects.keys(keys.renditions_of(asset.id)))
    assert kept == {made.key for made in second.renditions}


def test_progress_is_noted_on_the_job_and_a_cancelled_job_publishes_nothing(
    shop, work, place, catalogue, clock, monkeypatch
) -> None:
    from workers import handlers as module

    asset = place("videos/prores-pcm.mov")
    work(Queue.INTERACTIVE, Queue.FIXITY)
    seen = []

    def renders(shooting):
        shooting.report(0.25, 9.0)
        with catalogue.writing() as tx:
            job = next(job for job in tx.jobs.of(asset.id) if job.kind == RenderLadder.kind)
            seen.append((job.progress, job.remaining_seconds))
            assert tx.jobs.cancel(job.id)
        with pytest.raises(LostLease):
            shooting.report(0.5, 4.0)
        raise LostLease

    monkeypatch.setattr(module.video, "render_ladder", renders)
    work(Queue.RENDER)
    assert seen == [(0.25, 9.0)]
    with catalogue.reading() as tx:
        job = next(job for job in tx.jobs.of(asset.id) if job.kind == RenderLadder.kind)
        assert not tx.jobs.is_due(Queue.RENDER)
    assert job.state is JobState.CANCELLED
    assert now(catalogue, asset).renditions == ()


def test_a_film_that_broke_off_shows_what_there_is(
    work, receiver, photographer, catalogue, media
) -> None:
    whole = (media / "videos" / "frog-h264-aac.mp4").read_bytes()
    assert whole.find(b"moov") < 100  # its index stands in front, so a part of it can be read
    cut = whole[: len(whole) * 2 // 5]
    asset = deposit(receiver, photographer, cut, catalogue=catalogue, name="cut.mp4")
    work()
    kept = now(catalogue, asset)
    assert kept.state is State.ATTENTION
    assert kept.trouble.reason is Reason.TRUNCATED
    assert " of " in kept.trouble.detail
    assert {Playable.LADDER, Playable.POSTER} <= profiles(kept)
