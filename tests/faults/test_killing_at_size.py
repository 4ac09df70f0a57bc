"""F1 at the size of a pull request: 40 uploads, three of them clips, while processes of every role are killed; `make faults` asks for it."""

import os
import random
from pathlib import Path

import pytest
from chaos import torment
from clips import looped
from running_house import running_house, wait_for

pytestmark = pytest.mark.xdist_group("house")
UPLOADS = int(os.environ.get("FAULT_UPLOADS", "0"))
KILLS = int(os.environ.get("FAULT_KILLS", "20"))
SEED = os.environ.get("FAULT_SEED")
CLIENTS = 8
FEWEST_A_ROLE = 4
LARGEST = 12_000_000
CLIP_BYTES = 50_000_000
SOURCES = ("frog-h264-aac.mp4", "place-35s-low-resolution.mp4", "rotated-180.mp4")


def clips(media: Path, folder: Path, seed: int) -> list[tuple[str, bytes]]:
    """Three clips of the development media, the first one as large as a camera's."""
    videos = media / "videos"
    made = []
    for number, name in enumerate(SOURCES):
        target = folder / f"{seed}-{number}.mp4"
        times, noise = (6, 40) if number == 0 else (1, 6)
        data = looped(videos / name, target, times=times, noise=noise, seed=seed + number)
        assert len(data) <= CLIP_BYTES, len(data)
        made.append((target.name, data))
    return made


@pytest.mark.skipif(not UPLOADS, reason="minutes long: `make faults` sets FAULT_UPLOADS")
@pytest.mark.parametrize("run", [1, 2])
def test_many_uploads_survive_many_kills(tmp_path: Path, media: Path, run: int) -> None:
    seed = int(SEED) + run if SEED else random.SystemRandom().randrange(10**6)
    films = clips(media, tmp_path, seed)
    sizes = [f"{len(data) / 1e6:.1f} MB" for _, data in films]
    print(f"\nrun {run}, seed {seed}, clips of {', '.join(sizes)}")
    with running_house(tmp_path / "house") as house:
        report = torment(
            house,
            seed=seed,
            uploads=UPLOADS,
            kills=KILLS,
            largest=LARGEST,
            clients=CLIENTS,
            clips=films,
        )
        print(report)
        assert report.faults == [], house.log()[-3000:]
        assert min(report.kills.values()) >= FEWEST_A_ROLE, report
        assert house.stop() == 0
        wait_for(lambda: not house.orphans(), 10, "no process is without a parent")
