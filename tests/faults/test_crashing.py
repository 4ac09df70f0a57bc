"""F2: a crash at every named point, once and twice in a row, by photographs and by films; then the invariants."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from chaos import Report, check, named_points, watched
from clips import marked
from making import jpeg
from running_house import House, Sent, running_house, upload, wait_for

from archive.faults import AGAIN

pytestmark = pytest.mark.xdist_group("house")
WANTED = os.environ.get("FAULT_UPLOADS")
PIECE = 4000


def crossed(
    house: House, armed: Path, point: str, times: int, number: int, clip: bytes
) -> list[Sent]:
    """Arm a point so that it kills so many times, send what reaches it, and wait until it has.

    What lies beyond a promise kept is not done again after a crash: there the second death is another file's.
    """
    files = [armed / point, *([armed / f"{point}{AGAIN}"] if times == 2 else [])]
    for file in files:
        file.touch()
    sent = []
    for part in range(times):
        name, data = f"{number}-{part}.jpg", jpeg(5000 + 10 * number + part)
        if point.startswith("film."):
            name, data = f"{number}-{part}.mp4", marked(clip, 10 * number + part)
        sent.append(upload(house, name, data, piece=PIECE))
        with suppress(AssertionError):
            wait_for(lambda: not any(file.exists() for file in files), 30, f"{point} is reached")
            return sent
    raise AssertionError(f"{point} was not reached {times} times")


@pytest.mark.skipif(not WANTED, reason="minutes long: `make faults` sets FAULT_UPLOADS")
def test_a_crash_at_every_point_once_and_twice_keeps_every_promise(tmp_path, media) -> None:
    armed, points = tmp_path / "points", named_points()
    armed.mkdir()
    clip = (media / "videos" / "tiny.3gp").read_bytes()
    report = Report(2)
    settings = {"MEDIATEKA_FAULTS": str(armed)}
    with running_house(tmp_path / "house", **settings) as house, watched(house, report) as kept:
        sent = [
            one
            for number, point in enumerate(points)
            for times in (1, 2)
            for one in crossed(house, armed, point, times, 2 * number + times, clip)
        ]
        check(house, sent, kept, report)
        print(
            f"\n{len(points)} points, {3 * len(points)} crashes at {2 * len(points)} crossings; {report}"
        )
        assert report.faults == [], house.log()[-3000:]
        assert 2 * len(points) >= 40
        assert house.stop() == 0
        wait_for(lambda: not house.orphans(), 10, "no process is without a parent")
