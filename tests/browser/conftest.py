"""A whole house with the press photos in it, served on this machine, and a browser to look at it."""

import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from distributed import settings_of
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from archive.model.agent import Role
from archive.model.asset import State
from archive.model.ids import AssetId
from ingest.receive import NewUpload
from mediateka.services import Services, build, web_parts
from mediateka.settings import read_settings
from mediateka.work import crew
from web.app import create_app
from web.auth.accounts import add_account
from workers.run import run

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "uzun və sadə parol"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_SECONDS = 120
EMBEDDED_SETTINGS: Mapping[str, str] = {}
# A browser hangs up in the middle of a font when its page is left; the server of these tests then leaves file and
# socket to the collector, which tells it to whatever test happens to run.
HUNG_UP = r"ignore:Exception ignored in. <(_io\.\w+ name='.*web/static|socket\.socket):pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.filterwarnings(HUNG_UP))


@dataclass
class House:
    """A served house: its address, its parts, and the photos in it by file name."""

    address: str
    services: Services
    photos: dict[str, AssetId]


@pytest.fixture(scope="session")
def house(
    tmp_path_factory: pytest.TempPathFactory, media: Path, furnished: "Furnish"
) -> Iterator[House]:
    photos = sorted((media / "press").glob("*.[jJ][pP][gG]"))
    with furnished(tmp_path_factory.mktemp("house"), photos) as house:
        yield house


@pytest.fixture(scope="session")
def furnished(pytestconfig: pytest.Config) -> "Furnish":
    return partial(furnish, kind=pytestconfig.getoption("--house"))


@contextmanager
def furnish(home: Path, files: list[Path], *, kind: str) -> Iterator[House]:
    """A served house in a folder, with an archivist, a photographer and these files in it, published."""
    with settings_of(kind) as settings, serving(home, settings) as (address, services):
        for email, role in (
            ("arxiv@media.test", Role.ARCHIVIST),
            ("foto@media.test", Role.PHOTOGRAPHER),
        ):
            add_account(
                email=email,
                name="Leyla Məmmədova",
                role=role,
                password=PASSWORD,
                catalogue=services.catalogue,
                via="test",
            )
        yield House(address, services, deposit(services, files))


Furnish = Callable[[Path, list[Path]], AbstractContextManager[House]]


class serving:  # noqa: N801 - reads as a verb: `with serving(home)`
    """An empty house in a folder, web and workers in this process, until the block ends."""

    def __init__(self, home: Path, settings: Mapping[str, str] = EMBEDDED_SETTINGS) -> None:
        self._home = home
        self._settings = settings
        self._stop = threading.Event()

    def __enter__(self) -> tuple[str, Services]:
        # The port must be known before the house, which tells its own address.
        self._server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
        address = f"http://127.0.0.1:{self._server.server_port}"
        environment = {
            "MEDIATEKA_HOME": str(self._home),
            "MEDIATEKA_PUBLIC_URL": address,
            "MEDIATEKA_LOW_WATER_BYTES": "0",
            **self._settings,
        }
        self._building = build(read_settings(environment))
        services = self._building.__enter__()
        self._server.app = create_app(web_parts(services))
        self._threads = [
            threading.Thread(target=self._server.serve_forever, daemon=True),
            threading.Thread(target=run, args=(crew(services), self._stop), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return address, services

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        self._server.server_close()
        self._building.__exit__(None, None, None)


@pytest.fixture(scope="session")
def serving_house() -> type[serving]:
    return serving


def deposit(services: Services, files: list[Path]) -> dict[str, AssetId]:
    """Deposit and publish files, and wait until each is examined, has its previews and can be found."""
    with services.catalogue.reading() as tx:
        account = tx.accounts.by_email("arxiv@media.test")
    assert account is not None
    photos = {}
    for file in files:
        data = file.read_bytes()
        new = NewUpload(filename=file.name, length=len(data), wishes={"publish": True})
        upload = services.receiver.create(new, account.agent)
        taken = services.receiver.append(upload.id, account.agent, 0, io.BytesIO(data), len(data))
        photos[file.name] = AssetId((taken.outcome or {})["asset"])
    wait_until(lambda: all(_is_done(services, asset) for asset in photos.values()))
    wait_until(lambda: _is_indexed(services))
    return photos


def _is_done(services: Services, asset: AssetId) -> bool:
    with services.catalogue.reading() as tx:
        return tx.assets.get(asset).state is not State.PROCESSING


def _is_indexed(services: Services) -> bool:
    with services.catalogue.reading() as tx:
        return tx.index_due.count() == 0


def wait_until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 20):
        if holds():
            return
        pause.wait(0.05)
    raise AssertionError("the house did not come to rest")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@dataclass
class Watched:
    """A page, and what its console complained about."""

    page: Page
    complaints: list[str]


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Callable[..., Watched]]:
    """Open pages: `visit("/az/", width=390, dark=True, as_="foto@media.test", script=True)`."""
    contexts: list[BrowserContext] = []

    def open_page(
        path: str,
        *,
        width: int = 1440,
        dark: bool = False,
        as_: str = "",
        script: bool = True,
        **more: Any,
    ) -> Watched:
        context = browser.new_context(
            base_url=house.address,
            viewport={"width": width, "height": 844 if width < 721 else 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            **more,
        )
        context.set_default_timeout(8000)
        contexts.append(context)
        if as_:
            sign_in(context, house.address, as_)
        page = context.new_page()
        watched = Watched(page, [])
        page.on("console", lambda said: _note(watched, said.type, said.text))
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.goto(path)
        return watched

    yield open_page
    for context in contexts:
        context.close()


def _note(watched: Watched, kind: str, text: str) -> None:
    # The browser itself reports an answer of 4xx; whether it is right is for the test to say.
    if kind in {"error", "warning"} and "Failed to load resource" not in text:
        watched.complaints.append(text)


_states: dict[tuple[str, str], Any] = {}


def sign_in(context: BrowserContext, address: str, email: str) -> None:
    """Sign in once for each account and keep the cookies: hashing a password is slow on purpose."""
    if (address, email) not in _states:
        page = context.new_page()
        page.goto(f"{address}/en/sign-in")
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit], main form button")
        page.wait_for_url("**/en/")
        _states[address, email] = context.cookies()
        page.close()
    context.add_cookies(_states[address, email])


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """What axe finds on a page against WCAG 2.2 AA and its best practices, one line for each rule."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `npm ci`")
    axe = AXE.read_text("utf-8")

    def found(page: Page) -> list[str]:
        # By the browser's own protocol, so that the page's policy against foreign scripts stays in force.
        page.evaluate(axe)
        options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
        told = page.evaluate("options => axe.run(document, options)", options)["violations"]
        return [f"{one['id']}: {[node['html'][:200] for node in one['nodes']][:3]}" for one in told]

    return found
