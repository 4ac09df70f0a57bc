"""The builds of an index: what each is made with; of one kept in a folder, which answers and what was left behind.

index/current              names the build that answers; replaced by rename, so that every process sees one or the other
index/builds/<build>/      one build: the engine's own folder, and `build.json`
"""

import json
import os
import secrets
import shutil
from dataclasses import asdict
from pathlib import Path

from search.analysis.version import analyser_version
from search.fields import SCHEMA_VERSION
from search.index.port import Versions

Signature = tuple[int, int] | None  # of the pointer's file; None before the first build


def new_versions(engine: str) -> Versions:
    """Name a build for the present schema and analyser; it is not whole yet."""
    analyser = analyser_version()
    return Versions(
        build=f"v{SCHEMA_VERSION}-{analyser}-{secrets.token_hex(4)}",
        schema=SCHEMA_VERSION,
        analyser=analyser,
        engine=engine,
        is_whole=False,
    )


def is_outdated(versions: Versions, engine: str) -> bool:
    """Whether a build was made by other rules or another engine than the present ones, or not from the whole catalogue."""
    made = (versions.schema, versions.analyser, versions.engine, versions.is_whole)
    return made != (SCHEMA_VERSION, analyser_version(), engine, True)


class Builds:
    """The folder of an embedded index."""

    def __init__(self, root: Path, engine: str) -> None:
        self._engine = engine
        self._builds = root / "builds"
        self._current = root / "current"

    def new(self) -> Versions:
        """Name a build and make its folder."""
        versions = new_versions(self._engine)
        self.path(versions.build).mkdir(parents=True)
        self.describe(versions)
        return versions

    def path(self, build: str) -> Path:
        """The folder of a build."""
        return self._builds / build

    def describe(self, versions: Versions) -> None:
        """Write down what a build was made with."""
        _write(self.path(versions.build) / "build.json", json.dumps(asdict(versions)))

    def read(self, build: str) -> Versions:
        """What a build was made with."""
        return Versions(**json.loads((self.path(build) / "build.json").read_text()))

    def current(self) -> str | None:
        """The build that answers, or None before the first."""
        try:
            return self._current.read_text()
        except FileNotFoundError:
            return None

    def signature(self) -> Signature:
        """Changes whenever another build begins to answer; one look at the file system."""
        try:
            found = self._current.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def make_first(self, build: str) -> bool:
        """Let a build answer if none does; False when one does already."""
        fresh = self.path(build) / "pointer"
        _write(fresh, build)
        try:
            os.link(fresh, self._current)
        except FileExistsError:
            return False
        return True

    def make_current(self, build: str) -> None:
        """Let a build answer from now on."""
        _write(self._current, build)

    def remove(self, build: str) -> None:
        """Remove a build's files; processes that hold them open finish undisturbed."""
        shutil.rmtree(self.path(build), ignore_errors=True)

    def remove_leftovers(self) -> None:
        """Remove every build but the one that answers."""
        current = self.current()
        if self._builds.exists():
            for folder in self._builds.iterdir():
                if folder.name != current:
                    self.remove(folder.name)


def _write(path: Path, text: str) -> None:
    """Write a small file whole or not at all, durable on return."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
