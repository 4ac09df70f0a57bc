"""Taking bytes in: offsets are promises, outcomes are final, nothing acknowledged is lost."""

import hashlib
import io
from dataclasses import replace

import pytest
from depositing import deposit, send
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import jpeg

from archive.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    LostLease,
    NoRoom,
    NotFound,
    OnAnotherNode,
    TooLarge,
    TooManyRequests,
)
from archive.model.asset import Visibility
from archive.model.ids import AssetId
from archive.publishing import publish
from ingest.receive import Limits, NewUpload, Receiver

PHOTO = jpeg(7, (400, 300))


def create(receiver, account, data: bytes = PHOTO, **more):
    return receiver.create(NewUpload(filename="photo.jpg", length=len(data), **more), account.agent)


def append(receiver, account, upload, offset: int, data: bytes, size=None):
    return receiver.append(upload.id, account.agent, offset, io.BytesIO(data), size)


def test_a_file_sent_whole_is_stored_byte_for_byte(
    receiver, photographer, catalogue, objects
) -> None:
    asset = deposit(receiver, photographer, PHOTO, catalogue=catalogue, name="Şuşa — №1.jpg")
    assert objects.read(asset.original.key) == PHOTO
    assert asset.original.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert asset.original.filename == "Şuşa — №1.jpg"
    assert asset.visibility is Visibility.DRAFT


def test_a_short_body_keeps_its_bytes_and_is_never_taken_for_the_whole(
    receiver, photographer
) -> None:
    upload = create(receiver, photographer)
    cut = append(receiver, photographer, upload, 0, PHOTO[:1000], size=len(PHOTO))
    assert (cut.offset, cut.outcome) == (1000, None)
    done = append(receiver, photographer, upload, 1000, PHOTO[1000:])
    assert done.outcome["outcome"] == "stored"
    assert done.outcome["sha256"] == hashlib.sha256(PHOTO).hexdigest()


def test_an_upload_goes_on_after_a_restart_of_the_process(
    receiver, photographer, catalogue, objects, adoption, clock, staging
) -> None:
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:5000])
    from ingest.staging import Staging

    fresh = Staging(staging.folder)  # remembers no digest
    restarted = Receiver(
        catalogue=catalogue,
        objects=objects,
        staging=fresh,
        adoption=replace(adoption, staging=fresh),
        clock=clock,
        node="node",
        limits=Limits(low_water_bytes=0),
    )
    assert restarted.ask(upload.id, photographer.agent).offset == 5000
    done = append(restarted, photographer, upload, 5000, PHOTO[5000:])
    assert done.outcome["sha256"] == hashlib.sha256(PHOTO).hexdigest()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.integers(1, len(PHOTO) - 1), max_size=6), seed=st.integers(0, 10**6))
def test_any_cuts_give_the_same_bytes(receiver, photographer, cuts, seed) -> None:
    data = PHOTO + seed.to_bytes(4, "big")
    upload = receiver.create(
        NewUpload(filename=f"{seed}.jpg", length=len(data)), photographer.agent
    )
    offset = 0
    for cut in [*sorted(set(cuts)), len(data)]:
        current = receiver.ask(upload.id, photographer.agent)
        assert current.offset == offset
        upload = append(receiver, photographer, upload, offset, data[offset:cut])
        offset = cut
    assert upload.outcome["sha256"] == hashlib.sha256(data).hexdigest()
    assert upload.outcome["outcome"] in {"stored", "duplicate"}


def test_a_wrong_offset_is_a_conflict_and_nothing_is_written(receiver, photographer) -> None:
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:100])
    with pytest.raises(Conflict):
        append(receiver, photographer, upload, 50, PHOTO[50:])
    assert receiver.ask(upload.id, photographer.agent).offset == 100


def test_more_bytes_than_announced_are_refused(receiver, photographer) -> None:
    upload = create(receiver, photographer)
    with pytest.raises(Invalid):
        append(receiver, photographer, upload, 0, PHOTO + b"x", size=len(PHOTO) + 1)


def test_a_promised_digest_that_differs_leaves_no_asset(receiver, photographer, catalogue) -> None:
    upload = send(receiver, photographer, PHOTO, sha256="0" * 64)
    assert upload.outcome["outcome"] == "refused"
    assert upload.outcome["reason"] == "fixity-mismatch"
    with catalogue.reading() as tx:
        assert tx.assets.after(None, 10) == []


