"""Alive, able to serve, and the figures that a monitoring system reads."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, json, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from archive.errors import MediatekaError, NotFound
from archive.rights import Act
from web.parts import parts
from web.rules import On, may, rule

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")
health = Blueprint("health", __name__)


@health.get("/healthz")
@rule(None, on=On.PUBLIC)
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@health.get("/readyz")
@rule(None, on=On.PUBLIC)
def ready() -> Response:
    """Each part by name: `ok`, or the code of its trouble; 503 when one is away."""
    checks: dict[str, Callable[[], None]] = {
        "catalogue": parts().catalogue.ping,
        "objects": parts().objects.ping,
        "search": parts().index.ping,
    }
    answers = {name: _asked(check) for name, check in checks.items()}
    well = set(answers.values()) == {"ok"}
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(json.dumps(answers), status=status, content_type="application/json")


@health.get("/metrics")
@rule(None, on=On.PUBLIC)
def metrics() -> Response:
    """Prometheus text: jobs by queue and state, assets waiting for the index. No names, no ids.

    For this machine, or an admin's token: how busy a house is, is nobody else's business.
    """
    if not (_is_local() or may(Act.ADMINISTER)):
        raise NotFound("there is nothing here")
    registry = CollectorRegistry()
    jobs = Gauge("mediateka_jobs", "Jobs by queue and state", ["queue", "state"], registry=registry)
    due = Gauge("mediateka_index_due", "Assets the index has yet to learn", registry=registry)
    with parts().catalogue.reading() as tx:
        for (queue, state), number in tx.jobs.counts().items():
            jobs.labels(queue, state).set(number)
        due.set(tx.index_due.count())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_local() -> bool:
    forwarded = any(name in request.headers for name in FORWARDED)
    return request.remote_addr in {"127.0.0.1", "::1"} and not forwarded


def _asked(check: Callable[[], None]) -> str:
    try:
        check()
    except MediatekaError as trouble:
        return trouble.code
    return "ok"
