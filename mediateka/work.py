"""The worker process: builds the crew and lets it work until it is told to stop."""

import logging
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial

from archive.errors import NoSafeDecoder
from archive.model.job import RebuildIndex
from archive.sandbox import check
from archive.sandbox.child import Sandbox
from archive.sandbox.kept import Keeping
from mediateka.process import die_with_parent, only_one
from mediateka.services import Services, build
from mediateka.settings import Settings
from search.index.rebuild import drift, is_due, rebuild
from search.indexer import run as keep_index
from workers.dispatch import Dispatcher
from workers.doorbell.local import LocalListener
from workers.handlers import Workshop, abandon, handlers
from workers.run import Crew, run
from workers.sweep import Sweeper

log = logging.getLogger(__name__)
ROLE = "worker"
STOP_SECONDS = 20.0


def run_worker(settings: Settings, *, parent: int | None) -> None:
    """Work until SIGTERM or SIGINT; what runs is finished first, within STOP_SECONDS, the rest is handed back by its lease."""
    if parent is not None:
        die_with_parent(parent)
    os.umask(0o027)
    stop = threading.Event()

    def asked(_signal: int, _frame: object) -> None:
        stop.set()
        deadline = threading.Timer(STOP_SECONDS, os._exit, (0,))
        deadline.daemon = True
        deadline.start()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    with only_one(settings.home, ROLE), build(settings) as services:
        run(crew(services), stop)


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
    """The workers of a house: handlers with what they need, the sweeper, the indexer."""
    settings = services.settings
    # One by the lock on the home: a successor takes its leases over at once.
    owner = f"worker of {socket.gethostname()}"
    shop = _workshop(services)
    _catch_up(services, shop.sandbox)
    dispatcher = Dispatcher(
        handlers(shop),
        abandon=partial(abandon, shop=shop),
        catalogue=services.catalogue,
        clock=services.clock,
        owner=owner,
        timing=settings.timing,
    )
    sweeper = Sweeper(
        catalogue=services.catalogue,
        objects=services.objects,
        doorbell=services.doorbell,
        clock=services.clock,
        timing=settings.timing,
        owner=owner,
        compare_index=partial(drift, services.catalogue, services.index),
    )

    def index(stop: threading.Event) -> None:
        keep_index(
            catalogue=services.catalogue,
            index=services.index,
            stop=stop,
            wake=threading.Event(),
            owner=owner,
            lease_seconds=settings.timing.lease_seconds,
        )

    return Crew(
        dispatcher=dispatcher,
        sweeper=sweeper,
        index=index,
        listen=lambda wakes: LocalListener(settings.home, wakes),
        timing=settings.timing,
        tools=shop.sandbox.kept or nullcontext(),
    )


def _workshop(services: Services) -> Workshop:
    """What handlers work with: a sandbox that has proved itself, and an empty scratch folder."""
    settings = services.settings
    scratch = settings.home / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed predecessor was working on
    scratch.mkdir(mode=0o750)
    sandbox, reports = check.choose(scratch, settings.rung)
    for report in reports:
        found = "holds" if report.holds else "; ".join(report.misses)
        log.info("sandbox: %s %s", report.rung, found)
    if sandbox.rung:
        sandbox = replace(sandbox, kept=Keeping(sandbox.rung, scratch))
    return Workshop(
        catalogue=services.catalogue,
        objects=services.objects,
        clock=services.clock,
        zone=settings.zone,
        sandbox=sandbox,
        scratch=scratch,
        rebuild=partial(rebuild, catalogue=services.catalogue, index=services.index),
    )


def _catch_up(services: Services, sandbox: Sandbox) -> None:
    """What a start finds changed: decoding is safe again, or the index was made by another version."""
    rebuild_is_due = is_due(services.index)
    with services.catalogue.writing() as tx:
        if sandbox.rung is not None:
            tx.jobs.revive(NoSafeDecoder.code)
        if rebuild_is_due:
            tx.jobs.defer(RebuildIndex("index"))
