"""The doorbell of many machines: Celery on Redis carries a queue's name and a job's id, and wakes a process of its pool."""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from celery import Celery, bootsteps
from celery.worker import state
from kombu import Connection
from kombu.exceptions import KombuError

from archive.errors import DoorbellUnavailable, Misconfigured
from archive.model.ids import JobId
from archive.model.job import Queue

TASK = "mediateka.work"
# Longer than any job: a message whose task still runs would otherwise be given to a second process.
VISIBILITY_SECONDS = 12 * 3600
SOFT_SHUTDOWN_SECONDS = 30.0
# A request that rings waits for a broker this long at most; then nobody asks it for AWAY_SECONDS.
PATIENCE_SECONDS = 0.5
AWAY_SECONDS = 2.0
# The sweep rings again for all that waits. So many rings wake everybody; more would only fill the broker's memory.
MOST_WAITING = 1000
LONGEST_PREFIX = 64
LOOK_SECONDS = 2.0
# Beyond this a process of the pool is exchanged after its job; what decodes is limited by budgets of its own.
MOST_KILOBYTES = 1024 * 1024

Transport = Mapping[str, Any]
LISTENING: Transport = {
    "visibility_timeout": VISIBILITY_SECONDS,
    # Every 5 s it is looked for messages of workers that are gone; kombu's own values make that 100 s.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A broker that is frozen, or gone behind a broken line, is noticed.
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
    "socket_timeout": 10,
    "health_check_interval": 10,
}
RINGING: Transport = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "socket_timeout": PATIENCE_SECONDS,
    "socket_connect_timeout": PATIENCE_SECONDS,
    "retry_on_timeout": False,
    "max_retries": 0,
}


def make_app(url: str, transport: Transport = LISTENING) -> Celery:
    """A Celery application on the broker of `celery+redis[s]://[user:password@]host[:port][/db][?prefix=name]`.

    `prefix` stands before every key, so that several houses may share a server. Misconfigured names what does not fit.
    """
    broker, prefix = _broker_of(url)
    app = Celery("mediateka", broker=broker, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        result_backend=None,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        # The row decides who works; a message that comes twice finds nothing to claim.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=SOFT_SHUTDOWN_SECONDS,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_proc_alive_timeout=60.0,
        worker_max_memory_per_child=MOST_KILOBYTES,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=transport["socket_connect_timeout"],
        broker_transport_options={**transport, "global_keyprefix": prefix},
        broker_use_ssl={"ssl_cert_reqs": ssl.CERT_REQUIRED} if broker[:6] == "rediss" else None,
    )
    return app


def listen(app: Celery, work: Callable[[Queue], object]) -> None:
    """Let `work` run, in a process of the pool, whenever a queue was rung for."""
    app.steps["consumer"].add(Unheld)

    @app.task(name=TASK)  # type: ignore[untyped-decorator] # Celery has no types
    def woken(queue: str, job: str) -> None:  # noqa: ARG001 - the worker asks the catalogue anyway
        work(Queue(queue))


class Unheld(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Connects anew when messages are held that nobody works on.

    An acknowledgement that fails because the broker dies at that moment is logged and forgotten by Celery; the message counts
    against the prefetch for ever, and a group that holds as many as it may asks for no more and never notices.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._looking: Any = None
        self._was_more = False

    def start(self, parent: Any) -> None:
        """Look every few seconds; two looks in a row must agree, for a message may be between two hands."""
        self._was_more = False
        self._looking = parent.timer.call_repeatedly(LOOK_SECONDS, self._look, (parent,))

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery's signature
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    shutdown = stop

    def _look(self, consumer: Any) -> None:
        qos = consumer.task_consumer.channel.qos
        held = len(qos._delivered) - len(qos._dirty)  # noqa: SLF001 - told nowhere else
        was_more, self._was_more = self._was_more, held > len(state.reserved_requests)
        if was_more and self._was_more:
            raise ConnectionError("messages are held that nobody works on")


def run_group(app: Celery, queue: Queue, processes: int, name: str) -> None:
    """Listen for one queue in this process with so many processes below it, until SIGTERM; what runs is finished first."""
    logging.getLogger("celery").setLevel(logging.WARNING)  # each job has lines of its own
    # Groups need to know nothing of each other: the catalogue knows who does what.
    worker = app.Worker(
        hostname=f"{queue}@{name}",
        queues=[str(queue)],
        pool="prefork",
        concurrency=processes,
        loglevel=logging.WARNING,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()


class CeleryDoorbell:
    """Puts a message on the queue's list. One object serves all threads of a process, one at a time.

    A broker that does not answer is left alone for a moment, so that it costs one request its patience and not each.
    """

    def __init__(self, url: str) -> None:
        self._app = make_app(url, RINGING)
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._away_until = 0.0

    def ring(self, queue: Queue, job: JobId) -> None:
        """See the port. A queue that holds many rings already gets no more: somebody will wake up."""
        fields = {"queue": str(queue), "job": str(job)}
        with self._reached() as connection:
            if connection.default_channel.client.llen(str(queue)) < MOST_WAITING:
                self._app.send_task(TASK, kwargs=fields, queue=str(queue), connection=connection)

    def ping(self) -> None:
        """See the port."""
        with self._reached() as connection:
            connection.default_channel.client.ping()

    def close(self) -> None:
        """See the port."""
        with self._lock:
            self._hang_up()

    @contextmanager
    def _reached(self) -> Iterator[Connection]:
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise DoorbellUnavailable("the broker is slow")
        try:
            if time.monotonic() < self._away_until:
                raise DoorbellUnavailable("the broker did not answer a moment ago")
            connection = self._connection = self._connection or self._app.connection_for_write()
            troubles = (*connection.connection_errors, *connection.channel_errors, KombuError)
            try:
                yield connection
            except (*troubles, OSError) as trouble:
                self._away_until = time.monotonic() + AWAY_SECONDS
                self._hang_up()
                raise DoorbellUnavailable(f"the broker does not answer: {trouble}") from trouble
        finally:
            self._lock.release()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.release()
            self._connection = None


def _broker_of(url: str) -> tuple[str, str]:
    """The broker's address as Celery knows it, and the prefix of its keys."""
    setting = "MEDIATEKA_QUEUE"
    try:
        parts = urlsplit(url)
        wishes = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole, wishes = False, {}
    database, prefix = parts.path.strip("/") if is_whole else "", wishes.pop("prefix", "")
    if not is_whole or wishes or not (database or "0").isdigit() or len(prefix) > LONGEST_PREFIX:
        known = "celery+redis://[user:password@]host:port/number[?prefix=name]"
        raise Misconfigured(f"{setting}: {known} is what it looks like")
    plain = parts._replace(scheme=parts.scheme.removeprefix("celery+"), query="", fragment="")
    return urlunsplit(plain._replace(path=f"/{database or 0}")), prefix and f"{prefix}:"
