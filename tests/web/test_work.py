"""Work on an asset by the API: seen by all as far as it concerns them, steered by those who may describe it."""

from dataclasses import replace

import pytest
from depositing import deposit
from making import jpeg

from archive.model.asset import AssetType, Reason, State, Trouble, Visibility
from archive.model.job import (
    ORDERS,
    RENDERS,
    JobState,
    Queue,
    RebuildIndex,
    RenderFirstPlayable,
    RenderLadder,
)
from web.pages import states


@pytest.fixture
def film(receiver, photographer, catalogue):
    """A film that waits for its renditions, published."""
    asset = deposit(receiver, photographer, jpeg(21), catalogue=catalogue)
    with catalogue.writing() as tx:
        tx.jobs.defer(RenderLadder(asset.id))
        known = tx.assets.get(asset.id)
        return tx.assets.save(replace(known, type=AssetType.VIDEO, visibility=Visibility.PUBLISHED))


def ladder_of(catalogue, asset):
    with catalogue.reading() as tx:
        return next(job for job in tx.jobs.of(asset.id) if job.kind == RenderLadder.kind)


def address(asset, job, act) -> str:
    return f"/api/v1/assets/{asset.id}/jobs/{job.id}/{act}"


def test_everybody_sees_how_far_a_film_is_and_staff_sees_what_is_done(
    visit, film, archivist, catalogue
) -> None:
    with catalogue.writing() as tx:
        job = tx.jobs.claim(Queue.RENDER, "worker", 60)
        tx.jobs.report(job, 0.25, 90.0)
    plain = visit(None).get(f"/api/v1/assets/{film.id}").json
    assert plain["work"] == [{"progress": 0.25, "remaining_seconds": 90.0}]
    assert "stopped" not in plain
    again = visit(None).get(
        f"/api/v1/assets/{film.id}", headers={"If-None-Match": f'"{film.revision}"'}
    )
    assert again.status_code == 200
    whole = visit(archivist).get(f"/api/v1/assets/{film.id}").json
    shown = next(one for one in whole["work"] if one["order"] == RenderLadder.kind)
    assert shown == {
        "id": job.id,
        "order": "render-ladder",
        "state": "running",
        "progress": 0.25,
        "remaining_seconds": 90.0,
    }


def test_a_cancelled_render_needs_attention_until_it_is_retried(
    visit, film, archivist, catalogue
) -> None:
    job = ladder_of(catalogue, film)
    answer = visit(archivist).post(address(film, job, "cancel"))
    assert answer.status_code == 200, answer.json
    assert (answer.json["state"], answer.json["reason"]) == ("attention", "cancelled")
    assert answer.json["reason_text"]
    assert [one["state"] for one in answer.json["stopped"]] == ["cancelled"]
    again = visit(archivist).post(address(film, job, "retry"))
    assert (again.json["state"], again.json["reason"]) == ("processing", None)
    assert ladder_of(catalogue, film).state is JobState.READY
    with catalogue.reading() as tx:
        said = [row.act for row in tx.audit.of(film.id)]
    assert said[-2:] == ["job.cancelled", "job.retried"]


def test_cancelling_one_of_two_renders_leaves_the_film_in_the_making(
    visit, film, archivist, catalogue
) -> None:
    with catalogue.writing() as tx:
        first = tx.jobs.defer(RenderFirstPlayable(film.id))
    answer = visit(archivist).post(f"/api/v1/assets/{film.id}/jobs/{first}/cancel")
    assert answer.json["state"] == State.PROCESSING


def test_cancelling_the_ladder_needs_attention_also_while_the_first_playable_is_made(
    visit, film, archivist, catalogue
) -> None:
    with catalogue.writing() as tx:
        tx.jobs.defer(RenderFirstPlayable(film.id))
    answer = visit(archivist).post(address(film, ladder_of(catalogue, film), "cancel"))
    assert (answer.json["state"], answer.json["reason"]) == ("attention", "cancelled")


def test_a_retry_leaves_the_trouble_of_other_work_that_stopped(
    visit, film, archivist, catalogue
) -> None:
    trouble = Trouble(reason=Reason.OVER_BUDGET, detail="memory")
    with catalogue.writing() as tx:
        tx.jobs.park(tx.jobs.claim(Queue.RENDER, "worker", 60), "over-budget", "too much")
        tx.assets.save(replace(tx.assets.get(film.id), trouble=trouble))
        first = tx.jobs.defer(RenderFirstPlayable(film.id))
        tx.jobs.cancel(first)
    visitor = visit(archivist)
    answer = visitor.post(f"/api/v1/assets/{film.id}/jobs/{first}/retry")
    assert (answer.json["state"], answer.json["reason"]) == ("attention", "over-budget")
    answer = visitor.post(address(film, ladder_of(catalogue, film), "retry"))
    assert (answer.json["state"], answer.json["reason"]) == ("processing", None)