def test_a_promised_digest_that_agrees_is_stored(receiver, photographer) -> None:
    upload = send(receiver, photographer, PHOTO, sha256=hashlib.sha256(PHOTO).hexdigest())
    assert upload.outcome["outcome"] == "stored"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"just words in a file\n" * 10, "not-media"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\nhttp://127.0.0.1:48999/a.ts\n", "disguised"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "unsupported"),
    ],
)
def test_what_is_no_medium_we_keep_is_refused_at_the_door(
    receiver, photographer, catalogue, staging, data, reason
) -> None:
    upload = send(receiver, photographer, data, name="photo.jpg")
    assert (upload.outcome["outcome"], upload.outcome["reason"]) == ("refused", reason)
    assert list(staging.folder.iterdir()) == []
    with catalogue.reading() as tx:
        acts = [entry.act for entry in tx.audit.of(upload.asset)]
    assert acts == ["upload.created", "upload.refused"]


def test_the_same_bytes_again_are_a_duplicate_of_the_one_held(receiver, photographer) -> None:
    first = send(receiver, photographer, PHOTO, name="one.jpg")
    second = send(receiver, photographer, PHOTO, name="two.jpg")
    assert second.outcome["outcome"] == "duplicate"
    assert second.outcome["asset"] == first.outcome["asset"]


def test_a_duplicate_of_what_one_may_not_see_is_kept_apart_and_tells_nothing(
    receiver, photographer, archivist, catalogue, clock
) -> None:
    hidden = send(receiver, archivist, PHOTO)
    mine = send(receiver, photographer, PHOTO)
    assert mine.outcome["outcome"] == "stored"
    assert mine.outcome["asset"] != hidden.outcome["asset"]
    assert receiver.held([mine.outcome["sha256"]], photographer.agent) == {
        mine.outcome["sha256"]: mine.outcome["asset"]
    }


def test_a_published_file_is_known_to_everybody(
    receiver, photographer, archivist, journalist, catalogue, clock
) -> None:
    held = send(receiver, archivist, PHOTO).outcome
    assert receiver.held([held["sha256"]], journalist.agent) == {}
    publish(AssetId(held["asset"]), catalogue=catalogue, agent=archivist.agent, now=clock())
    assert receiver.held([held["sha256"]], journalist.agent) == {held["sha256"]: held["asset"]}


def test_the_same_client_key_is_the_same_upload(receiver, photographer) -> None:
    first = create(receiver, photographer, client_key="camera-1")
    append(receiver, photographer, first, 0, PHOTO[:10])
    again = create(receiver, photographer, client_key="camera-1")
    assert (again.id, again.offset) == (first.id, 10)
    with pytest.raises(Conflict):
        create(receiver, photographer, data=PHOTO + b"!", client_key="camera-1")


def test_somebody_elses_upload_is_unknown(receiver, photographer, archivist) -> None:
    upload = create(receiver, photographer)
    with pytest.raises(NotFound):
        receiver.ask(upload.id, archivist.agent)
    with pytest.raises(NotFound):
        append(receiver, archivist, upload, 0, PHOTO)


def test_a_cancelled_upload_is_gone_and_its_bytes_too(receiver, photographer, staging) -> None:
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:100])
    receiver.cancel(upload.id, photographer.agent)
    with pytest.raises(Gone):
        receiver.ask(upload.id, photographer.agent)
    assert list(staging.folder.iterdir()) == []


def test_a_finished_deposit_is_not_deleted_by_cancelling(receiver, photographer, catalogue) -> None:
    upload = send(receiver, photographer, PHOTO)
    with pytest.raises(Conflict):
        receiver.cancel(upload.id, photographer.agent)
    with catalogue.reading() as tx:
        assert tx.assets.get(AssetId(upload.outcome["asset"]))


def test_an_older_request_stops_when_a_younger_one_took_over(receiver, photographer) -> None:
    upload = create(receiver, photographer)

    class Stalled(io.BytesIO):
        """Its line hangs; meanwhile the client comes back with a new request."""

        came_back = False

        def read(self, size=-1, /):
            if not self.came_back:
                self.came_back = True
                return b"\xff" * 10  # bytes of the dead line, never acknowledged
            append(receiver, photographer, upload, 0, PHOTO)
            return b"\xff" * 10

    with pytest.raises(LostLease):
        receiver.append(upload.id, photographer.agent, 0, Stalled(), None)
    done = receiver.ask(upload.id, photographer.agent)
    assert done.outcome["sha256"] == hashlib.sha256(PHOTO).hexdigest()


