"""A film goes the whole way in a living house, in the sandboxes its worker keeps open: a test of the rooms alone would not see them."""

from pathlib import Path

import pytest
from distributed import DISTRIBUTED, EMBEDDED, settings_of
from running_house import running_house, upload, wait_for

pytestmark = pytest.mark.xdist_group("house")


@pytest.mark.parametrize("kind", [EMBEDDED, DISTRIBUTED, "objects"])
def test_a_film_is_ready_with_poster_and_ladder(kind: str, tmp_path: Path, media: Path) -> None:
    clip = (media / "videos" / "tiny.3gp").read_bytes()
    with settings_of(kind) as settings, running_house(tmp_path / "house", **settings) as house:
        asset = upload(house, "tiny.3gp", clip).asset
        address = f"/api/v1/assets/{asset}"
        wait_for(lambda: house.ask(address).json["state"] != "processing", 60, "it is settled")
        shown = house.ask(address).json
        assert (shown["state"], shown["detail"]) == ("ready", None)
        profiles = {rendition["profile"] for rendition in shown["renditions"]}
        assert {"poster", "preview", "thumbnail", "ladder/master.m3u8"} <= profiles
        for rendition in shown["renditions"]:
            path = rendition["url"].partition("/api/")[2]
            assert house.ask(f"/api/{path}").status == 200
