"""What the catalogue promises about jobs, on every database."""

from datetime import timedelta

import pytest
from together import at_once

from archive.catalogue.engine import Catalogue
from archive.errors import LostLease
from archive.model.job import MOST_LOST, CheckOriginal, ExamineAsset, JobState, Queue, RenderStills

LEASE = 60.0


def claim(catalogue: Catalogue, queue: Queue = Queue.INTERACTIVE, owner: str = "one"):
    with catalogue.writing() as tx:
        return tx.jobs.claim(queue, owner, LEASE)


def state_of(catalogue: Catalogue, job) -> JobState:
    with catalogue.reading() as tx:
        return tx.jobs.get(job.id).state


@pytest.fixture
def deferred(catalogue: Catalogue):
    with catalogue.writing() as tx:
        tx.jobs.defer(ExamineAsset("asset-1"))


def test_a_job_asked_for_twice_is_one_row(catalogue: Catalogue) -> None:
    with catalogue.writing() as tx:
        first = tx.jobs.defer(ExamineAsset("asset-1"))
        second = tx.jobs.defer(ExamineAsset("asset-1"))
        other = tx.jobs.defer(RenderStills("asset-1"))
    assert first == second
    assert other != first


def test_a_job_is_written_with_its_change_or_not_at_all(catalogue: Catalogue) -> None:
    with pytest.raises(ZeroDivisionError), catalogue.writing() as tx:
        tx.jobs.defer(ExamineAsset("asset-1"))
        1 / 0  # noqa: B018 - the change fails
    assert claim(catalogue) is None


def test_a_claimed_job_is_nobody_elses(catalogue: Catalogue, deferred: None) -> None:
    assert claim(catalogue) is not None
    assert claim(catalogue, owner="two") is None


def test_no_job_is_claimed_twice_however_many_claim_at_once(catalogue: Catalogue) -> None:
    with catalogue.writing() as tx:
        wanted = {tx.jobs.defer(ExamineAsset(f"asset-{number}")) for number in range(40)}

    def claim_all() -> list:
        claimed = []
        while job := claim(catalogue):
            claimed.append(job.id)
        return claimed

    claimed = [job for some in at_once(6, claim_all) for job in some]
    assert len(claimed) == len(set(claimed))
    rest = claim_all()  # a claim may have met only jobs that others held at that moment
    assert {*claimed, *rest} == wanted


def test_work_ordered_by_many_at_once_is_one_job(catalogue: Catalogue) -> None:
    def order() -> str:
        with catalogue.writing() as tx:
            return tx.jobs.defer(ExamineAsset("asset-1"))

    assert len(set(at_once(6, order))) == 1


def test_an_order_that_meets_the_end_of_its_job_is_not_lost(catalogue: Catalogue) -> None:
    for number in range(8):
        subject = f"asset-{number}"
        with catalogue.writing() as tx:
            tx.jobs.defer(ExamineAsset(subject))
        running = iter([claim(catalogue), None])

        def finish_or_order(running=running, subject=subject) -> bool:
            job = next(running)
            with catalogue.writing() as tx:
                if job is None:
                    tx.jobs.defer(ExamineAsset(subject))
                else:
                    tx.jobs.finish(job)
            return True

        at_once(2, finish_or_order)
        again = claim(catalogue)
        assert again is not None
        with catalogue.writing() as tx:
            tx.jobs.finish(again)


def test_claims_take_only_their_queue(catalogue: Catalogue) -> None:
    with catalogue.writing() as tx:
        tx.jobs.defer(CheckOriginal("asset-1"))
    assert claim(catalogue, Queue.INTERACTIVE) is None
    assert claim(catalogue, Queue.FIXITY) is not None


def test_a_finished_job_is_done_and_asked_for_again_becomes_ready(
    catalogue: Catalogue, deferred: None
) -> None:
    job = claim(catalogue)
    with catalogue.writing() as tx:
        tx.jobs.finish(job)
    assert state_of(catalogue, job) is JobState.DONE
    with catalogue.writing() as tx:
        tx.jobs.defer(ExamineAsset("asset-1"))
    assert state_of(catalogue, job) is JobState.READY


