"""F4: the four servers die and come back, one by one and in pairs, while uploads go on; what is away is said, never hidden.

Servers of this test's own: nobody else is disturbed. `make faults` asks for the size of a pull request (SERVER_UPLOADS).
"""

import itertools
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from chaos import Report, check, photo_of, watched
from making import jpeg
from running_house import OFFSET_TYPE, PAUSE, TUS, House, running_house, upload, wait_for
from servers import NAMES, Servers, servers_of_its_own

from web.i18n import error_text

pytestmark = pytest.mark.xdist_group("house")
UPLOADS = int(os.environ.get("SERVER_UPLOADS", "0"))
SEED = os.environ.get("FAULT_SEED")
LARGEST = 3_000_000
AWAY_SECONDS = 1.5
BACK_SECONDS = 60.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with servers_of_its_own() as running:
        yield running


@pytest.fixture(scope="module")
def house(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("distributed") / "house"
    with running_house(home, **servers.addresses()) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture(autouse=True)
def all_servers(servers: Servers) -> None:
    """Whatever a test before this one has left."""
    servers.start(*NAMES)


def begin(house: House, data: bytes) -> str:
    headers = TUS | {"Upload-Length": str(len(data))}
    made = house.ask("/api/v1/uploads", "POST", headers=headers)
    assert made.status == 201
    return "/api/" + made.headers["location"].partition("/api/")[2]


def send(house: House, where: str, data: bytes):
    headers = TUS | {"Upload-Offset": "0", "Content-Type": OFFSET_TYPE}
    return house.ask(where, "PATCH", body=data, headers=headers)


def state_of(house: House, asset: str) -> str:
    answer = house.ask(f"/api/v1/assets/{asset}")
    return answer.json["state"] if answer.status == 200 else ""


def is_found(house: House, asset: str) -> bool:
    answer = house.ask("/api/v1/assets?limit=200&sort=newest")
    return answer.status == 200 and asset in {item["id"] for item in answer.json["items"]}


def test_without_the_index_deposits_and_pages_go_on_and_search_says_so(house, servers) -> None:
    servers.kill("elasticsearch")
    sent = upload(house, "unindexed.jpg", jpeg(1, (300, 200)))
    wait_for(lambda: state_of(house, sent.asset) == "ready", BACK_SECONDS, "it is ready")
    assert house.ask(f"/en/assets/{sent.asset}").status == 200
    answer = house.ask("/api/v1/assets?q=x")
    assert (answer.status, answer.json["code"]) == (503, "search-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    for language in ("az", "en", "ru"):
        page = house.ask(f"/{language}/search?q=x")
        assert page.status == 503
        assert error_text("search-unavailable", language) in page.data.decode()
        assert f'class="button" href="/{language}/collections"' in page.data.decode()
        home = house.ask(f"/{language}/")
        assert home.status == 200
        assert error_text("search-unavailable", language) in home.data.decode()
        assert f'href="/{language}/collections"' in home.data.decode()
    assert house.ask("/readyz").json["search"] == "search-unavailable"
    servers.start("elasticsearch")
    wait_for(lambda: is_found(house, sent.asset), BACK_SECONDS, "the index catches up")


def test_without_the_store_bytes_are_kept_and_nothing_is_acknowledged(house, servers) -> None:
    data = jpeg(2, (300, 200))
    where = begin(house, data)
    servers.kill("minio")
    answer = send(house, where, data)
    assert (answer.status, answer.json["code"]) == (503, "objects-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert "mediateka-asset" not in answer.headers
    asked = house.ask(where, "HEAD", headers=TUS)
    assert "mediateka-asset" not in asked.headers
    servers.start("minio")

    def settled() -> str:
        return house.ask(where, "HEAD", headers=TUS).headers.get("mediateka-asset", "")

    asset = wait_for(settled, BACK_SECONDS, "what was staged is adopted")
    wait_for(lambda: state_of(house, asset) == "ready", BACK_SECONDS, "it is ready")
    assert house.ask(f"/api/v1/assets/{asset}/original").data == data


def test_without_the_catalogue_everything_says_so_and_resumes(house, servers) -> None:
    data = jpeg(3, (300, 200))
    where = begin(house, data)
    servers.kill("postgres")
    for path in ("/api/v1/assets", "/en/", "/api/v1/collections"):
        answer = house.ask(path)
        assert answer.status == 503, path
        assert b"127.0.0.1" not in answer.data
        assert int(answer.headers["retry-after"]) > 0
    assert send(house, where, data).status == 503
    assert house.ask("/healthz", token=False).status == 200
    servers.start("postgres")
    wait_for(house.answers, BACK_SECONDS, "the house answers")
    offset = int(house.ask(where, "HEAD", headers=TUS).headers["upload-offset"])
    assert offset in {0, len(data)}
    answer = send(house, where, data) if offset == 0 else house.ask(where, "HEAD", headers=TUS)
    asset = answer.headers["mediateka-asset"]
    wait_for(lambda: state_of(house, asset) == "ready", BACK_SECONDS, "it is ready")


@pytest.mark.skipif(not UPLOADS, reason="minutes long: `make faults` sets SERVER_UPLOADS")
def test_uploads_survive_the_death_of_every_server_and_of_every_pair(house, servers) -> None:
    seed = int(SEED) if SEED else random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    victims = [(name,) for name in NAMES] + list(itertools.combinations(NAMES, 2))
    chance.shuffle(victims)
    files = [
        (f"{seed}-{number}.jpg", photo_of(chance, chance.randint(100_000, LARGEST)))
        for number in range(UPLOADS)
    ]
    report = Report(seed, kills=dict.fromkeys(NAMES, 0), uploads=UPLOADS)
    over = threading.Event()

    def torment() -> None:
        for names in victims:
            servers.kill(*names)
            for name in names:
                report.kills[name] += 1
            PAUSE.wait(AWAY_SECONDS)
            servers.start(*names)
            PAUSE.wait(chance.uniform(0.5, 2))
        over.set()

    before = {item["id"] for item in house.ask("/api/v1/assets?limit=200").json["items"]}
    with watched(house, report) as embargoed:
        killer = threading.Thread(target=torment)
        killer.start()
        with ThreadPoolExecutor(4) as sending:
            sent = list(sending.map(lambda file: upload(house, *file, seconds=600), files))
        killer.join()
        assert over.is_set()
        check(house, sent, embargoed, report, earlier=before)
    print(f"\n{report}")
    assert report.faults == [], house.log()[-4000:]
    assert min(report.kills.values()) >= 4
