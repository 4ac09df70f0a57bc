"""Good files, damaged by chance, go the whole way in: each ends ready or with a reason, and leaves nothing lying about."""

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from depositing import send

from archive.model.asset import State
from archive.model.ids import AssetId
from archive.model.job import Queue
from ingest.receive import Limits
from workers.dispatch import Dispatcher, Timing
from workers.handlers import handlers

MUTATIONS = int(os.environ.get("FUZZ_MUTATIONS", "12"))  # `make fuzz` asks for 500
LARGEST = 1_500_000
LARGEST_FILM = 130_000  # short ones: hundreds are made into ladders
KIND = os.environ.get("FUZZ_KIND")  # a folder of the media, to look at one kind alone
HEADER = 512
BUDGET_SECONDS = 60


def good_files(media: Path) -> list[Path]:
    found = [
        path
        for folder in ("photos", "press", "duplicates")
        for path in sorted((media / folder).rglob("*.*"))
        if path.suffix.lower() in {".jpg", ".png", ".webp", ".tif", ".heic", ".avif", ".gif"}
        and path.stat().st_size <= LARGEST
    ]
    found += [
        path
        for folder in ("videos", "audio")
        for path in sorted((media / folder).glob("*.*"))
        if path.stat().st_size <= LARGEST_FILM
    ]
    assert len({path.read_bytes() for path in found}) >= 40
    return found


def truncated(data: bytearray, chance: random.Random, _other: bytes) -> bytes:
    return bytes(data[: chance.randrange(1, len(data))])


def flipped(data: bytearray, chance: random.Random, _other: bytes) -> bytes:
    for _ in range(chance.choice((1, 8, 64, 512))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def spliced(data: bytearray, chance: random.Random, other: bytes) -> bytes:
    at, begin = chance.randrange(len(data)), chance.randrange(len(other))
    return bytes(data[:at]) + other[begin : begin + chance.randrange(1, 65536)] + bytes(data[at:])


def header_edited(data: bytearray, chance: random.Random, _other: bytes) -> bytes:
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(4, min(HEADER, len(data) - 4))
        data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", chance.randbytes(4)))
    return bytes(data)


WAYS = (truncated, flipped, spliced, header_edited)


@pytest.fixture
def unlimited(receiver):
    receiver._limits = Limits(low_water_bytes=0, bytes_a_day=10**12)
    return receiver


def test_damaged_files_end_ready_or_with_a_reason(
    unlimited, photographer, catalogue, shop, clock, staging, media, tmp_path, seed
) -> None:
    print(f"\nseed {seed}, {MUTATIONS} mutations")
    chance, files, ends = random.Random(seed), good_files(media), Counter()
    files = [path for path in files if KIND in path.parts] if KIND else files
    dispatcher = Dispatcher(
        handlers(shop), catalogue=catalogue, clock=clock, owner="one", timing=Timing()
    )
    before, slowest = set(tmp_path.iterdir()) | {tmp_path / "staging", tmp_path / "objects"}, 0.0
    for number in range(MUTATIONS):
        path, way = chance.choice(files), chance.choice(WAYS)
        other = chance.choice(files).read_bytes()
        data = way(bytearray(path.read_bytes()), chance, other)
        case, began = f"seed {seed}, {number}: {path.name} {way.__name__}", time.monotonic()
        outcome = send(unlimited, photographer, data, name=path.name).outcome
        for _ in range(100):
            if not sum(dispatcher.run_one(queue) for queue in Queue):
                break
            clock.advance(3600)  # a job that tries again is due at once
        else:
            pytest.fail(f"{case}: work without end")
        slowest = max(slowest, time.monotonic() - began)
        assert slowest <= BUDGET_SECONDS, case
        ends[ending_of(outcome, catalogue, case)] += 1
        assert list(shop.scratch.iterdir()) == list(staging.folder.iterdir()) == [], case
    assert set(tmp_path.iterdir()) <= before | {tmp_path / "objects"}
    print(f"{dict(ends)}, slowest {slowest:.1f} s")
    assert ends.total() == MUTATIONS


def ending_of(outcome, catalogue, case: str) -> str:
    if outcome["outcome"] == "refused":
        assert outcome["reason"], case
        return f"refused: {outcome['reason']}"
    with catalogue.reading() as tx:
        asset = tx.assets.get(AssetId(outcome["asset"]))
    if asset.state is State.READY:
        return "ready"
    assert asset.state is State.ATTENTION, f"{case}: {asset.state}"
    assert asset.trouble is not None, case
    assert asset.trouble.reason, case
    return f"attention: {asset.trouble.reason}"