def test_what_is_over_or_keeps_the_archive_safe_is_not_cancelled(
    visit, film, archivist, catalogue
) -> None:
    job = ladder_of(catalogue, film)
    with catalogue.reading() as tx:
        check = next(one for one in tx.jobs.of(film.id) if one.kind == "check-original")
    asked = visit(archivist)
    assert asked.post(address(film, check, "cancel")).status_code == 409
    assert asked.post(address(film, job, "retry")).status_code == 409
    assert asked.post(address(film, job, "cancel")).status_code == 200
    assert asked.post(address(film, job, "cancel")).status_code == 409


def test_a_job_of_another_asset_is_unknown_here(
    visit, film, archivist, catalogue, receiver, photographer
) -> None:
    other = deposit(receiver, photographer, jpeg(22), catalogue=catalogue)
    job = ladder_of(catalogue, film)
    assert visit(archivist).post(address(other, job, "cancel")).status_code == 404
    assert ladder_of(catalogue, film).state is JobState.READY


def test_a_retry_does_not_whitewash_a_broken_original(visit, film, archivist, catalogue) -> None:
    job = ladder_of(catalogue, film)
    with catalogue.writing() as tx:
        tx.jobs.cancel(job.id)
        known = tx.assets.get(film.id)
        tx.assets.save(replace(known, trouble=Trouble(reason=Reason.FIXITY_MISMATCH)))
    answer = visit(archivist).post(address(film, job, "retry"))
    assert answer.json["reason"] == "fixity-mismatch"


def page(visitor, film, language: str = "en") -> str:
    return visitor.get(f"/{language}/assets/{film.id}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("language", "left"),
    [
        ("az", "Təxminən 2 dəqiqə qalıb."),
        ("en", "About 2 minutes are left."),
        ("ru", "Осталось примерно 2 минуты."),
    ],
)
def test_the_page_says_how_far_a_film_is_and_how_long_it_takes(
    visit, film, catalogue, language, left
) -> None:
    with catalogue.writing() as tx:
        tx.jobs.report(tx.jobs.claim(Queue.RENDER, "worker", 60), 0.25, 90.0)
    seen = page(visit(None), film, language)
    assert left in seen
    assert 'value="25"' in seen
    assert "/cancel" not in seen


def test_work_is_cancelled_and_asked_for_again_from_the_page(
    visit, film, archivist, catalogue
) -> None:
    job, staff = ladder_of(catalogue, film), visit(archivist)
    cancel = f"/en/assets/{film.id}/jobs/{job.id}/cancel"
    assert cancel in page(staff, film)
    assert staff.post(cancel).status_code == 303
    stopped = page(staff, film)
    assert "Work on it was stopped" in stopped
    assert "render-ladder" not in stopped
    retry = cancel.replace("/cancel", "/retry")
    assert retry in stopped
    assert staff.post(retry).status_code == 303
    assert ladder_of(catalogue, film).state is JobState.READY


def test_each_of_several_stopped_works_has_a_press_that_says_what_it_makes(
    visit, film, archivist, catalogue
) -> None:
    with catalogue.writing() as tx:
        tx.jobs.defer(RenderFirstPlayable(film.id))
    staff, seen = visit(archivist), page(visit(archivist), film)
    with catalogue.reading() as tx:
        renders = [job for job in tx.jobs.of(film.id) if job.kind in RENDERS]
    assert len(renders) == 2
    for said in ("Cancel: first copy to play", "Cancel: film in every quality"):
        assert f">{said}</button>" in seen
    for job in renders:
        assert staff.post(f"/en/assets/{film.id}/jobs/{job.id}/cancel").status_code == 303
    stopped = page(staff, film, "ru")
    for job in renders:
        assert f"/ru/assets/{film.id}/jobs/{job.id}/retry" in stopped
    assert ">Повторить: первая копия для просмотра</button>" in stopped
    assert staff.post(f"/en/assets/{film.id}/jobs/{renders[0].id}/retry").status_code == 303
    under_way = page(staff, film)
    assert "/cancel" in under_way
    assert f"/en/assets/{film.id}/jobs/{renders[1].id}/retry" in under_way


def test_every_work_on_a_material_has_a_name() -> None:
    assert set(states.MADE) == {order.kind for order in ORDERS} - {RebuildIndex.kind}
