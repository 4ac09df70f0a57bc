"""What the tests of this room share: a sandbox, and a way to read one of its files."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive.model.asset import Findings, Original
from archive.sandbox.child import Sandbox
from ingest.examine import read_all
from ingest.identify import LEADING_BYTES, identify

BAKU = ZoneInfo("Asia/Baku")
DEPOSITED = datetime(2026, 12, 31, tzinfo=UTC)


def original_of(path: Path) -> Original:
    data = path.read_bytes()
    known = identify(data[:LEADING_BYTES], path.name, len(data), data[-LEADING_BYTES:])
    return Original(
        key="k",
        filename=path.name,
        size_bytes=len(data),
        sha256="",
        sha512="",
        media_type=known.media_type,
        extension=known.extension,
        tag="t",
    )


@pytest.fixture(scope="session")
def read(sandbox: Sandbox):
    def reader(path: Path, declared: str | None = None) -> Findings:
        return read_all(
            path,
            original=original_of(path),
            sandbox=sandbox,
            declared_language=declared,
            zone=BAKU,
            deposited_at=DEPOSITED,
        )

    return reader
