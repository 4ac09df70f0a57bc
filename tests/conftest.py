"""Fixtures that every room shares: a house's parts on files in a temporary folder, and a clock that tests turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from distributed import EMBEDDED, kind_of_house
from grouping import ByGroup
from live import bucket_of_its_own, empty_bucket, empty_tables, schema_of_its_own

from archive.catalogue.accounts import Account
from archive.catalogue.engine import Catalogue
from archive.model.agent import Role
from archive.objects.cache import Cache
from archive.objects.files import FileObjects
from archive.objects.minio import MinioObjects
from archive.objects.port import ObjectStore
from archive.sandbox.check import choose
from archive.sandbox.child import Sandbox
from archive.sandbox.kept import Keeping
from ingest.adopt import Adoption
from ingest.receive import Limits, Receiver
from ingest.staging import Staging

Open = Callable[..., ObjectStore]
MEDIA = Path(__file__).parent.parent.parent / "shared" / "media"


@dataclass
class TestClock:
    """A clock that stands still until told to go on."""

    __test__ = False
    now: datetime = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)  # no two instants are the same
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByGroup:
    return ByGroup(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rooms-on",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="the database that the tests of all rooms run on",
    )
    parser.addoption(
        "--house",
        type=kind_of_house,
        default=EMBEDDED,
        help="the house that the browser looks at: embedded, distributed, or the parts on servers (search+queue)",
    )
    parser.addoption(
        "--objects-in",
        choices=["files", "minio"],
        default="files",
        help="the object store that the tests of all rooms keep their objects in",
    )


@pytest.fixture(scope="session")
def postgres_schema() -> Iterator[str]:
    """A schema of its own on the real server, brought to this version once; tests share it and empty it."""
    with schema_of_its_own() as url:
        fresh = Catalogue.open(url, clock=TestClock())
        fresh.migrate()
        fresh.close()
        yield url


@pytest.fixture
def keeper_of_catalogue(request: pytest.FixtureRequest) -> str:
    return request.config.getoption("--rooms-on")


@pytest.fixture
def catalogue_url(keeper_of_catalogue: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty catalogue's address."""
    if keeper_of_catalogue == "sqlite":
        return f"sqlite:///{tmp_path}/catalogue.db"
    url = request.getfixturevalue("postgres_schema")
    empty_tables(url)
    return url


@pytest.fixture
def catalogue(catalogue_url: str, clock: TestClock) -> Iterator[Catalogue]:
    opened = Catalogue.open(catalogue_url, clock=clock)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def minio_bucket() -> Iterator[str]:
    """A bucket of its own on the real server; tests share it and empty it."""
    with bucket_of_its_own() as url:
        yield url


@pytest.fixture
def keeper_of_objects(request: pytest.FixtureRequest) -> str:
    return request.config.getoption("--objects-in")


@pytest.fixture
def open_objects(keeper_of_objects: str, request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Open the same, empty store, as often as asked, as the processes of one house do."""
    if keeper_of_objects == "files":
        return partial(FileObjects, tmp_path / "objects")
    url = request.getfixturevalue("minio_bucket")
    empty_bucket(url)
    return partial(MinioObjects, url, cache=Cache(tmp_path / "cache", 10**9))


@pytest.fixture
def objects(open_objects: Open) -> ObjectStore:
    store = open_objects()
    store.prepare()
    return store


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "staging")


@pytest.fixture
def adoption(
    catalogue: Catalogue, objects: ObjectStore, staging: Staging, clock: TestClock
) -> Adoption:
    return Adoption(
        catalogue=catalogue,
        objects=objects,
        staging=staging,
        clock=clock,
        public_url="https://media.test",
    )


@pytest.fixture
def receiver(
    catalogue: Catalogue,
    objects: ObjectStore,
    staging: Staging,
    adoption: Adoption,
    clock: TestClock,
) -> Receiver:
    return Receiver(
        catalogue=catalogue,
        objects=objects,
        staging=staging,
        adoption=adoption,
        clock=clock,
        node="node",
        limits=Limits(low_water_bytes=0),
    )


@pytest.fixture
def photographer(catalogue: Catalogue) -> Account:
    return _account(catalogue, "foto@media.test", "Leyla Əliyeva", Role.PHOTOGRAPHER)


@pytest.fixture
def archivist(catalogue: Catalogue) -> Account:
    return _account(catalogue, "arxiv@media.test", "Рашид Кулиев", Role.ARCHIVIST)


@pytest.fixture
def journalist(catalogue: Catalogue) -> Account:
    return _account(catalogue, "press@media.test", "Ann Field", Role.JOURNALIST)


@pytest.fixture(scope="session")
def media() -> Path:
    if not MEDIA.is_dir():
        pytest.skip(f"the media set is not at {MEDIA}")
    return MEDIA


def _account(catalogue: Catalogue, email: str, name: str, role: Role) -> Account:
    with catalogue.writing() as tx:
        return tx.accounts.add(email=email, name=name, role=role, password_hash=None)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox as the worker has it: the best rung of this machine, kept open for quick programs."""
    scratch = tmp_path_factory.mktemp("scratch")
    found, reports = choose(scratch)
    if found.rung is None:
        pytest.skip(f"no rung of the sandbox works here: {reports}")
    with Keeping(found.rung, scratch) as kept:
        yield replace(found, kept=kept)
