"""The web process: granian serving the WSGI application, bodies streamed as they come."""

import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from mediateka.process import die_with_parent, only_one
from mediateka.settings import Settings

HEADER_MILLISECONDS = 10_000
STOP_SECONDS = 5  # for requests under way; a stalled upload is resumable
# What the server says goes the way of every other line of ours; alone it would print plain text between JSON.
SERVER_LOG = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}


def run_web(settings: Settings, *, host: str, port: int, parent: int | None) -> None:
    """Serve until stopped. `parent` is the supervisor's pid, whose end is this process's end."""
    if parent is not None:
        die_with_parent(parent)
    os.umask(0o027)
    server = Granian(
        "mediateka.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        blocking_threads=settings.web_threads,
        backpressure=settings.web_threads,
        log_level="warning",  # type: ignore[arg-type] # the enumeration is its own text
        log_dictconfig=SERVER_LOG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        respawn_failed_workers=False,
        workers_kill_timeout=STOP_SECONDS,
    )
    # Who writes to staged files knows all their writers: one web process receives in a staging.
    with only_one(settings.staging, "web", setting="MEDIATEKA_STAGING"):
        server.serve()