def test_journalists_do_not_deposit_and_photographers_do_not_publish(
    receiver, journalist, photographer
) -> None:
    with pytest.raises(Forbidden):
        create(receiver, journalist)
    with pytest.raises(Forbidden):
        create(receiver, photographer, wishes={"publish": True})


def test_an_archivist_may_deposit_and_publish_at_once(receiver, archivist, catalogue) -> None:
    asset = deposit(receiver, archivist, PHOTO, catalogue=catalogue, wishes={"publish": True})
    assert asset.visibility is Visibility.PUBLISHED


def limited(receiver, **limits):
    receiver._limits = Limits(**{"low_water_bytes": 0} | limits)
    return receiver


def test_limits_are_kept(receiver, photographer) -> None:
    with pytest.raises(TooLarge):
        create(limited(receiver, max_bytes=10), photographer)
    with pytest.raises(TooLarge):
        create(limited(receiver, bytes_a_day=10), photographer)
    with pytest.raises(NoRoom):
        create(limited(receiver, low_water_bytes=1 << 60), photographer)
    create(limited(receiver, open_uploads=1), photographer)
    with pytest.raises(TooManyRequests):
        create(receiver, photographer)


@pytest.mark.parametrize("bad", ["xyz", "A" * 64, "0" * 63])
def test_a_digest_that_is_none_is_refused_when_the_upload_begins(
    receiver, photographer, bad
) -> None:
    with pytest.raises(Invalid):
        create(receiver, photographer, sha256=bad)


def test_a_name_longer_than_a_kilobyte_is_refused(receiver, photographer) -> None:
    with pytest.raises(Invalid):
        receiver.create(NewUpload(filename="ə" * 600, length=1), photographer.agent)


def test_what_a_crash_left_between_last_byte_and_record_is_finished_later(
    receiver, photographer, catalogue, adoption, clock, objects
) -> None:
    from datetime import timedelta

    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:-1])
    broken = receiver._adoption
    receiver._adoption = replace(adoption, objects=None)  # the process dies here in real life
    with pytest.raises(AttributeError):
        append(receiver, photographer, upload, len(PHOTO) - 1, PHOTO[-1:])
    receiver._adoption = broken
    clock.advance(61)
    assert adoption.recover("node", older_than=timedelta(seconds=60)) >= 1
    done = receiver.ask(upload.id, photographer.agent)
    assert done.outcome["outcome"] == "stored"
    with catalogue.reading() as tx:
        asset = tx.assets.get(AssetId(done.outcome["asset"]))
    assert objects.read(asset.original.key) == PHOTO


def test_bytes_acknowledged_while_another_takes_over_are_never_cut(
    receiver, photographer, catalogue
) -> None:
    """The older request acknowledges between the younger one's look and its take-over."""
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:100])
    real = receiver.require_room

    def older_acknowledges(wanted: int) -> None:
        receiver.require_room = real
        append(receiver, photographer, upload, 100, PHOTO[100:5000])

    receiver.require_room = older_acknowledges
    with pytest.raises(Conflict):
        append(receiver, photographer, upload, 100, PHOTO[100:200])
    assert receiver.ask(upload.id, photographer.agent).offset == 5000
    done = append(receiver, photographer, upload, 5000, PHOTO[5000:])
    with catalogue.reading() as tx:
        asset = tx.assets.get(AssetId(done.outcome["asset"]))
    assert receiver._objects.read(asset.original.key) == PHOTO


def test_a_staged_file_shorter_than_acknowledged_is_never_filled_with_zeros(
    receiver, photographer, staging
) -> None:
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:5000])
    with staging.path(upload.id).open("r+b") as file:
        file.truncate(100)
    with pytest.raises(LostLease):
        append(receiver, photographer, upload, 5000, PHOTO[5000:])


@pytest.mark.parametrize("end", ["cancelled", "mismatched"])
def test_a_client_key_is_free_again_after_an_end_without_asset(receiver, photographer, end) -> None:
    wrong = {"sha256": "0" * 64} if end == "mismatched" else {}
    first = create(receiver, photographer, client_key="frame-7", **wrong)
    if end == "cancelled":
        receiver.cancel(first.id, photographer.agent)
    else:
        append(receiver, photographer, first, 0, PHOTO)
    second = create(receiver, photographer, client_key="frame-7")
    assert second.id != first.id
    assert append(receiver, photographer, second, 0, PHOTO).outcome["outcome"] == "stored"


