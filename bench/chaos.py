"""Uploads while processes are killed, at the size of the record: 20 uploads, 10 kills, two seeds."""

import random
import sys

from chaos import torment
from running_house import FAST

from bench.ground import house


def main() -> None:
    seeds = [int(text) for text in sys.argv[1:]] or [
        random.SystemRandom().randrange(10**6) for _ in range(2)
    ]
    for seed in seeds:
        with house(**FAST) as running:
            print(torment(running, seed=seed, uploads=20, kills=10, largest=20_000_000), flush=True)
            status = running.stop()
            print(
                f"stopped with status {status}; {len(running.orphans())} processes without a parent",
                flush=True,
            )


if __name__ == "__main__":
    main()
