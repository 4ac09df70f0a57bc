"""One job at a time: each verdict goes its own way, and nothing is published without the lease."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from depositing import deposit
from making import jpeg

from archive import faults
from archive.errors import (
    CatalogueContended,
    Invalid,
    NoRoom,
    NoSafeDecoder,
    ObjectsUnavailable,
    OverBudget,
    Unavailable,
    UnreadableMedia,
)
from archive.model.asset import Reason, Trouble
from archive.model.job import CheckOriginal, ExamineAsset, JobState, Queue, RebuildIndex
from archive.objects.files import FileObjects
from workers.dispatch import Dispatcher, Timing

DAY_SECONDS = 25 * 3600
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def asset(receiver, photographer, catalogue):
    return deposit(receiver, photographer, jpeg(), catalogue=catalogue)


def failing(error: Exception):
    def handler(job):
        raise error

    return handler


def job_of(catalogue, asset, kind=ExamineAsset.kind):
    with catalogue.reading() as tx:
        return next(job for job in tx.jobs.of(asset.id) if job.kind == kind)


def asset_now(catalogue, asset):
    with catalogue.reading() as tx:
        return tx.assets.get(asset.id)


def test_what_a_handler_made_is_published_and_the_job_is_done(
    dispatching, catalogue, asset
) -> None:
    def handler(job):
        assert (job.asset, job.attempt) == (asset.id, 1)
        return lambda tx: tx.assets.save(replace(tx.assets.get(job.asset), width=7))

    dispatcher = dispatching(examine_asset=handler)
    assert dispatcher.run_one(Queue.INTERACTIVE) is True
    assert asset_now(catalogue, asset).width == 7
    assert job_of(catalogue, asset).state is JobState.DONE
    assert dispatcher.run_one(Queue.INTERACTIVE) is False


def test_an_empty_queue_is_no_work(dispatching) -> None:
    assert dispatching().run_one(Queue.RENDER) is False


def test_publishing_and_finishing_are_one_transaction(dispatching, catalogue, asset) -> None:
    def handler(job):
        def publish(tx):
            tx.assets.save(replace(tx.assets.get(job.asset), width=7))
            raise ObjectsUnavailable("away after all")

        return publish

    dispatching(examine_asset=handler).run_one(Queue.INTERACTIVE)
    assert asset_now(catalogue, asset).width is None
    assert job_of(catalogue, asset).state is JobState.READY


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (
            UnreadableMedia("no", reason=Reason.TRUNCATED, detail="rows", tail="last words"),
            Trouble(reason=Reason.TRUNCATED, detail="rows", tail="last words"),
        ),
        (
            OverBudget(detail="memory", tail="killed"),
            Trouble(reason=Reason.OVER_BUDGET, detail="memory", tail="killed"),
        ),
        (NoSafeDecoder(), Trouble(reason=Reason.NO_SAFE_DECODER)),
    ],
)
def test_material_at_fault_parks_the_job_and_marks_the_asset(
    dispatching, catalogue, asset, error, trouble
) -> None:
    dispatching(examine_asset=failing(error)).run_one(Queue.INTERACTIVE)
    job = job_of(catalogue, asset)
    assert (job.state, job.error_class) == (JobState.PARKED, error.code)
    assert job.error
    marked = asset_now(catalogue, asset)
    assert marked.trouble == trouble
    with catalogue.reading() as tx:
        entry = list(tx.audit.of(asset.id))[-1]
    assert (entry.act, entry.detail["reason"]) == ("asset.troubled", trouble.reason)


def test_a_part_that_is_away_puts_the_job_back_and_blames_nobody(
    dispatching, catalogue, asset, clock
) -> None:
    dispatcher = dispatching(examine_asset=failing(Unavailable("away")))
    dispatcher.run_one(Queue.INTERACTIVE)
    job = job_of(catalogue, asset)
    assert (job.state, job.error_class, job.error) == (JobState.READY, "unavailable", "away")
    assert job.run_after > clock.now
    assert dispatcher.run_one(Queue.INTERACTIVE) is False
    assert asset_now(catalogue, asset).trouble is None


def test_a_part_that_stays_away_for_a_day_parks_the_job(
    dispatching, catalogue, asset, clock
) -> None:
    clock.advance(DAY_SECONDS)
    dispatching(examine_asset=failing(Unavailable("away"))).run_one(Queue.INTERACTIVE)
    assert job_of(catalogue, asset).state is JobState.PARKED


def test_a_full_disk_pauses_the_queue_and_spends_no_attempt(
    dispatching, catalogue, asset, clock
) -> None:
    full = dispatching(examine_asset=failing(NoRoom()))
    for _ in range(5):
        assert full.run_one(Queue.INTERACTIVE) is True
        assert full.run_one(Queue.INTERACTIVE) is False
        with catalogue.reading() as tx:
            assert tx.jobs.pauses() == {Queue.INTERACTIVE: "no-room"}
        clock.advance(61)
    job = job_of(catalogue, asset)
    assert (job.state, job.attempt) == (JobState.READY, 0)
    dispatching(examine_asset=lambda _job: lambda _tx: None).run_one(Queue.INTERACTIVE)
    assert job_of(catalogue, asset).state is JobState.DONE


def test_a_refused_job_is_parked_at_once_and_the_asset_is_not_at_fault(
    dispatching, catalogue, asset
) -> None:
    dispatching(examine_asset=failing(Invalid("no such profile"))).run_one(Queue.INTERACTIVE)
    job = job_of(catalogue, asset)
    assert (job.state, job.error_class) == (JobState.PARKED, "invalid")
    assert asset_now(catalogue, asset).trouble is None


def test_a_defect_is_retried_then_parked_and_the_asset_asks_for_attention(
    dispatching, catalogue, asset, clock
) -> None:
    dispatcher = dispatching(examine_asset=failing(ZeroDivisionError("x" * 9000)))
    for attempt in range(1, ExamineAsset.max_attempts + 1):
        assert asset_now(catalogue, asset).trouble is None
        assert dispatcher.run_one(Queue.INTERACTIVE) is True
        assert job_of(catalogue, asset).attempt == attempt
        clock.advance(5000)
    job = job_of(catalogue, asset)
    assert (job.state, job.error_class) == (JobState.PARKED, "defect")
    assert len(job.error) == 2000
    trouble = asset_now(catalogue, asset).trouble
    assert (trouble.reason, trouble.detail) == (Reason.DAMAGED, "defect")


def test_trouble_with_a_job_that_is_about_no_asset_only_parks_it(dispatching, catalogue) -> None:
    with catalogue.writing() as tx:
        job = tx.jobs.defer(RebuildIndex("index"))
    dispatching(rebuild_index=failing(UnreadableMedia())).run_one(Queue.BULK)
    with catalogue.reading() as tx:
        assert tx.jobs.get(job).state is JobState.PARKED


def test_trouble_with_an_asset_that_is_gone_only_parks_the_job(dispatching, catalogue) -> None:
    with catalogue.writing() as tx:
        job = tx.jobs.defer(CheckOriginal("00000000-0000-7000-8000-000000000000"))
    dispatching(check_original=failing(UnreadableMedia())).run_one(Queue.FIXITY)
    with catalogue.reading() as tx:
        assert tx.jobs.get(job).state is JobState.PARKED


def lose_lease(catalogue, clock) -> None:
    clock.advance(61)
    with catalogue.writing() as tx:
        tx.jobs.sweep()


def test_a_lost_lease_publishes_nothing(dispatching, catalogue, asset, clock) -> None:
    def handler(job):
        lose_lease(catalogue, clock)
        return lambda tx: tx.assets.save(replace(tx.assets.get(job.asset), width=7))

    assert dispatching(examine_asset=handler).run_one(Queue.INTERACTIVE) is True
    assert asset_now(catalogue, asset).width is None
    job = job_of(catalogue, asset)
    assert (job.state, job.lost) == (JobState.READY, 1)


def test_failing_under_a_lost_lease_blames_nobody(dispatching, catalogue, asset, clock) -> None:
    def handler(job):
        lose_lease(catalogue, clock)
        raise UnreadableMedia

    dispatching(examine_asset=handler).run_one(Queue.INTERACTIVE)
    assert asset_now(catalogue, asset).trouble is None
    assert job_of(catalogue, asset).state is JobState.READY


def wait_until(is_true) -> None:
    tick = threading.Event()
    for _ in range(1000):
        if is_true():
            return
        tick.wait(0.01)
    raise AssertionError("did not come")


def test_the_lease_is_renewed_while_the_handler_works(dispatching, catalogue, asset, clock) -> None:
    timing = Timing(lease_seconds=0.2)

    def handler(job):
        first = job.lease_until
        clock.advance(0.1)
        wait_until(lambda: job_of(catalogue, asset).lease_until > first)
        return lambda _tx: None

    dispatching(timing, examine_asset=handler).run_one(Queue.INTERACTIVE)
    assert job_of(catalogue, asset).state is JobState.DONE


def test_renewing_stops_when_somebody_else_holds_the_lease(
    dispatching, catalogue, asset, clock
) -> None:
    def handler(job):
        lose_lease(catalogue, clock)
        keeper = next(one for one in threading.enumerate() if one.name == f"lease {job.id}")
        keeper.join(10)
        assert not keeper.is_alive()
        return lambda _tx: None

    dispatching(Timing(lease_seconds=0.2), examine_asset=handler).run_one(Queue.INTERACTIVE)
    assert job_of(catalogue, asset).state is JobState.READY


@pytest.mark.parametrize("change", ["missing", "surplus"])
def test_a_missing_or_surplus_handler_stops_the_start(catalogue, clock, change) -> None:
    from archive.model.job import ORDERS

    handlers = {order.kind: lambda _job: lambda _tx: None for order in ORDERS}
    if change == "missing":
        del handlers["examine-asset"]
    else:
        handlers["make-coffee"] = handlers["examine-asset"]
    with pytest.raises(LookupError, match=r"examine-asset|make-coffee"):
        Dispatcher(handlers, catalogue=catalogue, clock=clock, owner="o", timing=Timing())


PROGRAM = """
import sys
from pathlib import Path
from archive import faults
from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.model.job import ORDERS, Queue
from workers.dispatch import Dispatcher, Timing

