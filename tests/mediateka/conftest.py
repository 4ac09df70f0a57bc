"""The command line in this process, on a home of its own."""

import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mediateka.cli import main

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    for name in list(os.environ):
        if name.startswith("MEDIATEKA_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MEDIATEKA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MEDIATEKA_LOW_WATER_BYTES", "1")
    return tmp_path / "home"


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def run(home, monkeypatch, capsys, logging_as_before) -> Callable[..., Said]:
    """run("user", "add", …): as at a shell, with its exit status."""

    def running(*arguments: object, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["mediateka", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return running


@pytest.fixture
def admin(run) -> str:
    said = run(
        "user", "add", "admin@media.test", "--role", "admin", "--password-stdin", stdin=PASSWORD
    )
    assert said.status == 0, said.err
    return "admin@media.test"