def test_a_job_asked_for_while_it_runs_is_done_once_more(
    catalogue: Catalogue, deferred: None
) -> None:
    job = claim(catalogue)
    with catalogue.writing() as tx:
        tx.jobs.defer(ExamineAsset("asset-1"))
    with catalogue.writing() as tx:
        tx.jobs.finish(job)
    assert state_of(catalogue, job) is JobState.READY


def test_a_lapsed_lease_gives_the_job_back_and_its_old_holder_publishes_nothing(
    catalogue: Catalogue, clock, deferred: None
) -> None:
    zombie = claim(catalogue)
    clock.advance(LEASE + 1)
    with catalogue.writing() as tx:
        assert tx.jobs.sweep() == []
    heir = claim(catalogue, owner="two")
    assert heir.fence > zombie.fence
    assert heir.tag != zombie.tag
    for act in ("hold", "finish"):
        with pytest.raises(LostLease), catalogue.writing() as tx:
            getattr(tx.jobs, act)(zombie)
    with catalogue.writing() as tx:
        tx.jobs.finish(heir)
    assert state_of(catalogue, heir) is JobState.DONE


def test_a_renewed_lease_is_not_swept(catalogue: Catalogue, clock, deferred: None) -> None:
    job = claim(catalogue)
    clock.advance(LEASE - 1)
    with catalogue.noting() as tx:
        tx.jobs.renew(job, LEASE)
    clock.advance(LEASE - 1)
    with catalogue.writing() as tx:
        tx.jobs.sweep()
    assert state_of(catalogue, job) is JobState.RUNNING


def test_a_job_lost_too_often_is_parked_with_its_reason(
    catalogue: Catalogue, clock, deferred: None
) -> None:
    for _ in range(MOST_LOST):
        job = claim(catalogue)
        clock.advance(LEASE + 1)
        with catalogue.writing() as tx:
            parked = tx.jobs.sweep()
    assert [one.id for one in parked] == [job.id]
    assert state_of(catalogue, job) is JobState.PARKED


def test_a_job_put_back_waits_longer_each_time_and_is_parked_after_a_day(
    catalogue: Catalogue, clock, deferred: None
) -> None:
    waits = []
    for _ in range(3):
        job = claim(catalogue)
        before = clock.now
        with catalogue.writing() as tx:
            tx.jobs.put_back(job, "objects-unavailable", "away")
        with catalogue.reading() as tx:
            waits.append((tx.jobs.get(job.id).run_after - before).total_seconds())
        assert claim(catalogue) is None
        clock.advance(waits[-1] + 1)
    assert waits == sorted(waits)
    assert waits[2] > 10 * waits[0]
    clock.advance(timedelta(hours=25).total_seconds())
    job = claim(catalogue)
    with catalogue.writing() as tx:
        tx.jobs.put_back(job, "objects-unavailable", "away")
    assert state_of(catalogue, job) is JobState.PARKED


def test_a_paused_queue_gives_nothing_until_its_time_is_over(
    catalogue: Catalogue, clock, deferred: None
) -> None:
    with catalogue.writing() as tx:
        tx.jobs.pause(Queue.INTERACTIVE, "no-room", 60)
    assert claim(catalogue) is None
    with catalogue.reading() as tx:
        assert tx.jobs.pauses() == {Queue.INTERACTIVE: "no-room"}
    clock.advance(61)
    assert claim(catalogue) is not None


def test_jobs_nobody_claimed_are_found_for_ringing_again(
    catalogue: Catalogue, clock, deferred: None
) -> None:
    with catalogue.reading() as tx:
        assert tx.jobs.unclaimed(30) == []
    clock.advance(31)
    with catalogue.reading() as tx:
        assert len(tx.jobs.unclaimed(30)) == 1


def test_only_what_was_stopped_is_retried_and_begins_anew(catalogue: Catalogue, deferred) -> None:
    job = claim(catalogue)
    with catalogue.writing() as tx:
        assert not tx.jobs.retry(job)
        assert tx.jobs.cancel(job.id)
        assert tx.jobs.retry(job)
        again = tx.jobs.get(job.id)
    assert (again.state, again.attempt) == (JobState.READY, 0)
    with catalogue.writing() as tx, pytest.raises(LostLease):
        tx.jobs.finish(job)
    second = claim(catalogue)
    with catalogue.writing() as tx:
        tx.jobs.finish(second)
        assert not tx.jobs.retry(second)


