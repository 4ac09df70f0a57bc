"""F6 and F13: rings that come thrice, never or late, and a clock that jumps: each job is done once, no lease held twice."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from depositing import deposit
from making import jpeg

from archive.model.agent import ANONYMOUS
from archive.model.asset import Visibility
from archive.model.job import ORDERS, CheckOriginal, JobState, Queue
from archive.rights import Act, decide, facts_of
from ingest.wishes import parse_instant

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


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.kind)
def test_rings_thrice_out_of_order_late_or_never_give_one_result_for_every_kind(
    catalogue, clock, order
) -> None:
    """A ring only wakes somebody: whoever comes first takes the row, the others find nothing."""
    with catalogue.writing() as tx:
        ids = [tx.jobs.defer(order(f"subject {number}")) for number in range(3)]
        assert [tx.jobs.defer(order(f"subject {number}")) for number in range(3)] == ids
    clock.advance(3600)
    with catalogue.reading() as tx:  # nobody was rung: the sweep calls them out
        assert set(ids) <= {job for _, job in tx.jobs.unclaimed(30)}
    taken = [job for ring in range(9) if (job := claimed(catalogue, order.queue, f"{ring % 3}"))]
    assert sorted(job.id for job in taken) == sorted(ids)
    for job in reversed(taken):
        with catalogue.writing() as tx:
            tx.jobs.hold(job)
            tx.jobs.finish(job)
    assert claimed(catalogue, order.queue, "an hour late") is None


@pytest.fixture
def elsewhere(monkeypatch):
    """The machine believes to be in another zone."""

    def moved(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield moved
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Europe/Berlin"])
@pytest.mark.parametrize(
    "until",
    [
        "2026-10-25T02:30:00+02:00",  # the hour that comes twice where clocks go back
        "2026-10-25T02:30:00+01:00",
        "2026-03-29T02:30:00+01:00",  # the hour that is left out
        "2027-01-01T00:00:00+04:00",
    ],
)
def test_no_zone_and_no_change_of_clocks_opens_an_embargo_early(
    asset, clock, elsewhere, zone, until
) -> None:
    elsewhere(zone)
    instant = parse_instant(until, "embargo_until")
    held = facts_of(replace(asset, visibility=Visibility.PUBLISHED, embargo_until=instant))
    for early in (timedelta(microseconds=1), timedelta(hours=1), timedelta(hours=2)):
        assert not decide(ANONYMOUS, held, Act.VIEW, instant - early).allowed
    assert decide(ANONYMOUS, held, Act.VIEW, instant).allowed


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_machine_that_wakes_in_another_zone_takes_no_lease_twice(
    catalogue, asset, elsewhere, zone
) -> None:
    with catalogue.writing() as tx:
        job = tx.jobs.claim(Queue.FIXITY, "one", LEASE)
    elsewhere(zone)
    with catalogue.writing() as tx:
        assert tx.jobs.sweep() == []
        assert tx.jobs.get(job.id).state is JobState.RUNNING
        assert tx.jobs.claim(Queue.FIXITY, "two", LEASE) is None
