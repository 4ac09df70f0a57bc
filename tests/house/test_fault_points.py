"""A process dies at every named point of every writer, once; the house heals and every promise holds."""

import hashlib
from pathlib import Path

import pytest
from chaos import named_points
from making import jpeg
from running_house import running_house, upload, wait_for

pytestmark = pytest.mark.xdist_group("house")


def test_a_crash_at_every_point_leaves_nothing_lost_and_nothing_doubled(tmp_path: Path) -> None:
    points = [point for point in named_points() if not point.startswith("film.")]
    armed = tmp_path / "points"
    armed.mkdir()
    with running_house(tmp_path / "house", MEDIATEKA_FAULTS=str(armed)) as house:
        digests = {}
        for number, point in enumerate(points):
            (armed / point).touch()
            data = jpeg(1000 + number)
            sent = upload(house, f"{number}.jpg", data, piece=4000)
            digests[sent.asset] = hashlib.sha256(data).hexdigest()
            wait_for(lambda point=point: not (armed / point).exists(), 20, f"{point} is reached")

        def is_ready(asset: str) -> bool:
            return house.ask(f"/api/v1/assets/{asset}").json["state"] == "ready"

        for asset, digest in digests.items():
            wait_for(
                lambda asset=asset: house.answers() and is_ready(asset), 30, f"{asset} is ready"
            )
            assert (
                hashlib.sha256(house.ask(f"/api/v1/assets/{asset}/original").data).hexdigest()
                == digest
            )
        wait_for(
            lambda: house.ask("/api/v1/assets").json["total"] == len(points),
            30,
            "the index knows all",
        )
        print(f"\n{len(points)} points, each crashed once")
        assert len(digests) == len(points) >= 15
        assert house.stop() == 0
        wait_for(lambda: not house.orphans(), 10, "no process is without a parent", house.left)
