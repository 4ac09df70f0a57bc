"""The compose file: valid by its specification, and what it sets is what the house understands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mediateka.settings import read_settings

ROOT = Path(__file__).parent.parent.parent
SECRETS = {
    "POSTGRES_PASSWORD": "pg-secret",
    "MINIO_PASSWORD": "minio-secret",
    "REDIS_PASSWORD": "redis-secret",
    "MEDIATEKA_SECRET_KEY": "k" * 64,
}
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def filled(text: str, given: dict[str, str]) -> str:
    """A value with its variables filled in, as compose does it."""

    def value(found: re.Match) -> str:
        name, kind, rest = found.groups()
        if name in given:
            return given[name]
        assert kind == "-", f"{name} is required: {rest}"
        return rest

    return VARIABLE.sub(value, text)


def test_the_file_fits_the_compose_specification() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", ["web", "worker"])
def test_the_house_understands_every_setting_it_is_given(compose, service) -> None:
    given = {
        name: filled(str(value), SECRETS)
        for name, value in compose["services"][service]["environment"].items()
    }
    known = set(re.findall(r"MEDIATEKA_[A-Z_]+", (ROOT / "mediateka/settings.py").read_text()))
    assert set(given) <= known
    settings = read_settings(given)
    assert settings.catalogue == (
        "postgresql+psycopg://mediateka:pg-secret@postgres:5432/mediateka"
    )
    assert settings.objects == "minio+http://mediateka:minio-secret@minio:9000/mediateka"
    assert settings.search == "elasticsearch+http://elasticsearch:9200/mediateka"
    assert settings.queue == "celery+redis://:redis-secret@redis:6379/0"


def test_no_secret_has_a_default(compose) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in SECRETS:
        uses = [found for found in VARIABLE.finditer(text) if found[1] == name]
        assert uses
        assert {found[2] for found in uses} == {"?"}


def test_every_name_in_an_address_is_a_service_that_is_waited_for(compose) -> None:
    web = compose["services"]["web"]
    hosts = {
        found[1]
        for name, value in web["environment"].items()
        if "://" in str(value) and name != "MEDIATEKA_PUBLIC_URL"
        for found in [
            re.search(r"@?([a-z]+):\d+", str(value).rpartition("//")[2].rpartition("@")[2])
        ]
    }
    assert hosts == set(web["depends_on"])
    for host in hosts:
        assert compose["services"][host]["healthcheck"]["test"]
        assert web["depends_on"][host]["condition"] == "service_healthy"


def test_images_are_pinned_and_our_own_runs_as_nobody_special(compose) -> None:
    for service in compose["services"].values():
        assert re.search(r":[^:]*\d", service["image"]), service["image"]
        assert "latest" not in service["image"]
    for name in ("web", "worker"):
        ours = compose["services"][name]
        assert ours["read_only"] is True
        assert ours["cap_drop"] == ["ALL"]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) == ["debian:12.12-slim"] * 2
    assert re.search(r"^USER mediateka$", dockerfile, re.MULTILINE)


def test_only_loopback_gets_a_port(compose) -> None:
    ports = [port for one in compose["services"].values() for port in one.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_named_volumes_are_declared(compose) -> None:
    used = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
        if not volume.startswith("/")
    }
    assert used == set(compose["volumes"])


def test_the_command_makes_every_secret_and_never_overwrites(tmp_path, compose) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "secrets"
    program.write_bytes((ROOT / "bin" / "secrets").read_bytes())
    subprocess.run(["bash", program], check=True, capture_output=True)
    written = (tmp_path / ".env").read_text()
    values = dict(line.split("=", 1) for line in written.splitlines())
    assert set(SECRETS) <= set(values)
    assert len(set(values.values())) == len(values)
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    again = subprocess.run(["bash", program], check=False, capture_output=True)
    assert again.returncode == 1
    assert (tmp_path / ".env").read_text() == written
