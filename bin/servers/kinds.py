"""One block for each server: how it is launched, whether it answers, what it needs once it does."""

import contextlib
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from servers.ground import DATA, PASSWORD, Trouble, wait_for
from servers.install import elastic_home, java_home, minio_program, postgres_programs
from servers.processes import as_user, launch, own, ports, running


def launch_postgres(port: int) -> None:
    programs, data = postgres_programs(), DATA / "postgres"
    if programs is None:
        raise Trouble("PostgreSQL is not installed: bin/services install")
    if not (data / "PG_VERSION").exists():
        own(data)
        data.chmod(0o700)
        password = DATA / "run" / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        # C.UTF-8 sorts alike on every machine; scram makes clients know the password.
        options = [
            "-U",
            "mediateka",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-A",
            "scram-sha-256",
            f"--pwfile={password}",
        ]
        made = subprocess.run(
            [programs / "initdb", "-D", data, *options],
            capture_output=True,
            text=True,
            check=False,
            **as_user(),
        )
        if made.returncode != 0:
            raise Trouble(f"initdb failed:\n{made.stderr}")
    if running("postgres") is None and wait_for(lambda: not anybody_in(data), 10):
        (data / "postmaster.pid").unlink(
            missing_ok=True
        )  # a killed server's; its number may be a zombie's
    # fsync stays on: killing the server in a test proves nothing without it.
    settings = [
        f"port={port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "shared_buffers=64MB",
        "max_connections=200",
    ]
    launch(
        "postgres", [str(programs / "postgres"), "-D", str(data), *(f"-c{one}" for one in settings)]
    )


def anybody_in(folder: Path) -> bool:
    """Whether a process has this folder as its own (a killed server's children live on for a moment)."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.resolve() == folder:
                return True
    return False


def psql(database: str, statement: str) -> subprocess.CompletedProcess[str]:
    where = ["-h", "127.0.0.1", "-p", str(ports()["postgres"]), "-U", "mediateka", "-d", database]
    environment = {"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, "PGCONNECT_TIMEOUT": "3"}
    command = [f"{postgres_programs()}/psql", "-qtAX", *where, "-c", statement]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def postgres_answers(_port: int) -> bool:
    return psql("postgres", "SELECT 1").returncode == 0


def after_postgres(_port: int) -> None:
    for database in ("mediateka_test", "mediateka"):
        if not psql(
            "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'"
        ).stdout.strip():
            psql("postgres", f"CREATE DATABASE {database}")


def launch_redis(port: int) -> None:
    program = shutil.which("redis-server")
    if program is None:
        raise Trouble("Redis is not installed: bin/services install")
    own(DATA / "redis")
    # Append-only: a killed broker comes back with its queue. Full, it says so instead of dropping messages.
    keep = [
        "--save",
        "",
        "--appendonly",
        "yes",
        "--maxmemory",
        "128mb",
        "--maxmemory-policy",
        "noeviction",
    ]
    launch(
        "redis",
        [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(DATA / "redis"), *keep],
    )


def redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as line:
            line.sendall(b"PING\r\n")
            return line.recv(5) == b"+PONG"
    except OSError:
        return False


def launch_minio(port: int) -> None:
    program = minio_program()
    if not program.exists():
        raise Trouble("MinIO is not built: bin/services install")
    own(DATA / "minio")
    environment = {
        "MINIO_ROOT_USER": "mediateka",
        "MINIO_ROOT_PASSWORD": PASSWORD,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    launch(
        "minio",
        [str(program), "server", "--address", f"127.0.0.1:{port}", str(DATA / "minio")],
        environment,
    )


def minio_answers(port: int) -> bool:
    return answers(f"http://127.0.0.1:{port}/minio/health/ready")


def launch_elasticsearch(port: int) -> None:
    program, java, home = elastic_home(), java_home(), DATA / "elasticsearch"
    if not program.exists() or java is None:
        raise Trouble("Elasticsearch is not installed: bin/services install")
    folders = {name: home / name for name in ("config", "data", "logs", "tmp")}
    own(home, *folders.values())
    shutil.copy(program / "config" / "log4j2.properties", folders["config"])
    shipped = (program / "config" / "jvm.options").read_text().splitlines()
    # These write into the program's own folder, which is not ours to write to.
    foreign = ("-Xlog", "HeapDumpPath", "ErrorFile", "ReplayDataFile")
    kept = [line for line in shipped if not any(word in line for word in foreign)]
    (folders["config"] / "jvm.options").write_text("\n".join(kept) + "\n")
    # A write to a misspelt index must fail; a nearly full disk must not make every index read-only.
    lines = [
        "cluster.name: mediateka-test",
        "node.name: test",
        "discovery.type: single-node",
        "network.host: 127.0.0.1",
        f"http.port: {port}",
        "transport.port: 0",
        f"path.data: {folders['data']}",
        f"path.logs: {folders['logs']}",
        "xpack.security.enabled: false",
        "cluster.routing.allocation.disk.threshold_enabled: false",
        "action.auto_create_index: false",
    ]
    (folders["config"] / "elasticsearch.yml").write_text("\n".join(lines) + "\n")
    own(folders["config"])  # it writes its keystore there
    (home / "pid").unlink(missing_ok=True)
    options = f"-Xms768m -Xmx768m -XX:-AlwaysPreTouch -XX:HeapDumpPath={folders['logs']} -XX:ErrorFile={folders['logs']}/error.log"
    environment = {
        "ES_PATH_CONF": str(folders["config"]),
        "ES_JAVA_HOME": str(java),
        "ES_TMPDIR": str(folders["tmp"]),
        "ES_JAVA_OPTS": options,
    }
    # In the foreground a second, idle JVM would stay beside it.
    launch(
        "elasticsearch",
        [str(program / "bin" / "elasticsearch"), "-d", "-p", str(home / "pid")],
        environment,
    )


def elasticsearch_answers(port: int) -> bool:
    """The minimal server has no `GET /`: its health is asked for instead."""
    return answers(f"http://127.0.0.1:{port}/_cluster/health?wait_for_status=yellow&timeout=4s")


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({})
    )  # a proxy has no business on loopback
    try:
        with opener.open(url, timeout=6) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


LAUNCH = {
    "postgres": launch_postgres,
    "redis": launch_redis,
    "minio": launch_minio,
    "elasticsearch": launch_elasticsearch,
}
ANSWERS = {
    "postgres": postgres_answers,
    "redis": redis_answers,
    "minio": minio_answers,
    "elasticsearch": elasticsearch_answers,
}
