"""A client comes back while its dead line still hangs; and chunks that promise their digest, whole or not at all."""

import hashlib
import io
import time

import pytest
from making import jpeg

from archive.catalogue.uploads import UNKNOWN_LENGTH
from archive.errors import ChecksumMismatch, Invalid, LostLease, NoRoom, TooLarge
from ingest.bodies import Checked
from ingest.receive import PIECE, Limits, NewUpload

PHOTO = jpeg(9, (400, 300))
CUTS = 50


class Hanging:
    """A line that gives some bytes, then hangs until the client has come back, then gives more."""

    def __init__(self, first: bytes, come_back) -> None:
        self.first, self.come_back, self.reads = first, come_back, 0

    def read(self, _size, /):
        self.reads += 1
        if self.reads == 1:
            return self.first
        if self.reads == 2:
            self.come_back()
        return b"\xff" * 10


def begin(receiver, account, length: int = len(PHOTO)):
    return receiver.create(NewUpload(filename="photo.jpg", length=length), account.agent)


def promised(data: bytes, sent: bytes) -> Checked:
    return Checked(io.BytesIO(sent), hashlib.sha256(), hashlib.sha256(data).digest())


def test_asking_takes_the_upload_from_a_line_that_hangs(receiver, photographer) -> None:
    upload, agent, heard = begin(receiver, photographer), photographer.agent, []
    line = Hanging(b"\xff" * 10, lambda: heard.append(receiver.settle(upload.id, agent).offset))
    with pytest.raises(LostLease):
        receiver.append(upload.id, agent, 0, line, None)
    assert heard == [0] == [receiver.ask(upload.id, agent).offset]
    done = receiver.append(upload.id, agent, 0, io.BytesIO(PHOTO), None)
    assert done.outcome["sha256"] == hashlib.sha256(PHOTO).hexdigest()


def test_asking_how_far_it_is_leaves_a_finished_upload_as_it_is(receiver, photographer) -> None:
    upload = begin(receiver, photographer)
    done = receiver.append(upload.id, photographer.agent, 0, io.BytesIO(PHOTO), None)
    assert receiver.settle(upload.id, photographer.agent) == done


def test_fifty_cuts_with_the_dead_line_still_hanging_lose_and_repeat_nothing(
    receiver, photographer
) -> None:
    upload, agent = begin(receiver, photographer), photographer.agent
    step, slowest = len(PHOTO) // (CUTS + 1), [0.0]
    for number in range(CUTS):
        offset = number * step

        def come_back(offset: int = offset) -> None:
            began = time.monotonic()
            at = receiver.settle(upload.id, agent).offset
            assert at == offset
            piece = io.BytesIO(PHOTO[offset : offset + step])
            assert receiver.append(upload.id, agent, at, piece, step).offset == offset + step
            slowest[0] = max(slowest[0], time.monotonic() - began)

        with pytest.raises(LostLease):
            receiver.append(upload.id, agent, offset, Hanging(b"\xff" * 10, come_back), None)
    rest = io.BytesIO(PHOTO[CUTS * step :])
    done = receiver.append(upload.id, agent, CUTS * step, rest, None)
    assert done.outcome["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert slowest[0] < 3


@pytest.mark.parametrize("sent", [PHOTO[:-1], b"", PHOTO[:-1] + b"!"], ids=["cut", "none", "other"])
def test_a_chunk_that_is_not_what_was_promised_is_dropped_whole(
    receiver, photographer, sent
) -> None:
    upload, agent = begin(receiver, photographer, len(PHOTO) + 1), photographer.agent
    with pytest.raises(ChecksumMismatch):
        receiver.append(upload.id, agent, 0, promised(PHOTO, sent), len(PHOTO))
    assert receiver.ask(upload.id, agent).offset == 0
    assert receiver.append(upload.id, agent, 0, promised(PHOTO, PHOTO), None).offset == len(PHOTO)


def test_a_long_chunk_is_not_acknowledged_before_its_digest_is_known(
    receiver, photographer
) -> None:
    data = bytes(40 * PIECE)
    upload, agent = begin(receiver, photographer, len(data)), photographer.agent
    with pytest.raises(ChecksumMismatch):
        receiver.append(upload.id, agent, 0, promised(b"other", data), len(data))
    assert receiver.ask(upload.id, agent).offset == 0


def test_a_deferred_length_is_named_once_and_then_finishes_the_upload(
    receiver, photographer
) -> None:
    upload, agent = begin(receiver, photographer, UNKNOWN_LENGTH), photographer.agent
    assert receiver.append(upload.id, agent, 0, io.BytesIO(PHOTO), None).outcome is None
    with pytest.raises(Invalid):
        receiver.announce(upload.id, agent, len(PHOTO) - 1)
    done = receiver.announce(upload.id, agent, len(PHOTO))
    assert done.outcome["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    with pytest.raises(Invalid):
        receiver.announce(upload.id, agent, len(PHOTO) + 1)


def test_a_deferred_length_goes_round_no_limit(receiver, photographer, clock, catalogue) -> None:
    receiver._limits = Limits(low_water_bytes=0, max_bytes=1000, bytes_a_day=500)
    upload, agent = begin(receiver, photographer, UNKNOWN_LENGTH), photographer.agent
    with pytest.raises(TooLarge):
        receiver.append(upload.id, agent, 0, io.BytesIO(PHOTO), 1001)
    for length in (1001, 501):
        with pytest.raises(TooLarge):
            receiver.announce(upload.id, agent, length)
    receiver._limits = Limits(low_water_bytes=1 << 62)
    with pytest.raises(NoRoom):
        receiver.announce(upload.id, agent, 400)
    receiver._limits = Limits(low_water_bytes=0)
    receiver.cancel(upload.id, agent)
    with catalogue.reading() as tx:
        assert tx.uploads.reserved_bytes() == 0


def test_a_deferred_upload_that_nobody_goes_on_with_expires(
    receiver, photographer, clock, catalogue
) -> None:
    upload = begin(receiver, photographer, UNKNOWN_LENGTH)
    clock.advance(15 * 86400)
    with catalogue.reading() as tx:
        assert [one.id for one in tx.uploads.expired("node")] == [upload.id]
