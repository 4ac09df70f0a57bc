"""The entry of Celery's worker processes: builds the application at import, as Celery expects. Nothing imports this module.

`python -m mediateka.worker --queue render --processes 2` is one group: a process that listens to the broker, and the pool that
it forks. Its own pools are what `mediateka worker` starts.
"""

import argparse
import socket

from celery.signals import setup_logging, worker_process_init, worker_process_shutdown

from archive.model.job import Queue
from mediateka.logs import set_up_logging
from mediateka.pool import PoolProcess
from mediateka.process import die_with_parent
from mediateka.settings import read_settings
from mediateka.tools import proven_sandbox
from workers.doorbell.celery import listen, make_app, run_group

_asked = argparse.ArgumentParser(prog="mediateka.worker")
_asked.add_argument("--queue", type=Queue, required=True)
_asked.add_argument("--processes", type=int, default=1)
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
    run_group(app, _options.queue, _options.processes, socket.gethostname())
