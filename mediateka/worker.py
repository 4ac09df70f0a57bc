"""The entry of Celery's worker processes: builds the application at import, as Celery expects. Nothing imports this module.

`python -m mediateka.worker --queues interactive=2,render` imports all once and forks one group a queue from it: a process that
listens to the broker, and the pool that it forks in turn. `mediateka worker` starts it.
"""

import argparse
import gc
import signal
import socket
import threading
from functools import partial

import celery.apps.worker
import celery.concurrency.prefork  # noqa: F401 - shared by all that are forked
import kombu.transport.redis  # noqa: F401 - the same
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown

from mediateka.children import GROUPS_STOP_SECONDS, ForkedChild, watch
from mediateka.logs import set_up_logging
from mediateka.pool import PoolProcess
from mediateka.process import die_with_parent
from mediateka.settings import read_hands, read_settings
from mediateka.tools import proven_sandbox
from workers.doorbell.celery import listen, make_app, run_group

_asked = argparse.ArgumentParser(prog="mediateka.worker")
_asked.add_argument("--queues", type=read_hands, required=True)
_asked.add_argument("--parent", type=int)

if __name__ == "__main__":
    _options = _asked.parse_args()
    die_with_parent(_options.parent)

_settings = read_settings()
set_up_logging(as_json=_settings.log_json)
_process = PoolProcess(_settings, proven_sandbox(_settings))
app = make_app(_settings.queue)
listen(app, _process.work)


def _logs_are_ours(**_facts: object) -> None:
    """Celery sets up logging only where nobody answers this."""


def _begin(**_facts: object) -> None:
    _process.open()


def _end(**_facts: object) -> None:
    _process.close()


setup_logging.connect(_logs_are_ours)
worker_process_init.connect(_begin)
worker_process_shutdown.connect(_end)

if __name__ == "__main__":
    _stop = threading.Event()
    for _number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(_number, lambda _signal, _frame: _stop.set())
    _groups = [
        ForkedChild(
            f"the {queue} group",
            work=partial(run_group, app, queue, processes, socket.gethostname()),
        )
        for queue, processes in _options.queues.items()
    ]
    gc.collect()
    gc.freeze()  # so that looking for garbage does not write to what is shared
    watch(_groups, _stop, GROUPS_STOP_SECONDS)
