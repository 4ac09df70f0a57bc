"""What only files can show: a disk that is not mounted, and a folder that is somebody else's."""

from pathlib import Path

import pytest

from archive.errors import ObjectsUnavailable
from archive.objects.files import FileObjects

KEY = "archive/ab/cd/thing/v1/content/original/12345678.jpg"


def test_an_unmounted_disk_is_away_at_once_and_nothing_is_called_missing(tmp_path: Path) -> None:
    store = FileObjects(tmp_path / "objects")
    store.prepare()
    store.put(KEY, b"kept")
    (tmp_path / "objects" / "marker.json").rename(tmp_path / "unmounted")
    for ask in (
        lambda: store.read(KEY),
        lambda: store.stat(KEY),
        store.ping,
        lambda: store.put(KEY, b"kept"),
    ):
        with pytest.raises(ObjectsUnavailable):
            ask()


def test_a_folder_with_files_but_no_marker_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "somebody's.txt").write_text("mine")
    with pytest.raises(ObjectsUnavailable):
        FileObjects(tmp_path / "objects").prepare()
