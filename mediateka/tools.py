"""What a working process is given: a sandbox that has proved itself, a scratch folder, handlers and their dispatcher."""

import logging
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

from archive.sandbox import check
from archive.sandbox.child import Sandbox
from archive.sandbox.kept import Keeping
from mediateka.services import Services
from mediateka.settings import Settings
from search.index.rebuild import drift, rebuild
from workers.dispatch import Dispatcher
from workers.handlers import Workshop, abandon, handlers

log = logging.getLogger(__name__)


def empty_scratch(settings: Settings) -> None:
    """Remove what a killed predecessor was working on; only whoever holds the home's lock may."""
    scratch = settings.home / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o750, exist_ok=True)


def proven_sandbox(settings: Settings) -> Sandbox:
    """The best sandbox of this machine, tried out."""
    sandbox, reports = check.choose(settings.home / "scratch", settings.rung)
    for report in reports:
        found = "holds" if report.holds else "; ".join(report.misses)
        log.info("sandbox: %s %s", report.rung, found)
    return sandbox


def workshop(services: Services, sandbox: Sandbox, scratch: Path) -> Workshop:
    """What handlers work with, in this folder; sandboxes kept open are closed by whoever leaves `sandbox.kept`."""
    kept = Keeping(sandbox.rung, scratch) if sandbox.rung else None
    return Workshop(
        catalogue=services.catalogue,
        objects=services.objects,
        clock=services.clock,
        zone=services.settings.zone,
        sandbox=replace(sandbox, scratch=scratch, kept=kept),
        scratch=scratch,
        rebuild=partial(_rebuild, services),
    )


def dispatcher(services: Services, shop: Workshop, owner: str) -> Dispatcher:
    """Runs jobs of any queue in this process."""
    return Dispatcher(
        handlers(shop),
        abandon=partial(abandon, shop=shop),
        catalogue=services.catalogue,
        clock=services.clock,
        owner=owner,
        timing=services.settings.timing,
    )


def _rebuild(services: Services) -> int:
    """Build the index anew; what an indexer in another process put into the old one meanwhile is put down once more."""
    held = rebuild(catalogue=services.catalogue, index=services.index)
    differing = drift(services.catalogue, services.index)
    with services.catalogue.writing() as tx:
        for asset, revision in differing.items():
            tx.index_due.put(asset, revision or 0)
    services.index.lay_down()  # whoever keeps the index up to date may be another process
    return held
