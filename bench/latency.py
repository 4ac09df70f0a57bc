"""From the last byte of a photo to its hit in the search, on an idle house. Goal: p95 at most 2 s."""

import random
import time

from making import noisy_upscale
from running_house import PAUSE, upload

from bench.ground import MEDIA, house, spread

PHOTOS = 30
SMALLEST_BYTES = 2_000_000


def main() -> None:
    chance = random.Random(20261124)
    sources = sorted((MEDIA / "press").glob("*.[jJ]*[gG]"))
    waits, ready = [], []
    with house() as running:
        for number in range(PHOTOS):
            data = noisy_upscale(chance.choice(sources), chance, SMALLEST_BYTES)
            name = f"bench{number}x.jpg"
            sent = upload(running, name, data, piece=4 << 20)
            last_byte = time.monotonic()
            while running.ask(f"/api/v1/assets?q=bench{number}x").json["total"] == 0:
                PAUSE.wait(0.01)
            waits.append(time.monotonic() - last_byte)
            while running.ask(f"/api/v1/assets/{sent.asset}").json["state"] == "processing":
                PAUSE.wait(0.01)
            ready.append(time.monotonic() - last_byte)
            while running.ask("/metrics").data.decode().find("mediateka_index_due 0.0") < 0:
                PAUSE.wait(0.05)
    print(f"last byte answered to hit by file name: {spread(waits)}")
    print(f"last byte answered to ready (preview made): {spread(ready)}")


if __name__ == "__main__":
    main()