def test_the_same_bytes_half_adopted_are_finished_before_others_are_called_their_duplicate(
    receiver, photographer, adoption, catalogue, objects
) -> None:
    first = create(receiver, photographer)
    append(receiver, photographer, first, 0, PHOTO[:-1])
    whole = receiver._adoption
    receiver._adoption = replace(adoption, objects=None)  # the process dies after the row "storing"
    with pytest.raises(AttributeError):
        append(receiver, photographer, first, len(PHOTO) - 1, PHOTO[-1:])
    receiver._adoption = whole
    second = send(receiver, photographer, PHOTO)
    assert second.outcome["outcome"] == "duplicate"
    with catalogue.reading() as tx:
        asset = tx.assets.get(AssetId(second.outcome["asset"]))
    assert objects.read(asset.original.key) == PHOTO


def test_a_complete_upload_never_expires(
    receiver, photographer, adoption, catalogue, clock
) -> None:
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:-1])
    receiver._adoption = replace(adoption, objects=None)
    with pytest.raises(AttributeError):
        append(receiver, photographer, upload, len(PHOTO) - 1, PHOTO[-1:])
    clock.advance(30 * 24 * 3600)
    with catalogue.reading() as tx:
        assert tx.uploads.expired("node") == []


def test_two_finishers_at_once_give_one_outcome(receiver, photographer, adoption, staging) -> None:
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:-1])
    held = receiver._adoption
    receiver._adoption = replace(adoption, objects=None)
    with pytest.raises(AttributeError):
        append(receiver, photographer, upload, len(PHOTO) - 1, PHOTO[-1:])
    complete = receiver._required(upload.id)
    first = held.finish(complete)
    again = held.finish(complete)  # a HEAD or the sweep that read the row before
    assert first.outcome == again.outcome
    assert list(staging.folder.iterdir()) == []


def test_a_request_overtaken_before_its_first_write_cuts_nothing(
    receiver, photographer, staging
) -> None:
    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:1000])
    with receiver._catalogue.writing() as tx:
        fence, offset = tx.uploads.take_over(upload.id)  # the slow one stops here
    append(receiver, photographer, upload, 1000, PHOTO[1000:5000])
    with pytest.raises(LostLease), staging.writing(upload.id, fence, offset):
        pass
    assert staging.path(upload.id).stat().st_size == 5000


def test_a_complete_upload_cannot_be_cancelled_any_more(
    receiver, photographer, adoption, catalogue
) -> None:
    from archive.catalogue.uploads import UploadState

    upload = create(receiver, photographer)
    append(receiver, photographer, upload, 0, PHOTO[:-1])
    receiver._adoption = replace(adoption, objects=None)
    with pytest.raises(AttributeError):
        append(receiver, photographer, upload, len(PHOTO) - 1, PHOTO[-1:])
    with catalogue.writing() as tx:
        assert not tx.uploads.end(upload.id, UploadState.CANCELLED)


def test_another_file_under_the_same_client_key_is_a_conflict(receiver, photographer) -> None:
    create(receiver, photographer, client_key="frame-9", sha256="0" * 64)
    with pytest.raises(Conflict):
        create(receiver, photographer, client_key="frame-9", sha256="1" * 64)


def test_an_upload_whose_bytes_lie_on_another_node_is_led_there(
    receiver, photographer, catalogue, staging, adoption, clock
) -> None:
    elsewhere = Receiver(
        catalogue=catalogue,
        objects=adoption.objects,
        staging=staging,
        adoption=adoption,
        clock=clock,
        node="other",
        limits=Limits(low_water_bytes=0),
    )
    upload = elsewhere.create(NewUpload(filename="a.jpg", length=9), photographer.agent)
    assert upload.id.startswith("other.")
    with pytest.raises(OnAnotherNode):
        receiver.append(upload.id, photographer.agent, 0, io.BytesIO(b"x"), 1)
    with pytest.raises(OnAnotherNode):
        receiver.cancel(upload.id, photographer.agent)
    assert elsewhere.ask(upload.id, photographer.agent).offset == 0
