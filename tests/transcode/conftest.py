"""What the tests of this room share: a sandbox, and a way to render one file."""

from pathlib import Path

import pytest
from filming import asset_of

from archive.model.asset import AssetType
from transcode.stills import render_stills


@pytest.fixture(scope="session")
def render(sandbox, tmp_path_factory):
    def renderer(path: Path, media_type: str, flags: tuple[str, ...] = ()):
        folder = tmp_path_factory.mktemp("stills")
        return render_stills(
            path, asset_of(path, media_type, AssetType.PHOTO, flags), folder, sandbox=sandbox
        )

    return renderer
