"""One process of a group's pool: opens a house of its own after the fork and runs one job whenever it is woken."""

import logging
import os
import shutil
from contextlib import ExitStack, suppress
from pathlib import Path

from archive.errors import MediatekaError
from archive.model.job import Queue
from archive.sandbox.child import Sandbox
from mediateka.services import build
from mediateka.settings import Settings
from mediateka.tools import dispatcher, workshop
from mediateka.work import owner_of
from workers.dispatch import Dispatcher
from workers.run import quietly

log = logging.getLogger(__name__)


class PoolProcess:
    """Nothing that is open is shared over a fork: `open` in each process of the pool, `close` before it ends."""

    def __init__(self, settings: Settings, sandbox: Sandbox) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._stack = ExitStack()
        self._dispatcher: Dispatcher | None = None

    def open(self) -> None:
        """Open what jobs need; where a part is away, the next job tries again."""
        os.umask(0o027)
        try:
            self._dispatcher = self._opened()
        except MediatekaError as trouble:
            log.warning("not ready to work: %s", trouble)
            self._stack.close()

    def work(self, queue: Queue) -> None:
        """Run a job of this queue, if one can be claimed. What cannot be done now is rung for again by the sweep."""
        if self._dispatcher is None:
            self.open()
        if self._dispatcher is not None:
            quietly(lambda: self._dispatcher is not None and self._dispatcher.run_one(queue))

    def close(self) -> None:
        """Close what was opened."""
        self._dispatcher = None
        self._stack.close()

    def _opened(self) -> Dispatcher:
        services = self._stack.enter_context(build(self._settings, migrates=False))
        services.objects.prepare()
        shop = workshop(services, self._sandbox, self._own_scratch())
        if shop.sandbox.kept:
            self._stack.enter_context(shop.sandbox.kept)
        return dispatcher(services, shop, owner_of(self._settings))

    def _own_scratch(self) -> Path:
        """A folder named after this process; those of processes that were killed are removed."""
        scratch = self._settings.home / "scratch"
        for folder in scratch.glob("pool-*"):
            if not _is_alive(int(folder.name.removeprefix("pool-"))):
                shutil.rmtree(folder, ignore_errors=True)
        own = scratch / f"pool-{os.getpid()}"
        own.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._stack.callback(shutil.rmtree, own, ignore_errors=True)
        return own


def _is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
