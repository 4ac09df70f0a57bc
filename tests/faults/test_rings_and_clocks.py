"""F6 and F13: rings that come thrice, never or late, and a clock that jumps: each job is done once, no lease held twice."""

import pytest
from depositing import deposit
from making import jpeg

from archive.model.job import CheckOriginal, JobState, Queue

DAY = 86400.0
LEASE = 60.0


@pytest.fixture
def asset(receiver, archivist, catalogue):
    return deposit(receiver, archivist, jpeg(4), catalogue=catalogue)


def check(catalogue, asset) -> str:
    with catalogue.writing() as tx:
        return tx.jobs.defer(CheckOriginal(asset.id))


def claimed(catalogue, queue, owner: str):
    with catalogue.writing() as tx:
        return tx.jobs.claim(queue, owner, LEASE)


@pytest.mark.parametrize("late", [0.0, 3600.0, 30 * DAY], ids=["at once", "an hour", "a month"])
def test_three_rings_for_one_job_give_it_to_one_worker(catalogue, clock, asset, late) -> None:
    job = check(catalogue, asset)
    clock.advance(late)
    with catalogue.reading() as tx:
        queue = tx.jobs.get(job).queue
    answers = []
    for ring in range(8):  # more rings than jobs, whoever hears them
        taken = claimed(catalogue, queue, f"worker {ring % 3}")
        if taken is None:
            break
        answers.append(taken.id)
    assert answers.count(job) == 1
    assert len(answers) == len(set(answers))
    assert claimed(catalogue, queue, "late") is None


def test_a_job_that_nobody_rang_for_is_called_out_by_the_sweep(catalogue, clock, asset) -> None:
    job = check(catalogue, asset)
    clock.advance(31)
    with catalogue.reading() as tx:
        assert job in {id_ for _, id_ in tx.jobs.unclaimed(30)}


@pytest.mark.parametrize("jump", [-2 * 3600.0, -30 * DAY])
def test_a_clock_put_back_gives_no_lease_to_a_second_worker(catalogue, clock, asset, jump) -> None:
    check(catalogue, asset)
    held = {queue: claimed(catalogue, queue, "one") for queue in Queue}
    clock.advance(jump)
    with catalogue.writing() as tx:
        assert tx.jobs.sweep() == []
    again = [claimed(catalogue, queue, "two") for queue in Queue]
    ours = {job.id for job in held.values() if job is not None}
    assert ours
    assert not ours & {job.id for job in again if job is not None}


def test_a_clock_put_on_a_month_fences_the_first_worker_out(catalogue, clock, asset) -> None:
    first = next(job for queue in Queue if (job := claimed(catalogue, queue, "one")))
    clock.advance(30 * DAY)
    with catalogue.writing() as tx:
        tx.jobs.sweep()
    clock.advance(3600)
    second = claimed(catalogue, first.queue, "two")
    assert second is not None
    with catalogue.reading() as tx:
        now = tx.jobs.get(first.id)
    assert now.state in {JobState.READY, JobState.RUNNING}
    assert second.id != first.id or second.fence > first.fence
