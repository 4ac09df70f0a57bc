"""The worker process: keeps house and has the queues worked until it is told to stop."""

import hashlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from archive.errors import MediatekaError, Misconfigured, NoSafeDecoder
from archive.model.job import RebuildIndex
from archive.sandbox.child import Sandbox
from mediateka.children import GROUPS_STOP_SECONDS, Child, watch
from mediateka.process import die_with_parent, only_one
from mediateka.services import BELLS, Services, build
from mediateka.settings import Settings, child_environment, scheme
from mediateka.tools import dispatcher, empty_scratch, proven_sandbox, workshop
from search.index.rebuild import is_due
from search.indexer import run as keep_index
from workers.doorbell.local import LocalListener
from workers.run import Crew, Housekeeping, kept, run
from workers.sweep import Sweeper

log = logging.getLogger(__name__)
ROLE = "worker"
STOP_SECONDS = 20.0
CLOCKS_APART_SECONDS = 2.0
SPARE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the queues of a house are worked: until `stop`, and then so many seconds longer at most."""

    work: Callable[[Services, threading.Event], None]
    stop_seconds: float


def way_of(settings: Settings) -> Way:
    """The way that the doorbell asks for: whoever is rung must be listening."""
    match scheme(settings.queue, "MEDIATEKA_QUEUE", BELLS):
        case "local":
            return Way(lambda services, stop: run(crew(services), stop), STOP_SECONDS)
        case _:
            return Way(work_in_groups, GROUPS_STOP_SECONDS + 2 * SPARE_SECONDS)


def run_worker(settings: Settings, *, parent: int | None) -> None:
    """Work until SIGTERM or SIGINT; what runs is finished first, what cannot be in time is given back."""
    if parent is not None:
        die_with_parent(parent)
    os.umask(0o027)
    way, stop = way_of(settings), threading.Event()
    with only_one(settings.home, ROLE), build(settings) as services:
        _require_time(services)

        def give_up() -> None:
            _hand_back(services)
            os._exit(0)

        def asked(_signal: int, _frame: object) -> None:
            stop.set()
            deadline = threading.Timer(way.stop_seconds, give_up)
            deadline.daemon = True
            deadline.start()

        signal.signal(signal.SIGTERM, asked)
        signal.signal(signal.SIGINT, asked)
        way.work(services, stop)
        _hand_back(services)


@contextmanager
def worker_in_this_process(settings: Settings) -> Iterator[None]:
    """Work in threads of this process as long as the block lasts (for a command line without a running house)."""
    with only_one(settings.home, ROLE), build(settings) as services:
        stop = threading.Event()
        thread = threading.Thread(target=run, args=(crew(services), stop), name="worker")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def crew(services: Services) -> Crew:
    """All the work of a house in one process: jobs in threads, the sweeper, the indexer."""
    settings = services.settings
    empty_scratch(settings)
    shop = workshop(services, proven_sandbox(settings), settings.home / "scratch")
    _catch_up(services, shop.sandbox)
    return Crew(
        dispatcher=dispatcher(services, shop, owner_of(settings)),
        house=housekeeping(services),
        hands=settings.hands,
        listen=lambda wakes: LocalListener(settings.home, wakes),
        tools=shop.sandbox.kept or nullcontext(),
    )


def work_in_groups(services: Services, stop: threading.Event) -> None:
    """Keep house in threads; a process below, with a group of its own for each queue, is woken by Celery."""
    settings = services.settings
    empty_scratch(settings)
    sandbox = proven_sandbox(settings)
    _catch_up(services, sandbox)
    rung = {"MEDIATEKA_SANDBOX": sandbox.rung} if sandbox.rung else {}
    queues = ",".join(f"{queue}={number}" for queue, number in settings.hands.items())
    groups = Child(
        "the groups", ["--queues", queues], child_environment(rung), module="mediateka.worker"
    )
    with kept(housekeeping(services).threads(stop), stop):
        watch([groups], stop, GROUPS_STOP_SECONDS + SPARE_SECONDS)


def housekeeping(services: Services) -> Housekeeping:
    """The sweeper and the indexer, each elected in the whole house by its lease."""
    settings = services.settings
    sweeper = Sweeper(
        catalogue=services.catalogue,
        objects=services.objects,
        doorbell=services.doorbell,
        clock=services.clock,
        timing=settings.timing,
        owner=owner_of(settings),
        index=services.index,
    )

    def index(stop: threading.Event) -> None:
        keep_index(
            catalogue=services.catalogue,
            index=services.index,
            stop=stop,
            wake=threading.Event(),
            owner=owner_of(settings),
            lease_seconds=settings.timing.lease_seconds,
        )

    return Housekeeping(sweeper=sweeper, index=index, timing=settings.timing)


def owner_of(settings: Settings) -> str:
    """Who holds this worker's leases: one by the lock on the home, so that a successor takes them over at once."""
    home = hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]
    return f"worker of {socket.gethostname()[:64]} {home}"


def _require_time(services: Services) -> None:
    """Leases are compared across machines: one whose clock goes wrong would take back the others' work."""
    ahead = services.catalogue.server_ahead_seconds()
    if abs(ahead) > CLOCKS_APART_SECONDS:
        raise Misconfigured(
            f"MEDIATEKA_CATALOGUE: the server's clock is {ahead:+.1f} s apart from this machine's; use NTP"
        )


def _hand_back(services: Services) -> None:
    """What this worker still holds is anybody's now; where that cannot be written down, the leases run out."""
    try:
        with services.catalogue.writing() as tx:
            given = tx.jobs.hand_back_all(owner_of(services.settings))
    except MediatekaError as trouble:
        log.warning("nothing is given back: %s", trouble)
        return
    if given:
        log.info("%d jobs are given back", given)


def _catch_up(services: Services, sandbox: Sandbox) -> None:
    """What a start finds changed: decoding is safe again, or the index was made by another version."""
    rebuild_is_due = is_due(services.index)
    with services.catalogue.writing() as tx:
        if sandbox.rung is not None:
            tx.jobs.revive(NoSafeDecoder.code)
        if rebuild_is_due:
            tx.jobs.defer(RebuildIndex("index"))
