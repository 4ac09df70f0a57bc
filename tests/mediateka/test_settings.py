"""Settings: defaults that work, every wrong value named, one secret key for ever."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.errors import Misconfigured
from archive.model.job import Queue
from archive.sandbox.rungs import Rung
from mediateka.services import build
from mediateka.settings import child_environment, read_settings, scheme, secret_of
from mediateka.work import owner_of
from workers.run import HANDS


def read(home: Path, **given: str):
    return read_settings({"MEDIATEKA_HOME": str(home)} | given)


def test_a_home_alone_gives_a_whole_house(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.catalogue == f"sqlite:///{tmp_path}/catalogue.db"
    assert settings.objects == f"file://{tmp_path}/objects"
    assert settings.search == f"tantivy://{tmp_path}/index"
    assert (settings.queue, settings.staging) == ("local://", tmp_path / "staging")
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.zone.key == "Asia/Baku"
    assert (settings.secret_key, settings.rung, settings.faults) == (None, None, None)
    assert (settings.web_threads, settings.log_json) == (600, False)
    assert settings.limits.max_bytes == 64 << 30
    assert settings.limits.low_water_bytes is None
    assert settings.timing.lease_seconds == 60


def test_an_empty_value_is_as_good_as_none(tmp_path: Path) -> None:
    names = (
        "MEDIATEKA_PUBLIC_URL",
        "MEDIATEKA_TIMEZONE",
        "MEDIATEKA_MAX_BYTES",
        "MEDIATEKA_POLL_SECONDS",
        "MEDIATEKA_SECRET_KEY",
        "MEDIATEKA_SANDBOX",
        "MEDIATEKA_LOG",
        "MEDIATEKA_FAULTS",
    )
    assert read(tmp_path, **dict.fromkeys(names, "")) == read(tmp_path)


def test_without_a_home_there_is_one_here(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}).home == tmp_path / "mediateka-home"


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        MEDIATEKA_PUBLIC_URL="https://media.test/",
        MEDIATEKA_TIMEZONE="Europe/Berlin",
        MEDIATEKA_SECRET_KEY="a secret",
        MEDIATEKA_SANDBOX="landlock",
        MEDIATEKA_LOG="json",
        MEDIATEKA_LOW_WATER_BYTES="0",
        MEDIATEKA_SWEEP_SECONDS="0.5",
        MEDIATEKA_STAGING=str(tmp_path / "other"),
        MEDIATEKA_FAULTS=str(tmp_path / "faults"),
    )
    assert settings.public_url == "https://media.test"
    assert settings.zone.key == "Europe/Berlin"
    assert (settings.secret_key, secret_of(settings)) == (b"a secret", b"a secret")
    assert settings.rung is Rung("landlock")
    assert settings.log_json is True
    assert settings.limits.low_water_bytes == 0
    assert settings.timing.sweep_seconds == 0.5
    assert settings.staging == tmp_path / "other"
    assert settings.faults == tmp_path / "faults"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDIATEKA_PUBLIC_URL", "media.test"),
        ("MEDIATEKA_PUBLIC_URL", "ftp://media.test"),
        ("MEDIATEKA_PUBLIC_URL", "https://"),
        ("MEDIATEKA_PUBLIC_URL", "https://["),
        ("MEDIATEKA_PUBLIC_URL", "https://media.test:port"),
        ("MEDIATEKA_PUBLIC_URL", "https://media.test/archive"),
        ("MEDIATEKA_PUBLIC_URL", "https://media.test/?a=b"),
        ("MEDIATEKA_TIMEZONE", "Mars/Olympus"),
        ("MEDIATEKA_TIMEZONE", "../../etc/passwd"),
        ("MEDIATEKA_MAX_BYTES", "many"),
        ("MEDIATEKA_MAX_BYTES", "-1"),
        ("MEDIATEKA_MAX_BYTES", "0"),
        ("MEDIATEKA_MAX_BYTES", "1" * 30),
        ("MEDIATEKA_OPEN_UPLOADS", "²"),
        ("MEDIATEKA_BYTES_A_DAY", "1.5"),
        ("MEDIATEKA_LOW_WATER_BYTES", "10%"),
        ("MEDIATEKA_WEB_THREADS", "0"),
        ("MEDIATEKA_LEASE_SECONDS", "0"),
        ("MEDIATEKA_LEASE_SECONDS", "nan"),
        ("MEDIATEKA_POLL_SECONDS", "inf"),
        ("MEDIATEKA_SWEEP_SECONDS", "soon"),
        ("MEDIATEKA_SANDBOX", "none"),
        ("MEDIATEKA_LOG", "xml"),
        ("MEDIATEKA_WORKERS", "interactive,printing"),
        ("MEDIATEKA_WORKERS", "interactive,interactive=2"),
        ("MEDIATEKA_WORKERS", "render=0"),
        ("MEDIATEKA_WORKERS", "render=many"),
        ("MEDIATEKA_WORKERS", "render=1000"),
        ("MEDIATEKA_WORKERS", "render=25600"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        read(tmp_path, **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MEDIATEKA_CATALOGUE", "mysql://x", "known: sqlite"),
        ("MEDIATEKA_OBJECTS", "s3://x", "known: file"),
        ("MEDIATEKA_OBJECTS", "file:relative", "absolute path"),
        ("MEDIATEKA_SEARCH", "solr://x", "known: tantivy"),
        ("MEDIATEKA_QUEUE", "amqp://x", "known: local"),
    ],
)
def test_a_part_of_an_unknown_kind_stops_the_start_and_names_the_known_ones(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with (
        pytest.raises(Misconfigured, match=f"{name}.*{said}"),
        build(read(tmp_path, **{name: value})),
    ):
        pass


def test_queues_are_worked_by_as_many_as_asked_for_and_those_left_out_by_nobody_here(
    tmp_path: Path,
) -> None:
    assert read(tmp_path).hands == HANDS
    hands = read(tmp_path, MEDIATEKA_WORKERS="render=8, interactive").hands
    assert hands == {Queue.RENDER: 8, Queue.INTERACTIVE: HANDS[Queue.INTERACTIVE]}


def test_workers_of_two_homes_hold_different_leases(tmp_path: Path) -> None:
    one, two = owner_of(read(tmp_path / "one")), owner_of(read(tmp_path / "two"))
    assert one != two
    assert one == owner_of(read(tmp_path / "one"))
    assert len(one) <= 120


def test_a_known_scheme_is_told(tmp_path: Path) -> None:
    assert scheme("local://", "MEDIATEKA_QUEUE", ("local", "celery+redis")) == "local"


def test_the_secret_key_is_made_once_for_nobody_elses_eyes(tmp_path: Path) -> None:
    settings = read(tmp_path / "new")
    first = secret_of(settings)
    path = tmp_path / "new" / "secret-key"
    assert len(first) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_of(settings) == first
    assert secret_of(read(tmp_path / "other")) != first
    assert [one.name for one in path.parent.iterdir()] == ["secret-key"]


def test_several_who_start_at_once_have_one_key(tmp_path: Path) -> None:
    settings = read(tmp_path / "new")
    with ThreadPoolExecutor(8) as starters:
        keys = set(starters.map(lambda _: secret_of(settings), range(32)))
    assert len(keys) == 1


def test_half_a_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    with pytest.raises(Misconfigured, match="secret-key"):
        secret_of(read(tmp_path))


def test_a_childs_environment_is_ours_with_some_laid_over(monkeypatch) -> None:
    monkeypatch.setenv("MEDIATEKA_HOME", "/home")
    found = child_environment({"MEDIATEKA_PUBLIC_URL": "http://x"})
    assert (found["MEDIATEKA_HOME"], found["MEDIATEKA_PUBLIC_URL"]) == ("/home", "http://x")
