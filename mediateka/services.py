"""Wiring: settings in, the parts of a house out. Leaving the `with` block closes them."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archive import faults
from archive.catalogue.engine import Catalogue
from archive.catalogue.housekeeping import ARCHIVE_ID, LEAVING, MOVED, MOVING
from archive.clock import Clock, utc_now
from archive.doorbell import Doorbell
from archive.errors import (
    CatalogueUnavailable,
    Misconfigured,
    ObjectsUnavailable,
    SearchUnavailable,
)
from archive.objects.cache import Cache
from archive.objects.files import FileObjects
from archive.objects.port import ObjectStore
from ingest.adopt import Adoption
from ingest.receive import Receiver
from ingest.staging import Staging
from ingest.tending import Tender
from mediateka.settings import Settings, scheme, secret_of
from search.index.embedded import EmbeddedIndex
from search.index.port import SearchIndex
from web.parts import Parts, WebSettings
from workers.doorbell.local import LocalDoorbell

log = logging.getLogger(__name__)
BELLS = ("local", "celery+redis", "celery+rediss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of one house; they never leave this package together."""

    settings: Settings
    catalogue: Catalogue
    objects: ObjectStore
    index: SearchIndex
    doorbell: Doorbell
    adoption: Adoption
    receiver: Receiver
    clock: Clock
    secret: bytes


@contextmanager
def build(settings: Settings, *, migrates: bool = True, moves: bool = False) -> Iterator[Services]:
    """Open the parts that the settings name and bring them to this version; Misconfigured names the setting at fault.

    The doctor asks without changing anything: `migrates` False. A house that leaves, or has left, opens only to who `moves` it.
    """
    faults.arm(settings.faults)
    with (
        closing(open_index(settings)) as index,
        closing(_doorbell(settings)) as doorbell,
        closing(Catalogue.open(settings.catalogue, clock=utc_now, doorbell=doorbell)) as catalogue,
    ):
        if migrates:
            catalogue.migrate()
            _require_at_home(catalogue, moves=moves)
        objects = open_objects(settings, _known_archive(catalogue))
        adoption = Adoption(
            catalogue=catalogue,
            objects=objects,
            staging=Staging(settings.staging),
            clock=utc_now,
            public_url=settings.public_url,
        )
        services = Services(
            settings=settings,
            catalogue=catalogue,
            objects=objects,
            index=index,
            doorbell=doorbell,
            adoption=adoption,
            receiver=_receiver(adoption, settings, makes_node=migrates),
            clock=utc_now,
            secret=secret_of(settings),
        )
        if migrates:
            _prepare(services)
        yield services


def _receiver(adoption: Adoption, settings: Settings, *, makes_node: bool) -> Receiver:
    staging = adoption.staging
    return Receiver(
        catalogue=adoption.catalogue,
        objects=adoption.objects,
        staging=staging,
        adoption=adoption,
        clock=utc_now,
        node=staging.node(settings.node) if makes_node else "",
        limits=settings.limits,
    )


def _require_at_home(catalogue: Catalogue, *, moves: bool) -> None:
    """Misconfigured for a catalogue that a move has left, or has not finished filling."""
    with catalogue.reading() as tx:
        moved, leaving, moving = (tx.meta.get(mark) for mark in (MOVED, LEAVING, MOVING))
    if moving is not None:
        raise Misconfigured(
            "MEDIATEKA_CATALOGUE: a move into this catalogue was not finished; run it again where it began"
        )
    if moves:
        return
    for mark, said in ((moved, "moved"), (leaving, "is moving")):
        if mark is not None:
            raise Misconfigured(
                f"MEDIATEKA_CATALOGUE: this house {said} to {mark}; `mediateka move --stay` takes it up again here"
            )


def _prepare(services: Services) -> None:
    """Bring store and index to this version: marker, the archive's id in catalogue and store.

    Once the archive is known, a store or an index that is away is no reason not to start: what needs it waits.
    """
    with services.catalogue.writing() as tx:
        known = tx.meta.get(ARCHIVE_ID)
    try:
        found = services.objects.prepare()
    except ObjectsUnavailable as trouble:
        if known is None:
            raise
        log.warning("starting without the object store: %s", trouble)
        found = known
    if known is None:
        with services.catalogue.writing() as tx:
            tx.meta.set(ARCHIVE_ID, found)
    elif known != found:
        raise Misconfigured("MEDIATEKA_OBJECTS: this store belongs to another archive's catalogue")
    try:
        services.index.prepare()
    except SearchUnavailable as trouble:
        log.warning("starting without the index: %s", trouble)


def _known_archive(catalogue: Catalogue) -> str | None:
    """Whose store it must be, for those who only ask; a catalogue that does not answer says so when it is asked itself."""
    try:
        with catalogue.reading() as tx:
            return tx.meta.get(ARCHIVE_ID)
    except CatalogueUnavailable:
        return None


def tender(services: Services) -> Tender:
    """Who tends the staging of this process's node."""
    node, timing = services.receiver.node, services.settings.timing
    return Tender(
        catalogue=services.catalogue,
        staging=services.adoption.staging,
        adoption=services.adoption,
        clock=services.clock,
        node=node,
        owner=f"{node} {secrets.token_hex(4)}",  # processes in containers bear the same numbers
        lease_seconds=timing.lease_seconds,
        every_seconds=timing.sweep_seconds,
    )


def web_parts(services: Services) -> Parts:
    """What the web room is given."""
    settings = services.settings
    return Parts(
        catalogue=services.catalogue,
        objects=services.objects,
        index=services.index,
        receiver=services.receiver,
        clock=services.clock,
        settings=WebSettings(
            public_url=settings.public_url,
            secret_key=services.secret,
            zone=settings.zone,
            proxies=settings.proxies,
        ),
    )


def open_objects(settings: Settings, archive_id: str | None) -> ObjectStore:
    """The store that the settings name; it must bear the archive's id where one is given."""
    setting = "MEDIATEKA_OBJECTS"
    known = ("file", "minio+http", "minio+https")
    match scheme(settings.objects, setting, known):
        case "file":
            return FileObjects(_path(settings.objects, setting), archive_id=archive_id)
        case _:
            from archive.objects.minio import MinioObjects  # noqa: PLC0415 - only who keeps there pays for it

            cache = Cache(settings.home / "cache", settings.cache_bytes)
            return MinioObjects(settings.objects, cache=cache, archive_id=archive_id)


def open_index(settings: Settings) -> SearchIndex:
    """The index that the settings name."""
    setting = "MEDIATEKA_SEARCH"
    known = ("tantivy", "elasticsearch+http", "elasticsearch+https")
    match scheme(settings.search, setting, known):
        case "elasticsearch+http" | "elasticsearch+https":
            from search.index.elastic.keeper import ElasticIndex  # noqa: PLC0415 - only who asks it pays for it

            return ElasticIndex(settings.search)
        case _:
            return EmbeddedIndex(_path(settings.search, setting))


def _doorbell(settings: Settings) -> Doorbell:
    match scheme(settings.queue, "MEDIATEKA_QUEUE", BELLS):
        case "local":
            return LocalDoorbell(settings.home)
        case _:
            from workers.doorbell.celery import CeleryDoorbell  # noqa: PLC0415 - only who rings it pays for it

            return CeleryDoorbell(settings.queue)


def _path(url: str, setting: str) -> Path:
    path = urlsplit(url).path
    if not path.startswith("/"):
        raise Misconfigured(f"{setting}: needs an absolute path, not {url!r}")
    return Path(path)
