"""Ask every part how it is; each finding says what was found and, when it is bad, what to do."""

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from archive.errors import MediatekaError
from archive.model.job import JobState
from archive.sandbox import check
from ingest.staging import free_bytes
from mediateka.services import Services
from mediateka.work import CLOCKS_APART_SECONDS
from search.analysis.version import analyser_version
from search.index.port import Versions
from workers.sweep import LEASE as SWEEPER

ROOMS = ("archive", "ingest", "transcode", "search", "web", "workers", "mediateka")
PROGRAMS = {
    "exiftool": "reads metadata; Debian's package libimage-exiftool-perl",
    "ffmpeg": "makes what plays; Debian's package ffmpeg",
    "bwrap": "the first rung of the sandbox; Debian's package bubblewrap",
}
OLD_INDEX_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """What one part answered."""

    part: str
    is_well: bool
    said: str
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


def examine(services: Services) -> list[Finding]:
    """Ask every part; a part that fails does not hide the others."""
    questions: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("python", _python),
        ("programs", _programs),
        ("sandbox", lambda: _sandbox(services)),
        ("catalogue", lambda: _catalogue(services)),
        ("clock", lambda: _clock(services)),
        ("objects", lambda: _objects(services)),
        ("search", lambda: _search(services)),
        ("worker", lambda: _worker(services)),
        ("jobs", lambda: _jobs(services)),
    )
    findings: list[Finding] = []
    for part, ask in questions:
        try:
            findings += ask()
        except MediatekaError as trouble:
            findings.append(Finding(part, False, f"{trouble.code}: {trouble}"))
    return findings


def _python() -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    owners = importlib.metadata.packages_distributions()
    others = {room: owners[room] for room in ROOMS if set(owners.get(room, ())) - {"mediateka"}}
    said = "nobody else claims the seven packages" if not others else f"claimed by others: {others}"
    yield Finding(
        "packages", not others, said, "" if not others else "use an environment of its own"
    )


def _programs() -> Iterator[Finding]:
    for program, purpose in PROGRAMS.items():
        found = shutil.which(program)
        yield Finding(
            program,
            found is not None,
            found or f"not found; {purpose}",
            "" if found else "make setup",
        )


def _sandbox(services: Services) -> Iterator[Finding]:
    sandbox, reports = check.choose(services.settings.home / "scratch", services.settings.rung)
    misses = "; ".join(f"{report.rung}: {miss}" for report in reports for miss in report.misses)
    if sandbox.rung is None:
        yield Finding("sandbox", False, f"nothing is decoded: {misses}", "install bubblewrap")
        return
    yield Finding("sandbox", True, f"untrusted files are opened under {sandbox.rung}")


def _catalogue(services: Services) -> Iterator[Finding]:
    services.catalogue.ping()
    found, wanted = services.catalogue.revisions()
    same = found == wanted
    yield Finding(
        "catalogue",
        same,
        f"schema {found}",
        "" if same else f"start the house once: it migrates to {wanted}",
    )


def _clock(services: Services) -> Iterator[Finding]:
    """Leases compare the clocks of all machines that work."""
    ahead = services.catalogue.server_ahead_seconds()
    agrees = abs(ahead) <= CLOCKS_APART_SECONDS
    said = f"the catalogue's server is {ahead:+.1f} s apart"
    yield Finding("clock", agrees, said, "" if agrees else "let every machine keep time by NTP")


def _objects(services: Services) -> Iterator[Finding]:
    services.objects.ping()
    yield Finding("objects", True, "the store answers and carries its marker")
    staging = services.adoption.staging.folder
    free, total = free_bytes(next(one for one in (staging, *staging.parents) if one.exists()))
    low = services.settings.limits.low_water_bytes
    low = min(total // 10, 20 * 10**9) if low is None else low
    yield Finding(
        "room",
        free > low,
        f"{free // 10**6} MB free, deposits stop below {low // 10**6} MB",
        "" if free > low else "make room",
    )


def _search(services: Services) -> Iterator[Finding]:
    services.index.ping()
    versions: Versions = services.index.versions()
    same = versions.analyser == analyser_version()
    yield Finding(
        "search",
        same,
        f"build {versions.build}, analyser {versions.analyser}",
        "" if same else "mediateka reindex",
    )
    with services.catalogue.reading() as tx:
        due, oldest = tx.index_due.count(), tx.index_due.oldest()
    age = (services.clock() - oldest).total_seconds() if oldest else 0.0
    yield Finding(
        "index", age < OLD_INDEX_SECONDS, f"{due} assets wait, the oldest for {age:.0f} s"
    )


def _worker(services: Services) -> Iterator[Finding]:
    services.doorbell.ping()
    with services.catalogue.reading() as tx:
        is_swept = any(name == SWEEPER for name, _ in tx.leases.held())
    advice = "" if is_swept else "mediateka worker"
    yield Finding("worker", is_swept, "listens" if is_swept else "nobody is at work", advice)


def _jobs(services: Services) -> Iterator[Finding]:
    with services.catalogue.reading() as tx:
        counts, pauses, troubles = tx.jobs.counts(), tx.jobs.pauses(), tx.jobs.troubles()
    parked = sum(number for (_, state), number in counts.items() if state is JobState.PARKED)
    waiting = sum(number for (_, state), number in counts.items() if state is JobState.READY)
    yield Finding("jobs", True, f"{waiting} waiting, {parked} parked with their reason")
    for code, number in troubles.items():
        yield Finding("jobs", False, f"{number} are tried again after {code}", "see the log")
    for queue, reason in pauses.items():
        yield Finding(f"queue {queue}", False, f"pauses: {reason}")