home = Path(sys.argv[1])
catalogue = Catalogue.open(sys.argv[2], clock=utc_now)
faults.arm(home / "faults")
def handler(job):
    return lambda tx: tx.meta.set("published", job.id)
handlers = {order.kind: handler for order in ORDERS}
timing = Timing(lease_seconds=0.001)
Dispatcher(handlers, catalogue=catalogue, clock=utc_now, owner="o", timing=timing).run_one(Queue.INTERACTIVE)
"""


def test_a_worker_that_dies_before_publishing_leaves_the_job_to_its_successor(
    dispatching, catalogue, asset, clock, tmp_path, catalogue_url
) -> None:
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "job.before_publish").touch()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), catalogue_url],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert done.returncode == faults.EXIT_STATUS, done.stderr
    assert job_of(catalogue, asset).state is JobState.RUNNING
    clock.advance(400 * 24 * 3600)
    with catalogue.writing() as tx:
        assert tx.jobs.sweep() == []
    dispatcher = dispatching(examine_asset=lambda _job: lambda tx: tx.meta.set("published", "once"))
    assert dispatcher.run_one(Queue.INTERACTIVE) is True
    with catalogue.reading() as tx:
        assert tx.meta.get("published") == "once"
    assert job_of(catalogue, asset).attempt == 2


def test_the_store_being_away_puts_real_work_back(shop, catalogue, asset, clock, tmp_path) -> None:
    from workers.handlers import handlers

    away = FileObjects(tmp_path / "objects", archive_id="another")
    made = handlers(replace(shop, objects=away))
    dispatcher = Dispatcher(made, catalogue=catalogue, clock=clock, owner="o", timing=Timing())
    dispatcher.run_one(Queue.INTERACTIVE)
    job = job_of(catalogue, asset)
    assert (job.state, job.error_class) == (JobState.READY, "objects-unavailable")


def test_tidying_up_after_publishing_may_fail_without_undoing_it(
    dispatching, catalogue, asset
) -> None:
    def handler(job):
        def publish(tx):
            tx.assets.save(replace(tx.assets.get(job.asset), width=7))
            return failing_tidy

        return publish

    def failing_tidy():
        assert asset_now(catalogue, asset).width == 7
        raise ObjectsUnavailable("away")

    assert dispatching(examine_asset=handler).run_one(Queue.INTERACTIVE) is True
    assert job_of(catalogue, asset).state is JobState.DONE


def test_publishing_that_met_another_writer_is_done_again(dispatching, catalogue, asset) -> None:
    met = []

    def handler(job):
        def publish(tx):
            tx.assets.save(replace(tx.assets.get(job.asset), width=7))
            if len(met) < 2:
                met.append(job.id)
                raise CatalogueContended("deadlock detected")

        return publish

    assert dispatching(examine_asset=handler).run_one(Queue.INTERACTIVE) is True
    assert len(met) == 2
    assert job_of(catalogue, asset).state is JobState.DONE
    assert asset_now(catalogue, asset).width == 7
