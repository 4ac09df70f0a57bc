"""Uploads while processes are killed at random, then the invariants: nothing acknowledged is lost, nothing is done twice."""

import hashlib
import os
import random
import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

from making import jpeg
from running_house import PAUSE, ROOT, House, Sent, command_of, reap, upload, wait_for

from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.model.asset import Asset, AssetType, Reason, State
from archive.model.job import JobState

ROOMS = ("archive", "ingest", "transcode", "search", "workers")
DECLARED = ("version_inventory", "version_sidecar", "root_inventory", "root_sidecar", "declaration")
NO_DEPOSITS = ("reindex.", "migrate.", "move.")  # what reaches these has tests of its own
ROLES = ("server parent", "server worker", "worker", "children")
FFMPEG = "ffmpeg"
LOOKED_FOR_SECONDS = 60.0
CLIENTS = 4
SETTLED_SECONDS = 300.0  # I5: within five minutes of the last fault
SWEPT_SECONDS = 15.0


def named_points() -> list[str]:
    """Every point of every writer that a deposit reaches, those of films among them."""
    found = {f"adopt.after_{step}" for step in DECLARED}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            found |= set(re.findall(r'faults\.point\("([^"]+)"\)', path.read_text()))
    return sorted(point for point in found if not point.startswith(NO_DEPOSITS))


@dataclass
class Report:
    seed: int
    kills: dict[str, int] = field(default_factory=dict)
    uploads: int = 0
    megabytes: float = 0.0
    retries: int = 0
    parked: int = 0
    embargo_polls: int = 0
    embargo_leaks: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = ", ".join(f"{role} {number}" for role, number in self.kills.items())
        return (
            f"seed {self.seed}: {self.uploads} uploads, {self.megabytes:.1f} MB, killed: {kills}; {self.retries} retries; {self.parked} films parked; "
            f"embargo polled {self.embargo_polls} times, {self.embargo_leaks} leaks; faults: {self.faults or 'none'}"
        )


def photo_of(chance: random.Random, size_bytes: int) -> bytes:
    """A noisy JPEG of about this size."""
    side = max(40, int((size_bytes / 0.95) ** 0.5))
    return jpeg(chance.randrange(1 << 30), (side, side))


def torment(
    house: House,
    *,
    seed: int,
    uploads: int,
    kills: int,
    largest: int,
    clients: int = CLIENTS,
    clips: Sequence[tuple[str, bytes]] = (),
    others: Sequence[str] = (),
) -> Report:
    """Send photos and clips by several clients while processes die; wait until all is quiet; check I1 to I8 and I11.

    `others` die besides the processes that every house has.
    """
    chance = random.Random(seed)
    roles = (*ROLES, *([FFMPEG] if clips else []), *others)
    report = Report(seed, kills=dict.fromkeys(roles, 0), uploads=uploads)
    files = [
        (f"{seed}-{n}.jpg", photo_of(chance, chance.randint(200_000, largest)))
        for n in range(uploads - len(clips))
    ]
    files += clips
    chance.shuffle(files)
    report.megabytes = sum(len(data) for _, data in files) / 1e6
    killer = threading.Thread(target=_kill, args=(house, chance, kills, report))
    with watched(house, report) as embargoed:
        killer.start()
        try:
            with ThreadPoolExecutor(clients) as sending:
                sent = list(sending.map(lambda file: upload(house, *file, seconds=300), files))
        finally:
            killer.join()
        check(house, sent, embargoed, report)
    return report


@contextmanager
def watched(house: House, report: Report) -> Iterator[str]:
    """Deposit something under embargo and ask for it as the public as long as the block lasts (I11); gives its id."""
    embargoed = _deposit_embargoed(house, report.seed)
    stop = threading.Event()
    poller = threading.Thread(target=_poll, args=(house, embargoed, stop, report))
    poller.start()
    try:
        yield embargoed
    finally:
        stop.set()
        poller.join()


def _deposit_embargoed(house: House, seed: int) -> str:
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    sent = upload(house, f"embargo-{seed}.jpg", jpeg(seed + 1), embargo_until=until, publish="true")
    return sent.asset


def _poll(house: House, asset: str, stop: threading.Event, report: Report) -> None:
    """Ask for what is under embargo, as the public, on every path, all the while (I11)."""
    paths = ("", "/original", "/renditions/preview", "/renditions/thumbnail")
    while not stop.wait(0.1):
        for tail in paths:
            with suppress(OSError, ValueError, HTTPException):
                report.embargo_polls += 1
                report.embargo_leaks += (
                    house.ask(f"/api/v1/assets/{asset}{tail}", token=False).status == 200
                )
        with suppress(OSError, ValueError, HTTPException):
            found = house.ask("/api/v1/assets", token=False)
            report.embargo_leaks += found.status == 200 and any(
                item["id"] == asset for item in found.json["items"]
            )


