"""A house moves from one machine's files to four servers and back: nothing is lost, whatever cuts it off."""

import json
import shutil
from pathlib import Path

import pytest
from distributed import four_addresses
from live import fetch_bucket
from making import jpeg
from running_house import FAST, House
from valid import require_valid

from archive.faults import EXIT_STATUS
from archive.objects.files import FileObjects

pytestmark = pytest.mark.xdist_group("house")
PASSWORD = "correct horse battery"
PHOTOS = 5


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a house on files with photos in it."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "photos").mkdir()
    for number in range(PHOTOS):
        name = f"Şəkil {number}.jpg"
        (folder / "photos" / name).write_bytes(jpeg(number, (400, 300)))
    house = House(folder / "home", settings=FAST)
    house.account()
    house.command("ingest", str(folder / "photos"), "--publish", "--wait")
    return house.home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> House:
    """A house with photos in it that nobody works in."""
    (tmp_path / "faults").mkdir()
    shutil.copytree(filled, tmp_path / "home")
    return House(tmp_path / "home", settings=FAST | {"MEDIATEKA_FAULTS": str(tmp_path / "faults")})


def moved_to(house: House, addresses: dict[str, str]) -> House:
    return House(house.home, settings=house.settings | addresses)


def told(addresses: dict[str, str]) -> list[str]:
    return [word for url in addresses.values() for word in ("--to", url)]


def embedded(folder: Path) -> dict[str, str]:
    return {
        "MEDIATEKA_CATALOGUE": f"sqlite:///{folder}/catalogue.db",
        "MEDIATEKA_OBJECTS": f"file://{folder}/objects",
        "MEDIATEKA_SEARCH": f"tantivy://{folder}/index",
        "MEDIATEKA_QUEUE": "local://",
    }


def cut_off(house: House, point: str, addresses: dict[str, str]) -> None:
    """Move, and die at a point as by kill -9."""
    Path(house.settings["MEDIATEKA_FAULTS"], point).touch()
    assert house.status("move", *told(addresses)) == EXIT_STATUS


def test_a_house_moves_there_and_back_though_it_is_cut_off_each_way(
    home: House, tmp_path: Path
) -> None:
    before = home.command("dump", "--canonical")
    assert before.count('"kind":"asset"') == PHOTOS
    with four_addresses() as four:
        there = moved_to(home, four)
        cut_off(home, "move.after_object", four)
        refused = there.said("search", "x")
        assert "a move into this catalogue was not finished" in refused
        assert "this house is moving to postgresql" in home.said("search", "x")
        cut_off(home, "move.before_rows", four)
        went = json.loads(home.command("move", *told(four), "--json"))
        assert went["done_before"] > 0
        assert went["objects"] == 0
        assert went["indexed"] == PHOTOS
        assert there.command("dump", "--canonical") == before
        assert "this house moved to postgresql" in home.said("search", "x")
        require_valid(fetch_bucket(four["MEDIATEKA_OBJECTS"], tmp_path / "fetched"), PHOTOS)

        back = embedded(tmp_path / "back")
        cut_off(there, "move.after_object", back)
        cut_off(there, "move.after_rows", back)
        cut_off(there, "move.before_arrival", back)
        assert "this house moved to sqlite" in there.said("search", "x")
        assert "a move into this catalogue was not finished" in moved_to(home, back).said(
            "search", "x"
        )
        came = json.loads(there.command("move", *told(back), "--json"))
        assert came["indexed"] == PHOTOS
        home_again = moved_to(home, back)
        assert home_again.command("dump", "--canonical") == before
        require_valid(tmp_path / "back" / "objects", PHOTOS)
        assert home_again.command("search", "Şəkil").startswith(f"{PHOTOS} found")


def test_what_is_not_what_it_was_stops_the_move(home: House, tmp_path: Path) -> None:
    store = FileObjects(home.home / "objects")
    store.prepare()
    original = next(key for key in store.keys("archive/") if "/content/original/" in key)
    path = home.home / "objects" / original
    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    said = home.said("move", *told(embedded(tmp_path / "new")))
    assert original in said
    assert "is not what it was" in said


def test_a_house_that_was_left_can_be_taken_up_again(home: House, tmp_path: Path) -> None:
    home.command("move", *told(embedded(tmp_path / "new")))
    assert "this house moved to sqlite" in home.said("search", "x")
    assert home.command("move", "--stay") == "The house is at home here.\n"
    assert home.command("search", "Şəkil").startswith(f"{PHOTOS} found")


def test_addresses_may_stand_in_a_file_and_secrets_are_not_shown(
    home: House, tmp_path: Path
) -> None:
    new = embedded(tmp_path / "new") | {"MEDIATEKA_QUEUE": "celery+redis://:hidden@127.0.0.1:1/0"}
    (tmp_path / "addresses").write_text("\n".join(new.values()))
    said = home.command("move", "--to", f"@{tmp_path}/addresses")
    assert f"MEDIATEKA_CATALOGUE=sqlite:///{tmp_path}/new/catalogue.db" in said
    assert "MEDIATEKA_QUEUE=celery+redis://:***@127.0.0.1:1/0" in said


def test_a_house_never_moves_into_another(home: House, tmp_path: Path) -> None:
    other = House(tmp_path / "other", settings=FAST)
    other.account("other@media.test")
    said = home.said("move", *told(embedded(tmp_path / "other")))
    assert "a house lives in that catalogue already" in said
    alien = embedded(tmp_path / "new") | {
        "MEDIATEKA_OBJECTS": f"file://{tmp_path / 'other' / 'objects'}"
    }
    assert "the objects of another archive are there" in home.said("move", *told(alien))


@pytest.mark.parametrize(
    ("urls", "word"),
    [
        (["ftp://x"], "unknown scheme 'ftp'"),
        (["sqlite:////a", "sqlite:////b"], "two addresses for the catalogue"),
        (["local://"], "neither the catalogue nor the objects would move"),
    ],
)
def test_an_address_that_cannot_be_moved_to_is_refused(
    tmp_path: Path, urls: list[str], word: str
) -> None:
    house = House(tmp_path / "home", settings=FAST)
    assert word in house.said("move", *[part for url in urls for part in ("--to", url)])
