"""F11: the line is cut at random bytes and the client comes back at once, while the dead request still hangs in the server."""

import hashlib
import os
import random
import socket
import time
from contextlib import ExitStack

import pytest
from chaos import photo_of
from running_house import OFFSET_TYPE, TUS, House, encoded, running_house, wait_for

pytestmark = pytest.mark.xdist_group("house")
CUTS = 50 if os.environ.get("FAULT_UPLOADS") else 8
RESUMED_SECONDS = 3.0
SENT_AGAIN_BYTES = 4 << 20
SIZE = 30_000_000
PIECE_BYTES = 512 * 1024  # what the server may hold before it hands it on


def hang(house: House, where: str, offset: int, data: bytes, whole: int) -> socket.socket:
    """Promise `whole` bytes, send some of them, say no more; the line stays open."""
    line = socket.create_connection(("127.0.0.1", house.port), timeout=10)
    headers = TUS | {
        "Host": f"127.0.0.1:{house.port}",
        "Authorization": f"Bearer {house.token}",
        "Upload-Offset": str(offset),
        "Content-Type": OFFSET_TYPE,
        "Content-Length": str(whole),
    }
    lines = [f"PATCH {where} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
    return line


def staged(house: House) -> int:
    """Bytes of the one upload under way, acknowledged or not."""
    return sum(path.stat().st_size for path in (house.home / "staging").glob("[!.]*"))


def gone_on(house: House, where: str, data: bytes):
    """Ask how far the upload is and send a little from there: where that was, and the answer."""
    stands = int(house.ask(where, "HEAD", headers=TUS).headers["upload-offset"])
    patch = TUS | {"Upload-Offset": str(stands), "Content-Type": OFFSET_TYPE}
    return stands, house.ask(where, "PATCH", body=data[stands : stands + 1000], headers=patch)


def test_a_client_that_comes_back_at_once_goes_on_while_its_dead_line_hangs(tmp_path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    data = photo_of(chance, SIZE)
    cuts = sorted(chance.sample(range(1, len(data)), CUTS))
    slowest, again = 0.0, 0
    with running_house(tmp_path / "house") as house, ExitStack() as dead:
        headers = TUS | {
            "Upload-Length": str(len(data)),
            "Upload-Metadata": encoded(filename="cut.jpg"),
        }
        where = house.ask("/api/v1/uploads", "POST", headers=headers).headers["location"]
        offset = 0
        for cut in cuts:
            sent = max(cut, offset)
            dead.enter_context(hang(house, where, offset, data[offset:sent], len(data) - offset))
            arrived = chance.random() < 0.5
            if (
                arrived
            ):  # otherwise the client is back before the server has read what lies in the line
                wait_for(
                    lambda sent=sent: staged(house) > sent - PIECE_BYTES,
                    10,
                    "what was sent has arrived",
                )
            began = time.monotonic()
            stands, taken = gone_on(house, where, data)
            assert offset <= stands <= sent, "an acknowledged offset never goes back"
            again = max(again, (sent - stands) * arrived)
            if not arrived and taken.status == 409:
                # The server read the dead line only now and took it for the younger request: the client asks once more.
                assert taken.json["code"] in {"lost-lease", "conflict"}
                _, taken = gone_on(house, where, data)
            assert taken.status == 204, taken.data
            slowest = max(slowest, time.monotonic() - began)
            offset = int(taken.headers["upload-offset"])
        patch = TUS | {"Upload-Offset": str(offset), "Content-Type": OFFSET_TYPE}
        done = house.ask(where, "PATCH", body=data[offset:], headers=patch)
        asset = done.headers["mediateka-asset"]
        print(
            f"\nseed {seed}: {CUTS} cuts of {len(data) / 1e6:.0f} MB, slowest return {slowest:.2f} s, "
            f"at most {again / 1e6:.2f} MB sent again"
        )
        original = house.ask(f"/api/v1/assets/{asset}/original").data
        assert hashlib.sha256(original).digest() == hashlib.sha256(data).digest()
        assert slowest <= RESUMED_SECONDS
        assert again <= SENT_AGAIN_BYTES + (1 << 20)
        assert "Traceback" not in house.log()