@pytest.mark.parametrize("stop", ["cancelled", "over-budget"])
def test_an_order_leaves_alone_what_only_a_person_may_start_again(
    catalogue: Catalogue, deferred, stop
) -> None:
    job = claim(catalogue)
    with catalogue.writing() as tx:
        if stop == "cancelled":
            tx.jobs.cancel(job.id)
        else:
            tx.jobs.park(job, stop, "too much")
        stopped = tx.jobs.get(job.id)
        assert tx.jobs.defer(ExamineAsset("asset-1")) == job.id
        assert tx.jobs.get(job.id) == stopped
        assert tx.jobs.retry(job)
    assert claim(catalogue) is not None


def test_an_order_starts_again_what_was_parked_for_another_reason(
    catalogue: Catalogue, deferred
) -> None:
    job = claim(catalogue)
    with catalogue.writing() as tx:
        tx.jobs.park(job, "unreadable-media", "no")
        tx.jobs.defer(ExamineAsset("asset-1"))
    assert state_of(catalogue, job) is JobState.READY


def test_unfinished_jobs_are_listed_with_what_runs_first(catalogue: Catalogue, deferred) -> None:
    with catalogue.writing() as tx:
        waiting = tx.jobs.defer(RenderStills("asset-1"))
        check = tx.jobs.defer(CheckOriginal("asset-1"))
    running = claim(catalogue, Queue.FIXITY)
    with catalogue.reading() as tx:
        listed = [job.id for job in tx.jobs.unfinished(10)]
        assert tx.jobs.unfinished(1)[0].id == check == running.id
    assert listed[0] == check
    assert waiting in listed
    with catalogue.writing() as tx:
        tx.jobs.finish(running)
        assert check not in [job.id for job in tx.jobs.unfinished(10)]


def test_the_doorbell_rings_after_the_commit_only(tmp_path, clock) -> None:
    rings = []

    class Bell:
        def ring(self, queue, job):
            with opened.reading() as tx:
                rings.append((queue, tx.jobs.get(job) is not None))

        def ping(self):
            return None

    opened = Catalogue.open(f"sqlite:///{tmp_path}/bell.db", clock=clock, doorbell=Bell())
    opened.migrate()
    with opened.writing() as tx:
        tx.jobs.defer(ExamineAsset("asset-1"))
        assert rings == []
    opened.close()
    assert rings == [(Queue.INTERACTIVE, True)]


class Rung:
    """Remembers what was rung for."""

    def __init__(self) -> None:
        self.jobs: list = []

    def ring(self, queue, job) -> None:
        self.jobs.append(job)


@pytest.fixture
def rung(catalogue: Catalogue, monkeypatch) -> Rung:
    bell = Rung()
    monkeypatch.setattr(catalogue, "_doorbell", bell)
    return bell


def test_what_an_owner_held_when_it_stopped_is_anybodys_at_once_and_rung_for(
    catalogue: Catalogue, rung: Rung
) -> None:
    with catalogue.writing() as tx:
        for subject in ("asset-1", "asset-2", "asset-3"):
            tx.jobs.defer(ExamineAsset(subject))
    mine, theirs = [claim(catalogue), claim(catalogue)], claim(catalogue, owner="two")
    rung.jobs.clear()
    with catalogue.writing() as tx:
        assert tx.jobs.hand_back_all("one") == 2
        assert tx.jobs.hand_back_all("one") == 0
    assert sorted(rung.jobs) == sorted(job.id for job in mine)
    assert state_of(catalogue, theirs) is JobState.RUNNING
    again = claim(catalogue, owner="two")
    assert (again.id in rung.jobs, again.attempt, again.lost) == (True, 1, 0)
    with pytest.raises(LostLease), catalogue.writing() as tx:
        tx.jobs.finish(next(job for job in mine if job.id == again.id))


def test_a_job_whose_worker_was_lost_is_rung_for_when_it_is_taken_back(
    catalogue: Catalogue, rung: Rung, deferred, clock
) -> None:
    job = claim(catalogue)
    rung.jobs.clear()
    clock.advance(3600)
    with catalogue.writing() as tx:
        assert tx.jobs.sweep() == []
    assert rung.jobs == [job.id]
