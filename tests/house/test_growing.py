"""Two web processes and two workers side by side: uploads are led to the node that holds their bytes, work is done once."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import four_addresses
from making import jpeg
from running_house import OFFSET_TYPE, ROOT, TUS, House, running_house, wait_for

from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.model.job import JobState

pytestmark = pytest.mark.xdist_group("house")
PHOTOS = 6
SECONDS = 60


@contextmanager
def second_half(first: House, home: Path) -> Iterator[House]:
    """Another machine's web and worker, with a home of their own."""
    home.mkdir()
    settings = first.settings | {"MEDIATEKA_NODE": "web-2"}
    second = House(home, settings=settings, token=first.token)
    commands = (["web", "--port", str(second.port)], ["worker"])
    with (home / "log").open("wb") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "mediateka", *command],
                env=second.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
            for command in commands
        ]
    try:
        wait_for(second.answers, SECONDS, "the second web process answers")
        yield second
    finally:
        for process in started:
            process.terminate()
        assert [process.wait(60) for process in started] == [0, 0]


def begin(house: House, name: str, size: int) -> str:
    made = house.ask("/api/v1/uploads", "POST", headers=TUS | {"Upload-Length": str(size)})
    assert made.status == 201, name
    return "/api/" + made.headers["location"].partition("/api/")[2]


def send(house: House, where: str, offset: int, data: bytes):
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": OFFSET_TYPE}
    return house.ask(where, "PATCH", body=data, headers=headers)


def test_two_nodes_take_in_and_two_workers_work(tmp_path: Path) -> None:
    with four_addresses() as four:
        shared = four | {"MEDIATEKA_SECRET_KEY": "k" * 64, "MEDIATEKA_NODE": "web-1"}
        with (
            running_house(tmp_path / "one", **shared) as first,
            second_half(first, tmp_path / "two") as second,
        ):
            nodes = {"web-1": first, "web-2": second}
            assets = []
            for number in range(PHOTOS):
                data = jpeg(number, (900, 700))
                asked = (first, second)[number % 2]
                where = begin(asked, f"{number}.jpg", len(data))
                node = where.rpartition("/")[2].partition(".")[0]
                assert nodes[node] is asked
                half = len(data) // 2
                assert send(nodes[node], where, 0, data[:half]).status == 204
                other = second if asked is first else first
                elsewhere = send(other, where, half, data[half:])
                assert (elsewhere.status, elsewhere.json["code"]) == (503, "on-another-node")
                last = send(nodes[node], where, half, data[half:])
                assets.append(last.headers["mediateka-asset"])
                # What is finished is known everywhere.
                assert other.ask(where, "HEAD", headers=TUS).status == 200
            for asset in assets:
                path = f"/api/v1/assets/{asset}"
                for house in (first, second):
                    wait_for(
                        lambda house=house, path=path: house.ask(path).json["state"] == "ready",
                        SECONDS,
                        f"{asset} is ready",
                    )
            require_done_once(four["MEDIATEKA_CATALOGUE"], assets)
            assert first.ask("/api/v1/assets").json["total"] == PHOTOS
        ended = replace(first, process=None)
        wait_for(lambda: not ended.orphans(), 10, "no process is without a parent")


def require_done_once(url: str, assets: list[str]) -> None:
    catalogue = Catalogue.open(url, clock=utc_now)
    with catalogue.reading() as tx:
        jobs = [job for asset in assets for job in tx.jobs.of(asset)]
        rendered = [
            entry.act
            for asset in assets
            for entry in tx.audit.of(asset)
            if entry.act == "asset.rendered"
        ]
    catalogue.close()
    assert {job.state for job in jobs} == {JobState.DONE}
    assert {job.attempt for job in jobs} == {1}
    assert len(rendered) == len(assets)
