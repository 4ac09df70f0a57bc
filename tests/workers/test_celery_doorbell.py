"""The doorbell of many machines at its edge: a broker that is frozen, wiped, full or refuses; its address; its settings."""

import base64
import json
import socket
import threading
import time
from contextlib import closing

import pytest
import redis
from hearing import heard_by_celery
from live import QUEUE, live, own_name
from running_house import wait_for

from archive.errors import DoorbellUnavailable, Misconfigured
from archive.model.ids import JobId
from archive.model.job import Queue
from workers.doorbell.celery import AWAY_SECONDS, MOST_WAITING, CeleryDoorbell, make_app

JOB = JobId("0190a0b0-0000-7000-8000-000000000001")


@pytest.fixture
def prefix() -> str:
    return own_name()


@pytest.fixture
def url(prefix: str) -> str:
    return f"{live(QUEUE)}?prefix={prefix}"


@pytest.fixture
def bell(url: str):
    with closing(CeleryDoorbell(url)) as opened:
        yield opened


@pytest.fixture
def broker(url: str, prefix: str):
    """The server behind the bell; what this test leaves there goes."""
    client = redis.Redis.from_url(url.removeprefix("celery+").partition("?")[0])
    yield client
    wipe(client, prefix)
    client.close()


def wipe(client: redis.Redis, prefix: str) -> None:
    for key in list(client.scan_iter(f"{prefix}:*")):
        client.delete(key)


def test_a_message_carries_two_fields_and_nothing_else(bell, broker, prefix) -> None:
    bell.ring(Queue.RENDER, JOB)
    message = json.loads(broker.lindex(f"{prefix}:render", 0))
    arguments, fields, _ = json.loads(base64.b64decode(message["body"]))
    assert message["content-type"] == "application/json"
    assert (arguments, fields) == ([], {"queue": "render", "job": JOB})


def test_rings_that_nobody_hears_do_not_fill_the_broker(bell, broker, prefix) -> None:
    for _ in range(MOST_WAITING + 50):
        bell.ring(Queue.FIXITY, JOB)
    assert broker.llen(f"{prefix}:fixity") == MOST_WAITING


def test_a_frozen_broker_costs_one_request_its_patience_and_the_others_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        port = silent.getsockname()[1]
        with closing(CeleryDoorbell(f"celery+redis://127.0.0.1:{port}/0")) as bell:
            waited = []
            for _ in range(20):
                began = time.monotonic()
                with pytest.raises(DoorbellUnavailable):
                    bell.ring(Queue.RENDER, JOB)
                waited.append(time.monotonic() - began)
    assert waited[0] < 1.2
    assert sum(waited[1:]) < 0.2


def test_after_a_moment_a_broker_that_was_away_is_asked_again(
    bell, broker, prefix, monkeypatch
) -> None:
    from workers.doorbell import celery as module

    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(bell, "_away_until", now[0] + AWAY_SECONDS)
    with pytest.raises(DoorbellUnavailable):
        bell.ring(Queue.RENDER, JOB)
    now[0] += AWAY_SECONDS + 0.1
    bell.ring(Queue.RENDER, JOB)
    assert broker.llen(f"{prefix}:render") == 1


def test_a_wiped_broker_is_no_obstacle_to_who_rang_before(bell, url, broker, prefix) -> None:
    with heard_by_celery(url, Queue.RENDER) as heard:
        bell.ring(Queue.RENDER, JOB)
        heard.by(Queue.RENDER)
        before = len(heard.rings())
        wipe(broker, prefix)
        bell.ring(Queue.RENDER, JOB)
        wait_for(lambda: len(heard.rings()) > before, 20, "the ring after the wipe is heard")


def test_a_broker_that_refuses_us_is_not_available_and_the_password_stays_unsaid(prefix) -> None:
    url = live(QUEUE).replace("://", "://someone:hunter2@") + f"?prefix={prefix}"
    with closing(CeleryDoorbell(url)) as bell:
        with pytest.raises(DoorbellUnavailable) as raised:
            bell.ring(Queue.RENDER, JOB)
        assert "hunter2" not in str(raised.value)


def test_a_broker_that_has_no_room_is_not_available() -> None:
    def full(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            while line.recv(4096):
                line.sendall(b"-OOM command not allowed when used memory > 'maxmemory'.\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=full, args=(listener,))
        server.start()
        with (
            closing(
                CeleryDoorbell(f"celery+redis://127.0.0.1:{listener.getsockname()[1]}")
            ) as bell,
            pytest.raises(DoorbellUnavailable, match="memory"),
        ):
            bell.ring(Queue.RENDER, JOB)
        server.join()


@pytest.mark.parametrize(
    "address",
    [
        "celery+redis://",
        "celery+redis://:6379/0",
        "celery+redis://host:port/0",
        "celery+redis://host:0/0",
        "celery+redis://host:6379/queue",
        "celery+redis://host:6379/0?prefix=x&timeout=1",
        "celery+redis://host:6379/0?" + "prefix=" + "x" * 100,
        "celery+redis://host:6379/0?prefix",
    ],
)
def test_an_address_that_is_none_stops_the_start_and_names_the_setting(address) -> None:
    with pytest.raises(Misconfigured, match="MEDIATEKA_QUEUE"):
        make_app(address)


def test_addresses_become_those_of_the_broker() -> None:
    plain = make_app("celery+redis://host").conf
    assert (plain.broker_url, plain.broker_use_ssl) == ("redis://host/0", None)
    whole = make_app("celery+rediss://user:p%40ss@host:6380/3?prefix=centre").conf
    assert whole.broker_url == "rediss://user:p%40ss@host:6380/3"
    assert whole.broker_use_ssl["ssl_cert_reqs"]
    assert whole.broker_transport_options["global_keyprefix"] == "centre:"


def test_messages_are_acknowledged_late_given_back_by_the_lost_and_results_are_not_kept() -> None:
    conf = make_app("celery+redis://host:6379/0").conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert (conf.accept_content, conf.task_serializer, conf.result_backend) == (["json"], "json", None)  # fmt: skip
    assert conf.task_ignore_result
    assert not conf.task_store_errors_even_if_ignored
    options = conf.broker_transport_options
    assert options["visibility_timeout"] == 43_200
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (5, 1)
    assert conf.worker_soft_shutdown_timeout == 30
