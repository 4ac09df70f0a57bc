"""A disk fills up: deposits are refused with the reason, reading goes on, and work goes on by itself once there is room."""

import hashlib
import json
import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from chaos import photo_of
from making import jpeg
from running_house import OFFSET_TYPE, TUS, House, encoded, running_house, upload, wait_for

pytestmark = [
    pytest.mark.xdist_group("house"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can be mounted by root only"),
]
SMALL = "12m"


def on_small_disk(folder: Path) -> list[str]:
    """Start the house where this folder is a disk of 12 MB, seen by the house alone."""
    save = f"{folder}.before"  # the marker that the first command wrote
    script = (
        f"cp -a '{folder}' '{save}' && mount -t tmpfs -o size={SMALL} tmpfs '{folder}' "
        f"&& cp -a '{save}/.' '{folder}/' && exec \"$@\""
    )
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


def begin(house: House, data: bytes, name: str) -> str:
    headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": encoded(filename=name)}
    answer = house.ask("/api/v1/uploads", "POST", headers=headers)
    assert answer.status == 201, answer.data
    return answer.headers["location"]


def append(house: House, where: str, offset: int, data: bytes):
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": OFFSET_TYPE}
    return house.ask(where, "PATCH", body=data, headers=headers)


def test_a_full_staging_disk_refuses_new_bytes_and_keeps_what_was_acknowledged(
    tmp_path: Path,
) -> None:
    staging = tmp_path / "staging"
    staging.mkdir()
    settings = {"MEDIATEKA_STAGING": str(staging), "MEDIATEKA_LOW_WATER_BYTES": "0"}
    with running_house(tmp_path / "house", on_small_disk(staging), **settings) as house:
        kept = upload(house, "small.jpg", jpeg(1))
        large = os.urandom(1000) + bytes(11_000_000)
        first = begin(house, large, "first.jpg")
        assert append(house, first, 0, large[:9_000_000]).status == 204
        # Room was promised when it began; something else takes it.
        pid = house.pids("worker")[0]
        ballast = Path(f"/proc/{pid}/root{staging}/ballast")
        ballast.write_bytes(bytes(2_000_000))
        full = append(house, first, 9_000_000, large[9_000_000:])
        assert (full.status, full.json["code"]) == (507, "no-room")
        assert house.ask(f"/api/v1/assets/{kept.asset}/original").status == 200
        wait_for(lambda: house.ask("/api/v1/assets").json["total"] == 1, 10, "it is found")
        ballast.unlink()
        offset = int(house.ask(first, "HEAD", headers=TUS).headers["upload-offset"])
        assert offset >= 9_000_000
        done = append(house, first, offset, large[offset:])
        assert (done.status, done.json["reason"]) == (422, "not-media")


def test_a_full_store_keeps_the_upload_and_finishes_it_when_there_is_room(tmp_path: Path) -> None:
    objects = tmp_path / "objects"
    objects.mkdir()
    settings = {"MEDIATEKA_OBJECTS": f"file://{objects}", "MEDIATEKA_LOW_WATER_BYTES": "0"}
    home = tmp_path / "house"
    prefix = on_small_disk(objects)
    with running_house(home, prefix, **settings) as house:
        data = photo_of(random.Random(5), 3_000_000)
        where = begin(house, data, "wanted.jpg")
        assert append(house, where, 0, data[:-1]).status == 204
        pid = house.pids("worker")[0]
        ballast = Path(f"/proc/{pid}/root{objects}/tmp/ballast")
        ballast.parent.mkdir(exist_ok=True)
        with ballast.open("wb") as file:
            try:
                while True:
                    file.write(bytes(100_000))
                    file.flush()
            except OSError:
                pass
        refused = append(house, where, len(data) - 1, data[-1:])
        assert refused.status == 507, refused.data
        assert house.ask("/api/v1/assets").status == 200
        ballast.unlink()

        def asset() -> str:
            return house.ask(where, "HEAD", headers=TUS).headers.get("mediateka-asset", "")

        wait_for(asset, 30, "the upload is finished by itself")
        original = house.ask(f"/api/v1/assets/{asset()}/original").data
        assert hashlib.sha256(original).digest() == hashlib.sha256(data).digest()
        wait_for(
            lambda: house.ask(f"/api/v1/assets/{asset()}").json["state"] == "ready",
            90,
            "it is ready",
        )


def fill(house: House, folder: Path) -> Path:
    """Leave not a byte on the house's small disk; returns what takes the room."""
    [pid] = house.pids("worker")
    ballast = Path(f"/proc/{pid}/root{folder}/ballast")
    with ballast.open("wb", buffering=0) as file:
        for size in (100_000, 1000, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    return ballast


def test_a_full_catalogue_refuses_what_is_new_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    settings = {
        "MEDIATEKA_CATALOGUE": f"sqlite:///{folder}/catalogue.db",
        "MEDIATEKA_LOW_WATER_BYTES": "0",
    }
    with running_house(tmp_path / "house", on_small_disk(folder), **settings) as house:
        kept = upload(house, "kept.jpg", jpeg(3))
        wait_for(lambda: house.ask("/api/v1/assets").json["total"] == 1, 20, "it is found")
        ballast = fill(house, folder)
        headers = TUS | {"Upload-Length": "10", "Upload-Metadata": encoded(filename="no.jpg")}
        refused = [house.ask("/api/v1/uploads", "POST", headers=headers) for _ in range(40)]
        assert {answer.status for answer in refused} <= {201, 507}
        assert refused[-1].status == 507, "the log may have had a little room left"
        assert house.ask("/api/v1/assets").status == 200
        assert house.ask(f"/api/v1/assets/{kept.asset}/original").data == jpeg(3)
        ballast.unlink()
        more = upload(house, "more.jpg", jpeg(4))
        wait_for(
            lambda: house.ask(f"/api/v1/assets/{more.asset}").json["state"] == "ready",
            90,
            "it goes on by itself",
        )


@pytest.mark.skipif(
    not os.environ.get("FAULT_UPLOADS"),
    reason="a paused queue waits a minute: `make faults` sets FAULT_UPLOADS",
)
def test_a_disk_without_room_for_renditions_pauses_the_queue_and_says_so(tmp_path: Path) -> None:
    objects = tmp_path / "objects"
    objects.mkdir()
    settings = {"MEDIATEKA_OBJECTS": f"file://{objects}", "MEDIATEKA_LOW_WATER_BYTES": "0"}
    with running_house(tmp_path / "house", on_small_disk(objects), **settings) as house:
        [worker] = house.pids("worker")
        os.kill(worker, signal.SIGSTOP)
        sent = upload(house, "wanted.jpg", photo_of(random.Random(6), 2_000_000))
        ballast = fill(house, objects)
        os.kill(worker, signal.SIGCONT)

        def paused() -> bool:
            said = house.command("doctor", "--json", check=False)
            return any("no-room" in finding["said"] for finding in json.loads(said))

        wait_for(paused, 30, "the doctor says why the queue waits")
        assert house.ask(f"/api/v1/assets/{sent.asset}/original").status == 200
        ballast.unlink()
        wait_for(
            lambda: house.ask(f"/api/v1/assets/{sent.asset}").json["state"] == "ready",
            90,
            "it goes on by itself",
        )
