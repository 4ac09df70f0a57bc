"""Stills as the worker makes them: put, recorded, probed, and what happens when the child is not to be trusted."""

import json
from datetime import UTC, datetime

import pytest
from depositing import deposit
from making import jpeg

from archive.errors import NoSafeDecoder, OverBudget, RenderFailed, UnreadableMedia
from archive.model.asset import AssetType, Reason, Trouble
from archive.model.job import Job, JobState, Queue
from archive.model.rendition import Profile
from archive.sandbox.child import Completed, Sandbox
from ingest.signatures.table import DEMUXERS, FORMATS
from transcode import stills
from transcode.plan import decoder_of, demuxer_of

NOW = datetime(2026, 12, 31, tzinfo=UTC)


def job_of(asset, fence=1):
    return Job(
        id="019ca869-5000-7878-8cef-1437f39c1db7", kind="render-stills", subject=asset.id, params="",
        queue=Queue.INTERACTIVE, state=JobState.RUNNING, run_after=NOW, attempt=1, lost=0,
        max_attempts=3, fence=fence, tag="abcd1234", lease_owner="x", lease_until=NOW,
        progress=None, error_class=None, error=None, created=NOW, updated=NOW,
    )  # fmt: skip


@pytest.fixture
def asset(receiver, photographer, catalogue):
    return deposit(receiver, photographer, jpeg(5, (400, 300)), catalogue=catalogue)


@pytest.fixture
def made(asset, objects, sandbox, tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    with objects.as_path(asset.original.key) as path:
        return stills.render_stills(path, asset, folder, sandbox=sandbox)


def test_stills_are_put_and_recorded(asset, made, objects, catalogue):
    placed = stills.put(made, asset, job_of(asset), objects=objects, now=NOW)
    assert [rendition.profile for rendition in placed] == [Profile.PREVIEW, Profile.THUMBNAIL]
    with catalogue.writing() as tx:
        former = stills.record(tx, asset.id, made, placed, NOW)
    assert former == ()
    with catalogue.reading() as tx:
        kept = tx.assets.get(asset.id)
        events = {event.type for event in tx.events.of(asset.id)}
    assert (kept.width, kept.height, kept.placeholder) == (400, 300, made.placeholder)
    assert objects.read(kept.rendition(Profile.PREVIEW).key)[:2] == b"\xff\xd8"
    assert "creation" in events


def test_another_attempt_takes_the_place_of_the_first(asset, made, objects, catalogue):
    for fence in (1, 2):
        placed = stills.put(made, asset, job_of(asset, fence), objects=objects, now=NOW)
        with catalogue.writing() as tx:
            former = stills.record(tx, asset.id, made, placed, NOW)
    assert len(former) == 2
    assert all("-1." in key for key in former)


def test_the_recipe_names_all_that_made_it(monkeypatch):
    first = stills.recipe("aa")
    assert first == stills.recipe("aa")
    assert first != stills.recipe("bb")
    monkeypatch.setattr(stills, "_tools", lambda: ("Pillow 99",))
    assert first != stills.recipe("aa")


def test_trouble_is_recorded_without_renditions(asset, catalogue):
    trouble = Trouble(reason=Reason.DAMAGED, detail="no-pixels")
    with catalogue.writing() as tx:
        stills.record(tx, asset.id, stills.StillsMade(recipe="x", trouble=trouble), (), NOW)
    with catalogue.reading() as tx:
        assert tx.assets.get(asset.id).trouble == trouble


def test_a_polyglot_without_a_picture_is_named_so(asset):
    report = {"trouble": "damaged", "detail": "no-pixels", "tail": "x"}
    assert stills._trouble(report, asset).reason == Reason.DAMAGED
    flagged = stills.replace(asset, flags=("polyglot",))
    assert stills._trouble(report, flagged).reason == Reason.POLYGLOT


def test_without_a_sandbox_nothing_is_decoded(asset, tmp_path):
    with pytest.raises(NoSafeDecoder):
        stills.render_stills(
            tmp_path, asset, tmp_path, sandbox=Sandbox(rung=None, scratch=tmp_path)
        )


def test_a_media_type_without_a_decoder_is_unsupported():
    with pytest.raises(UnreadableMedia) as caught:
        stills.decoder_of("video/mp4")
    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize(
    ("complaint", "error"),
    [("Traceback …\nMemoryError", OverBudget), ("Traceback …\nKeyError: 1", UnreadableMedia)],
)
def test_a_child_that_fails_is_damage_or_too_much(complaint, error):
    with pytest.raises(error) as caught:
        stills._report(Completed(status=1, stdout=b"", stderr=complaint))
    assert caught.value.tail == complaint


@pytest.mark.parametrize(
    "facts",
    [
        {"width": 5000},
        {"baseline": False},
        {"mode": "CMYK"},
        {"metadata": ["exif"]},
    ],
)
def test_what_is_not_as_asked_is_not_published(tmp_path, facts):
    good = {"width": 10, "height": 10, "mode": "RGB", "baseline": True, "metadata": []}
    with pytest.raises(RenderFailed):
        stills._still(Profile.PREVIEW, tmp_path / "x", good | facts)


def test_a_promised_file_must_be_a_file_and_decode(sandbox, tmp_path):
    with pytest.raises(RenderFailed, match="not made"):
        stills._probed(["preview.jpg"], tmp_path, sandbox)
    (tmp_path / "preview.jpg").symlink_to("/etc/passwd")
    with pytest.raises(RenderFailed, match="not made"):
        stills._probed(["preview.jpg"], tmp_path, sandbox)
    (tmp_path / "thumbnail.jpg").write_bytes(b"junk")
    with pytest.raises(RenderFailed, match="does not decode"):
        stills._probed(["thumbnail.jpg"], tmp_path, sandbox)


def test_the_report_is_one_line_of_json():
    assert stills._report(Completed(status=0, stdout=json.dumps({"a": 1}).encode(), stderr="")) == {
        "a": 1
    }


def test_everything_that_is_taken_in_has_its_decoder_or_demuxer():
    for row in FORMATS.values():
        if row.made_by:
            known = decoder_of if row.type is AssetType.PHOTO else demuxer_of
            assert known(row.media_type) == row.made_by
        if row.type is not AssetType.PHOTO:
            assert (row.made_by in DEMUXERS) == bool(row.made_by)
