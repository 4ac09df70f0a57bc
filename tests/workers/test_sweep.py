"""The sweep: what was lost is taken back, what lies about is tidied up, what the facts call for is ordered."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from depositing import deposit
from making import jpeg

from archive.errors import DoorbellUnavailable, ObjectsUnavailable
from archive.model.asset import AssetType, Findings, Reason, Trouble
from archive.model.description import Description
from archive.model.job import (
    MOST_LOST,
    CheckOriginal,
    ExamineAsset,
    JobState,
    Queue,
    RebuildIndex,
    RenderAudio,
    RenderFirstPlayable,
    RenderLadder,
    RenderStills,
)
from archive.objects.files import FileObjects
from search.index.embedded import EmbeddedIndex
from search.index.rebuild import rebuild
from search.indexer import documents_of
from workers.dispatch import Timing
from workers.sweep import Sweeper, called_for

DAY = 24 * 3600.0

IN_FILES = pytest.mark.parametrize("keeper_of_objects", ["files"])  # they look into its folder


class Bell:
    """Remembers what was rung for; may be out of order."""

    def __init__(self) -> None:
        self.rung: list[Queue] = []
        self.is_broken = False

    def ring(self, queue, job):
        if self.is_broken:
            raise DoorbellUnavailable("nobody listens")
        self.rung.append(queue)

    def ping(self):
        return None


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def index(catalogue, tmp_path) -> EmbeddedIndex:
    """An index made from the whole catalogue."""
    made = EmbeddedIndex(tmp_path / "index")
    made.prepare()
    rebuild(catalogue=catalogue, index=made)
    return made


@pytest.fixture
def sweeper(catalogue, objects, clock, bell, index) -> Sweeper:
    return Sweeper(
        catalogue=catalogue,
        objects=objects,
        doorbell=bell,
        clock=clock,
        timing=Timing(),
        owner="one",
        index=index,
    )


@pytest.fixture
def asset(receiver, photographer, catalogue):
    return deposit(receiver, photographer, jpeg(), catalogue=catalogue)


def jobs_of(catalogue, asset) -> dict[str, JobState]:
    with catalogue.reading() as tx:
        return {job.kind: job.state for job in tx.jobs.of(asset.id)}


def settle(catalogue) -> None:
    """Every waiting job is done, without having done anything."""
    with catalogue.writing() as tx:
        for queue in Queue:
            while job := tx.jobs.claim(queue, "nobody", 60):
                tx.jobs.finish(job)


def test_only_the_holder_of_the_lease_sweeps(sweeper, catalogue, clock, bell, asset) -> None:
    clock.advance(61)
    sweeper.sweep()
    assert bell.rung != []
    bell.rung.clear()
    replace(sweeper, owner="two").sweep()
    assert bell.rung == []
    clock.advance(91)
    replace(sweeper, owner="two").sweep()
    assert bell.rung != []


def test_a_job_whose_lease_ran_out_is_ready_again(sweeper, catalogue, clock, asset) -> None:
    with catalogue.writing() as tx:
        tx.jobs.claim(Queue.INTERACTIVE, "dead", 60)
    clock.advance(61)
    sweeper.sweep()
    assert jobs_of(catalogue, asset)[ExamineAsset.kind] is JobState.READY


def test_a_job_lost_too_often_marks_its_asset(sweeper, catalogue, clock, asset) -> None:
    for _ in range(MOST_LOST):
        with catalogue.writing() as tx:
            tx.jobs.claim(Queue.INTERACTIVE, "dead", 60)
        clock.advance(100)
        sweeper.sweep()
    with catalogue.reading() as tx:
        marked = tx.assets.get(asset.id)
    assert marked.trouble == Trouble(reason=Reason.DAMAGED, detail="decoder-failed")
    assert jobs_of(catalogue, asset)[ExamineAsset.kind] is JobState.PARKED


def test_a_rebuild_lost_too_often_is_parked_and_marks_nothing(sweeper, catalogue, clock) -> None:
    with catalogue.writing() as tx:
        job = tx.jobs.defer(RebuildIndex("index"))
    for _ in range(MOST_LOST):
        with catalogue.writing() as tx:
            tx.jobs.claim(Queue.BULK, "dead", 60)
        clock.advance(100)
        sweeper.sweep()
    with catalogue.reading() as tx:
        assert tx.jobs.get(job).state is JobState.PARKED


def age(path, clock, seconds: float) -> None:
    at = clock.now.timestamp() - seconds
    os.utime(path, (at, at))


@IN_FILES
def test_a_file_that_vanishes_while_the_sweep_looks_does_not_end_it(
    sweeper, bell, asset, tmp_path, clock
) -> None:
    (tmp_path / "objects" / "tmp").mkdir(exist_ok=True)
    (tmp_path / "objects" / "tmp" / "vanished").symlink_to(tmp_path / "nothing")
    clock.advance(31)
    sweeper.sweep()
    assert bell.rung != []


@IN_FILES
def test_what_a_dead_writer_left_aside_in_the_store_goes_after_an_hour(
    sweeper, tmp_path, clock
) -> None:
    aside = tmp_path / "objects" / "tmp"
    aside.mkdir(exist_ok=True)
    for name, seconds in (("dead", 3601), ("alive", 3599)):
        (aside / name).write_bytes(b"x")
        age(aside / name, clock, seconds)
    sweeper.sweep()
    assert [path.name for path in aside.iterdir()] == ["alive"]


def test_an_asset_in_the_middle_that_nobody_works_on_gets_its_jobs(
    sweeper, catalogue, clock, asset
) -> None:
    settle(catalogue)
    sweeper.sweep()
    assert jobs_of(catalogue, asset) == {
        ExamineAsset.kind: JobState.READY,
        CheckOriginal.kind: JobState.READY,
    }


def test_an_asset_that_somebody_works_on_is_left_alone(sweeper, catalogue, asset) -> None:
    with catalogue.writing() as tx:
        tx.jobs.finish(tx.jobs.claim(Queue.FIXITY, "nobody", 60))
    sweeper.sweep()
    assert jobs_of(catalogue, asset)[CheckOriginal.kind] is JobState.DONE


def test_an_asset_that_needs_attention_is_not_worked_on_again(sweeper, catalogue, asset) -> None:
    settle(catalogue)
    with catalogue.writing() as tx:
        current = tx.assets.get(asset.id)
        tx.assets.save(replace(current, trouble=Trouble(reason=Reason.DAMAGED)))
    sweeper.sweep()
    assert set(jobs_of(catalogue, asset).values()) == {JobState.DONE}


def test_every_page_of_assets_is_looked_through(
    sweeper, catalogue, receiver, photographer, monkeypatch
) -> None:
    from workers import sweep as module

    monkeypatch.setattr(module, "PAGE", 2)
    made = [deposit(receiver, photographer, jpeg(n), catalogue=catalogue) for n in range(5)]
    settle(catalogue)
    sweeper.sweep()
    assert all(ExamineAsset.kind in jobs_of(catalogue, one) for one in made)
    assert {jobs_of(catalogue, one)[ExamineAsset.kind] for one in made} == {JobState.READY}


def test_the_facts_say_which_jobs_are_called_for(asset, clock) -> None:
    def kinds(one):
        return [order.kind for order in called_for(one)]

    assert kinds(asset) == [CheckOriginal.kind, ExamineAsset.kind]
    checked = replace(asset, original=replace(asset.original, verified_at=clock.now))
    assert kinds(checked) == [ExamineAsset.kind]
    findings = Findings(chosen=Description(), technical={}, tools=())
    examined = checked.examined(findings, clock.now)
    assert kinds(examined) == [RenderStills.kind]
    assert kinds(replace(examined, type=AssetType.AUDIO)) == [RenderAudio.kind]
    film = replace(examined, type=AssetType.VIDEO, duration_seconds=60.0)
    assert kinds(film) == [RenderFirstPlayable.kind, RenderLadder.kind]
    assert kinds(replace(film, duration_seconds=3.0)) == [RenderLadder.kind]


def test_a_ring_that_was_lost_is_rung_again(sweeper, clock, bell, asset) -> None:
    sweeper.sweep()
    assert bell.rung == []
    clock.advance(31)
    sweeper.sweep()
    assert sorted(bell.rung) == [Queue.FIXITY, Queue.INTERACTIVE]


@IN_FILES
def test_a_broken_bell_does_not_stop_the_sweep(sweeper, clock, bell, asset, tmp_path) -> None:
    aside = tmp_path / "objects" / "tmp"
    aside.mkdir(exist_ok=True)
    (aside / "dead").write_bytes(b"x")
    age(aside / "dead", clock, 7200)
    clock.advance(31)
    bell.is_broken = True
    sweeper.sweep()
    assert list(aside.iterdir()) == []


@IN_FILES
def test_trouble_in_one_part_does_not_stop_the_others(
    sweeper, catalogue, clock, bell, asset, tmp_path
) -> None:
    (tmp_path / "objects" / "marker.json").unlink()  # the store is away: tidying it fails
    clock.advance(31)
    with catalogue.writing() as tx:
        tx.sessions.add(id_hash="h", account=asset.owner, csrf="c", shared=False)
        tx.sign_in_attempts.record("account:x")
    sweeper.sweep()
    assert bell.rung != []
    clock.advance(8 * DAY)
    sweeper.sweep()
    with catalogue.reading() as tx:
        assert tx.sessions.get("h") is None
        assert tx.sign_in_attempts.count() == 0


def test_sessions_and_wrong_tries_are_kept_until_their_time(
    sweeper, catalogue, clock, photographer
) -> None:
    with catalogue.writing() as tx:
        tx.sessions.add(id_hash="h", account=photographer.id, csrf="c", shared=False)
        tx.sign_in_attempts.record("account:x")
    clock.advance(timedelta(days=1).total_seconds() - 60)
    sweeper.sweep()
    with catalogue.reading() as tx:
        assert tx.sessions.get("h") is not None
        assert tx.sign_in_attempts.count() == 1


def test_what_a_person_cancelled_is_not_ordered_again(
    sweeper, asset, catalogue, archivist, clock
) -> None:
    with catalogue.writing() as tx:
        for job in tx.jobs.of(asset.id):
            tx.jobs.cancel(job.id)
    sweeper.sweep()
    assert set(jobs_of(catalogue, asset).values()) == {JobState.CANCELLED}


@pytest.fixture
def film(asset, catalogue, clock):
    """A film, examined and checked, whose two renders wait."""
    settle(catalogue)
    findings = Findings(chosen=Description(), technical={}, tools=(), type=AssetType.VIDEO)
    with catalogue.writing() as tx:
        tx.originals.verified(asset.id, clock())
        known = tx.assets.get(asset.id).examined(findings, clock())
        tx.assets.save(replace(known, duration_seconds=60.0))
        tx.jobs.defer(RenderFirstPlayable(asset.id))
        tx.jobs.defer(RenderLadder(asset.id))
    return asset


def test_a_film_whose_ladder_was_cancelled_needs_attention_and_is_not_made_over_and_over(
    sweeper, catalogue, film
) -> None:
    with catalogue.writing() as tx:
        tx.jobs.cancel(tx.jobs.defer(RenderLadder(film.id)))
    settle(catalogue)
    sweeper.sweep()
    sweeper.sweep()
    with catalogue.reading() as tx:
        assert tx.assets.get(film.id).trouble == Trouble(
            reason=Reason.CANCELLED, detail=RenderLadder.kind
        )
        assert [row.act for row in tx.audit.of(film.id)].count("asset.troubled") == 1
    assert jobs_of(catalogue, film)[RenderFirstPlayable.kind] is JobState.DONE
    assert jobs_of(catalogue, film)[RenderLadder.kind] is JobState.CANCELLED


def test_a_film_without_its_cancelled_first_playable_still_gets_its_ladder(
    sweeper, catalogue, film
) -> None:
    with catalogue.writing() as tx:
        tx.jobs.cancel(tx.jobs.defer(RenderFirstPlayable(film.id)))
    settle(catalogue)
    sweeper.sweep()
    assert jobs_of(catalogue, film)[RenderLadder.kind] is JobState.READY
    assert jobs_of(catalogue, film)[RenderFirstPlayable.kind] is JobState.CANCELLED


def test_what_was_over_its_budget_is_told_again_and_not_tried_again(
    sweeper, catalogue, film
) -> None:
    with catalogue.writing() as tx:
        tx.jobs.cancel(tx.jobs.defer(RenderFirstPlayable(film.id)))
        tx.jobs.park(tx.jobs.claim(Queue.RENDER, "one", 60), "over-budget", "too long")
    sweeper.sweep()
    with catalogue.reading() as tx:
        trouble = tx.assets.get(film.id).trouble
    assert (trouble.reason, trouble.tail) == (Reason.OVER_BUDGET, "too long")
    assert jobs_of(catalogue, film)[RenderLadder.kind] is JobState.PARKED


def entries_due(catalogue) -> dict:
    with catalogue.reading() as tx:
        return dict(tx.index_due.batch(10))


def settle_index(catalogue) -> None:
    """The indexer thinks that it has learnt all, whatever the index holds."""
    with catalogue.writing() as tx:
        tx.index_due.clear(tx.index_due.batch(10))


def test_what_the_index_holds_otherwise_than_the_catalogue_is_put_down_for_it(
    sweeper, asset, catalogue, index
) -> None:
    index.put(documents_of([asset.id], catalogue=catalogue))
    known = index.revisions()
    with catalogue.writing() as tx:
        later = tx.assets.save(replace(tx.assets.get(asset.id), width=7))
    settle_index(catalogue)
    assert known == {asset.id: asset.revision}
    sweeper.sweep()
    assert entries_due(catalogue) == {asset.id: later.revision}


def test_the_index_is_compared_every_ten_minutes_not_at_each_sweep(
    sweeper, asset, catalogue, clock
) -> None:
    sweeper.sweep()
    settle_index(catalogue)
    clock.advance(400)
    sweeper.sweep()
    assert entries_due(catalogue) == {}
    clock.advance(201)
    sweeper.sweep()
    assert entries_due(catalogue) == {asset.id: asset.revision}


def test_an_index_that_is_away_is_compared_as_soon_as_it_answers(
    sweeper, asset, catalogue, clock, tmp_path
) -> None:
    settle_index(catalogue)
    replace(sweeper, index=EmbeddedIndex(tmp_path / "away")).sweep()
    clock.advance(31)
    sweeper.sweep()
    assert entries_due(catalogue) == {asset.id: asset.revision}


def test_an_index_never_made_from_the_whole_catalogue_is_rebuilt(
    sweeper, catalogue, tmp_path
) -> None:
    empty = EmbeddedIndex(tmp_path / "empty")
    empty.prepare()
    replace(sweeper, index=empty).sweep()
    with catalogue.reading() as tx:
        assert [job.state for job in tx.jobs.of("index")] == [JobState.READY]


def test_what_waits_for_a_part_is_due_when_the_part_is_back(
    sweeper, asset, catalogue, clock, bell, tmp_path
) -> None:
    for _ in range(4):  # each time it waits longer
        with catalogue.writing() as tx:
            job = tx.jobs.claim(Queue.INTERACTIVE, "one", 60)
            tx.jobs.put_back(job, ObjectsUnavailable.code, "away")
        clock.advance(3600 * 1.3)
    with catalogue.writing() as tx:
        job = tx.jobs.claim(Queue.INTERACTIVE, "one", 60)
        tx.jobs.put_back(job, ObjectsUnavailable.code, "away")
    clock.advance(60)
    replace(sweeper, objects=FileObjects(tmp_path / "away", archive_id="another")).sweep()
    with catalogue.reading() as tx:
        assert not tx.jobs.is_due(Queue.INTERACTIVE)
    clock.advance(31)
    sweeper.sweep()
    with catalogue.reading() as tx:
        assert tx.jobs.is_due(Queue.INTERACTIVE)


def test_a_film_outlives_more_restarts_of_its_worker_than_it_may_fail(
    sweeper, catalogue, clock, asset
) -> None:
    """Its worker died beside it each time: that says nothing about the film."""
    with catalogue.writing() as tx:
        job = tx.jobs.defer(RenderLadder(asset.id))
    for _ in range(RenderLadder.max_attempts + 1):
        with catalogue.writing() as tx:
            assert tx.jobs.claim(Queue.RENDER, "killed", 60).id == job
        clock.advance(61)
        sweeper.sweep()
    with catalogue.reading() as tx:
        assert tx.jobs.get(job).state is JobState.READY
        assert tx.assets.get(asset.id).trouble is None
