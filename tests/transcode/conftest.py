"""What the tests of this room share: a sandbox, and a way to render one file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.model.asset import Asset, AssetType, Original
from archive.model.ids import AgentId, AssetId
from archive.sandbox.check import choose
from transcode.stills import render_stills


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    found, reports = choose(tmp_path_factory.mktemp("scratch"))
    if found.rung is None:
        pytest.skip(f"no rung of the sandbox works here: {reports}")
    return found


def photo(path: Path, media_type: str, flags: tuple[str, ...] = ()) -> Asset:
    original = Original(
        key="k",
        filename=path.name,
        size_bytes=path.stat().st_size,
        sha256="0" * 64,
        sha512="",
        media_type=media_type,
        extension="jpg",
        tag="t",
    )
    return Asset(
        id=AssetId("019ca869-5000-7878-8cef-1437f39c1db6"),
        number=1,
        revision=1,
        type=AssetType.PHOTO,
        owner=AgentId("owner"),
        original=original,
        deposited_at=datetime(2026, 12, 31, tzinfo=UTC),
        flags=flags,
    )


@pytest.fixture(scope="session")
def render(sandbox, tmp_path_factory):
    def renderer(path: Path, media_type: str, flags: tuple[str, ...] = ()):
        folder = tmp_path_factory.mktemp("stills")
        return render_stills(path, photo(path, media_type, flags), folder, sandbox=sandbox)

    return renderer