def _kill(house: House, chance: random.Random, kills: int, report: Report) -> None:
    """Kill one process after another, every role in turn, while uploads run and a little after."""
    roles = tuple(report.kills)
    for number in range(kills):
        role = roles[number % len(roles)]
        deadline = time.monotonic() + LOOKED_FOR_SECONDS
        while time.monotonic() < deadline:  # children come and go: wait for one
            if (found := _alive(house, role)) and _killed(chance.choice(found)):
                report.kills[role] += 1
                break
            PAUSE.wait(0.02)
        PAUSE.wait(chance.uniform(0.3, 1.2))


def _killed(pid: int) -> bool:
    """Whether it was there to be killed."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _alive(house: House, role: str) -> list[int]:
    if role != FFMPEG:
        return house.pids(role)
    return [pid for pid in house.pids("children") if "/ffmpeg " in command_of(pid)]


def check(
    house: House,
    sent: list[Sent],
    embargoed: str,
    report: Report,
    earlier: AbstractSet[str] = frozenset(),
) -> None:
    """I1 to I8 and I11, once all is quiet; what does not hold is named in the report. `earlier` were in the house before."""
    catalogue = Catalogue.open(house.catalogue, clock=utc_now)
    added = {one.asset for one in sent} | {embargoed}
    wanted = added | earlier
    try:
        wait_for(house.answers, SETTLED_SECONDS, "the house answers again")
        wait_for(
            lambda: _is_quiet(catalogue, house.node),
            SETTLED_SECONDS,
            "all jobs done, index up to date",
        )
        report.retries = sum(one.retries for one in sent)
        faults = report.faults
        faults += [f"I2 {one.name}" for one in sent if one.offsets_went_back]
        for one in sent:
            answer = house.ask(f"/api/v1/assets/{one.asset}/original")
            if answer.status != 200 or hashlib.sha256(answer.data).hexdigest() != one.sha256:
                faults.append(f"I1 {one.name}: {answer.status}")
        with catalogue.reading() as tx:
            assets = tx.assets.after(None, 1000)
            counts = tx.jobs.counts()
        faults += [f"I3 {asset.id}" for asset in assets if asset.original.verified_at is None]
        if {asset.id for asset in assets} != wanted or len(added) != len(sent) + 1:
            faults.append(f"I4 {len(assets) - len(earlier)} assets for {len(sent) + 1} uploads")
        report.parked = sum(map(_is_killed_film, assets))
        faults += [
            f"I5 {asset.id} {asset.trouble}"
            for asset in assets
            if asset.state is not State.READY and not _is_killed_film(asset)
        ]
        settled = {JobState.DONE} | ({JobState.PARKED} if report.parked else set())
        faults += [f"I5 {state}" for (_, state) in counts if state not in settled]
        reap()
        faults += [f"I6 process {pid}" for pid in house.orphans()]
        with suppress(AssertionError):  # what a killed process left is swept within moments
            wait_for(lambda: not _leftovers(house.home), SWEPT_SECONDS, "nothing is left over")
        faults += _leftovers(house.home)
        faults += _compare_index(house, {asset.id: asset.revision for asset in assets})
        if report.embargo_leaks:
            faults.append("I11")
    finally:
        catalogue.close()


def _is_killed_film(asset: Asset) -> bool:
    """A film whose ffmpeg was killed in both attempts: parked with that reason, for a person to try again."""
    trouble = asset.trouble
    return (
        asset.type is AssetType.VIDEO
        and trouble is not None
        and (trouble.reason, trouble.detail) == (Reason.OVER_BUDGET, "memory")
    )


def _is_quiet(catalogue: Catalogue, node: str) -> bool:
    with catalogue.reading() as tx:
        counts = tx.jobs.counts()
        waiting = [state for (_, state) in counts if state in {JobState.READY, JobState.RUNNING}]
        return (
            not waiting
            and tx.index_due.count() == 0
            and not list(tx.originals.unfinished(node, utc_now()))
        )


def files_in(scratch: Path) -> list[Path]:
    """What is worked on; the folders of sandboxes that are kept open are empty between runs."""
    # A folder may go while it is looked at: `walk` passes over it.
    walked = ((Path(folder), names) for folder, _, names in os.walk(scratch))
    found = [(folder / name).relative_to(scratch) for folder, names in walked for name in names]
    places = [scratch, *scratch.glob("pool-*")]  # one for each process of a pool
    works = [path.relative_to(scratch) for place in places for path in place.glob("*")]
    return [*found, *(path for path in works if not path.name.startswith(("kept-", "pool-")))]


def _leftovers(home: Path) -> list[str]:
    """I7: no staged file, no scratch folder, nothing aside in the store."""
    staged = [path.relative_to(home) for path in (home / "staging").glob("[!.]*")]
    return [f"I7 {path}" for path in (*staged, *files_in(home / "scratch"))]


def _compare_index(house: House, wanted: dict[str, int]) -> list[str]:
    """I8: what search shows is what the catalogue holds."""
    page = house.ask("/api/v1/assets?limit=200").json
    shown = {item["id"]: item["revision"] for item in page["items"]}
    same = shown == wanted and page["total"] == len(wanted)
    return [] if same else [f"I8 {page['total']} found, {len(wanted)} held"]
