"""Moving a house: objects first, each proved and read back; then the catalogue, whole or not at all; then a new index.

A house that was left is marked and does not start again by mistake; one that is being moved into does not start before it is whole.
"""

import hashlib
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from archive import faults
from archive.catalogue.engine import Catalogue
from archive.catalogue.housekeeping import ARCHIVE_ID, LEAVING, MOVED, MOVING
from archive.clock import utc_now
from archive.errors import CatalogueUnavailable, Conflict, Misconfigured
from archive.ocfl.copying import Copied, StoreCopy
from ingest.tending import LEASE as STAGING
from mediateka.services import Services, open_index, open_objects
from mediateka.settings import Settings
from mediateka.waiting import until
from search.index.rebuild import rebuild
from search.indexer import LEASE as INDEXER
from workers.sweep import LEASE as SWEEPER

PART_OF = {
    "sqlite": "catalogue",
    "postgresql+psycopg": "catalogue",
    "file": "objects",
    "minio+http": "objects",
    "minio+https": "objects",
    "tantivy": "search",
    "elasticsearch+http": "search",
    "elasticsearch+https": "search",
    "local": "queue",
    "celery+redis": "queue",
    "celery+rediss": "queue",
}
POLL_SECONDS = 0.5
AT_WORK = {INDEXER, SWEEPER, STAGING}
LONGEST_WAIT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did."""

    copied: Copied
    rows: int
    indexed: int
    settings: Settings


def destination(settings: Settings, urls: tuple[str, ...]) -> Settings:
    """The settings of the house where each of these addresses replaces the part its scheme belongs to."""
    changed: dict[str, str] = {}
    for url in urls:
        scheme = url.partition(":")[0]
        part = PART_OF.get(scheme)
        if part is None:
            raise Misconfigured(f"--to: unknown scheme {scheme!r}; known: {', '.join(PART_OF)}")
        if part in changed:
            raise Misconfigured(f"--to: two addresses for the {part}")
        changed[part] = url
    target = replace(settings, **changed)  # type: ignore[arg-type] # all four are texts
    if (target.catalogue, target.objects) == (settings.catalogue, settings.objects):
        raise Misconfigured("--to: neither the catalogue nor the objects would move")
    return target


def move(
    services: Services,
    target: Settings,
    *,
    say: Callable[[str], None],
    said: Callable[[int, int], None],
) -> Moved:
    """Move the house of these services to where `target` says. Run it again after any interruption: it goes on."""
    _await_silence(services, say)
    with services.catalogue.reading() as tx:
        archive = tx.meta.get(ARCHIVE_ID) or ""
    if target.catalogue == services.settings.catalogue:
        copied, rows = _move_objects(services, target, archive, said), 0
        return Moved(copied, rows, _indexed(target, services.catalogue, say), target)
    with closing(Catalogue.open(target.catalogue, clock=utc_now)) as catalogue:
        if _has_left(services.catalogue, target):
            _arrive(catalogue, archive)
            return Moved(Copied(), 0, len(open_index(target).revisions()), target)
        _announce(catalogue, archive)
        _leave(services.catalogue, LEAVING, target)
        services.adoption.recover(services.receiver.node, older_than=timedelta(0))
        copied = _move_objects(services, target, archive, said)
        faults.point("move.before_rows")
        rows = services.catalogue.copy_to(catalogue, archive)
        faults.point("move.after_rows")
        indexed = _indexed(target, catalogue, say)
        _leave(services.catalogue, MOVED, target)
        faults.point("move.before_arrival")
        _arrive(catalogue, archive)
    shutil.rmtree(_folder(services), ignore_errors=True)
    return Moved(copied, rows, indexed, target)


def stay(catalogue: Catalogue) -> bool:
    """Take a house up again where it was left; False when it never left."""
    with catalogue.writing() as tx:
        had_moved = tx.meta.get(MOVED) is not None or tx.meta.get(LEAVING) is not None
        tx.meta.forget(MOVED)
        tx.meta.forget(LEAVING)
    return had_moved


def _await_silence(services: Services, say: Callable[[str], None]) -> None:
    """A house that is at work holds leases; those of one that was just stopped run out."""
    deadline = services.clock() + LONGEST_WAIT

    def is_silent() -> bool:
        with services.catalogue.reading() as tx:
            held = [lease for lease in tx.leases.held() if lease[0].split()[0] in AT_WORK]
        if held and services.clock() > deadline:
            name, owner = held[0]
            raise Conflict(f"the house is at work ({name}, {owner}): stop it first")
        return not held

    if not is_silent():
        say("waiting until nobody works in the house")
        until(is_silent, every_seconds=POLL_SECONDS)


def _has_left(catalogue: Catalogue, target: Settings) -> bool:
    """Whether all is done but the last word in the new place; Misconfigured when the house left for another."""
    with catalogue.reading() as tx:
        moved = tx.meta.get(MOVED)
    if moved not in {None, _without_secrets(target.catalogue)}:
        raise Misconfigured(f"--to: this house moved to {moved}")
    return moved is not None


def _announce(target: Catalogue, archive: str) -> None:
    """Mark the target as not whole yet; Misconfigured when another house lives there, which is not touched."""
    found = _marks(target)
    known = found.get(ARCHIVE_ID)
    is_ours = known == archive and (MOVED in found or MOVING in found)
    others = found.get(MOVING, archive) != archive
    if others or (known is not None and not is_ours):
        raise Misconfigured("--to: a house lives in that catalogue already; name an empty one")
    target.migrate()
    with target.writing() as tx:
        tx.meta.set(MOVING, archive)


def _marks(catalogue: Catalogue) -> dict[str, str]:
    """What a catalogue says of its house; nothing where there is none yet."""
    try:
        found, _ = catalogue.revisions()
    except CatalogueUnavailable:
        return {}  # a file that is not there; a server that is away says so when it is written to
    if found is None:
        return {}
    with catalogue.reading() as tx:
        marks = {mark: tx.meta.get(mark) for mark in (ARCHIVE_ID, MOVED, MOVING)}
    return {mark: said for mark, said in marks.items() if said is not None}


def _leave(catalogue: Catalogue, mark: str, target: Settings) -> None:
    """From the first object on the old house does not open; whatever a clock or a supervisor starts."""
    with catalogue.writing() as tx:
        tx.meta.forget(LEAVING)
        tx.meta.set(mark, _without_secrets(target.catalogue))


def _arrive(catalogue: Catalogue, archive: str) -> None:
    """The last word: the new house opens."""
    with catalogue.writing() as tx:
        if tx.meta.get(ARCHIVE_ID) != archive:
            raise Misconfigured("--to: the house left for that catalogue, and is not in it")
        tx.meta.forget(MOVING)


def _indexed(target: Settings, catalogue: Catalogue, say: Callable[[str], None]) -> int:
    say("building the index")
    with closing(open_index(target)) as index:
        index.prepare()
        held = rebuild(catalogue=catalogue, index=index)
        index.lay_down()
    return held


def _move_objects(
    services: Services, target: Settings, archive: str, said: Callable[[int, int], None]
) -> Copied:
    if target.objects == services.settings.objects:
        return Copied()
    objects = open_objects(target, archive)
    if objects.prepare(archive) != archive:
        raise Misconfigured("--to: the objects of another archive are there; name an empty place")
    with services.catalogue.reading() as tx:
        sha256 = dict(tx.assets.digests())
    name = hashlib.sha256(target.objects.encode()).hexdigest()[:16]
    folder = _folder(services)
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    copy = StoreCopy(
        source=services.objects,
        target=objects,
        scratch=folder / "scratch",
        journal=folder / f"{name}.jsonl",
        sha256=sha256,
        said=said,
    )
    return copy.run()


def _folder(services: Services) -> Path:
    return services.settings.home / "moving"


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
