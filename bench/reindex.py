"""The index of 20,000 assets rebuilt while people search and edit: no search may fail, no edit be lost. On both keepers.

The server is the one named by MEDIATEKA_TEST_SEARCH (`bin/services run python -m bench.reindex`); without it only the
embedded keeper is measured. Searchers are a process of their own, as the web is; assets go in through the catalogue.
"""

import multiprocessing
import os
import random
import re
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from live import SEARCH, index_of_its_own
from press_records import STORIES

from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.errors import MediatekaError
from archive.model.agent import OPERATOR
from archive.model.ids import AssetId
from archive.model.multilingual import Multilingual, Value
from archive.rights import scope_of
from bench.many import fill
from search import indexer
from search.find import SearchRequest, find
from search.index.elastic.keeper import ElasticIndex
from search.index.embedded import EmbeddedIndex
from search.index.port import SearchIndex, Sort
from search.index.rebuild import drift, rebuild
from search.query.plan import Plan, Term

RECORDS = int(os.environ.get("BENCH_RECORDS", "20000"))
EDIT_EVERY_SECONDS = 0.04
SEARCHERS = 2
QUERIES = 600
ZONE = ZoneInfo("Asia/Baku")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mediateka-bench-") as folder:
        shelf = Path(folder) / "catalogue.db"
        catalogue = Catalogue.open(f"sqlite:///{shelf}", clock=utc_now)
        with closing(catalogue):
            catalogue.migrate()
            began = time.monotonic()
            fill(catalogue, RECORDS)
            print(f"{RECORDS} assets saved in {time.monotonic() - began:.0f} s", flush=True)
            measure("tantivy", catalogue, shelf, f"{folder}/index")
            if not os.environ.get(SEARCH):
                print(f"elasticsearch: not measured, {SEARCH} names no server")
                return
            with index_of_its_own() as url:
                measure("elasticsearch", catalogue, shelf, url)


def opened(address: str) -> SearchIndex:
    """The index of an address, as each process opens it."""
    if address.startswith("elasticsearch+"):
        return ElasticIndex(address)
    return EmbeddedIndex(Path(address))


def measure(engine: str, catalogue: Catalogue, shelf: Path, address: str) -> None:
    """First build, quiet queries, rebuild under load; one line of figures each."""
    index = opened(address)
    index.prepare()
    with closing(index):
        print(f"== {engine}", flush=True)
        began = time.monotonic()
        rebuild(catalogue=catalogue, index=index)
        print(f"first build: {rate(time.monotonic() - began)}", flush=True)
        index.lay_down()
        quiet(catalogue, index)
        under_load(catalogue, index, shelf, address)


def rate(seconds: float) -> str:
    return f"{seconds:.1f} s, {RECORDS / seconds:.0f} records/s"


def two_words() -> Iterator[str]:
    """Endless queries of two words that stand in one story."""
    chance = random.Random(7)
    while True:
        title = chance.choice(list(chance.choice(STORIES).title.values()))
        words = re.findall(r"\w{3,}", title)
        if len(words) > 1:
            yield " ".join(chance.sample(words, 2))


def ask(q: str, catalogue: Catalogue, index: SearchIndex) -> int:
    request = SearchRequest(q=q, limit=20)
    return find(
        request,
        index=index,
        catalogue=catalogue,
        agent=OPERATOR,
        now=utc_now(),
        secret=b"secret",
        zone=ZONE,
    ).total


def quiet(catalogue: Catalogue, index: SearchIndex) -> None:
    """Two-word queries on an index at rest: the keeper alone, and the whole answer with assets and facets."""
    alone = Timed(index)
    queries = two_words()
    whole = []
    for number in range(QUERIES + 100):  # the first hundred warm up
        began = time.monotonic()
        ask(next(queries), catalogue, alone)  # type: ignore[arg-type]
        if number >= 100:
            whole.append(time.monotonic() - began)
    print(f"two words, the search alone: {milliseconds(alone.took[100:])}")
    print(f"two words, with facets and assets: {milliseconds(whole)}", flush=True)


class Timed:
    """An index whose searches are timed."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self.took: list[float] = []

    def __getattr__(self, name: str) -> Callable:
        return getattr(self._index, name)

    def search(self, plan, scope, **asked):
        began = time.monotonic()
        try:
            return self._index.search(plan, scope, **asked)
        finally:
            self.took.append(time.monotonic() - began)


def milliseconds(seconds: list[float]) -> str:
    p99 = quantiles(seconds, n=100)[98]
    return f"p50 {median(seconds) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms (n = {len(seconds)})"


@dataclass
class Edits:
    """What was edited: the word that now stands in each asset's title, and the words that stood there before."""

    now: dict[AssetId, str]
    before: list[str]


def under_load(catalogue: Catalogue, index: SearchIndex, shelf: Path, address: str) -> None:
    """Rebuild while processes search, a thread edits and the indexer keeps up; then look for every edit.

    On the server, indexer and rebuild are strangers to each other, as in two workers.
    """
    writer = index if address.startswith("/") else opened(address)
    with (
        searching(shelf, address) as outcomes,
        indexing(catalogue, writer),
        editing(catalogue) as edits,
    ):
        ready = time.monotonic()
        rebuild(catalogue=catalogue, index=index)
        took = time.monotonic() - ready
        rebuilt_edits = len(edits.now) + len(edits.before)
        edits.stop()
        ended = time.monotonic()
        while waiting(catalogue):
            time.sleep(0.05)
        late = time.monotonic() - ended
    searches = [one for outcome in outcomes for one in outcome[0]]
    failed = [one for outcome in outcomes for one in outcome[1]]
    print(f"rebuild under load: {rate(took)}; caught up {late:.1f} s after the last edit")
    print(f"searches meanwhile: {milliseconds(searches)}, failed: {len(failed)} {failed[:3]}")
    lost = lost_edits(index, edits)
    apart = len(drift(catalogue, index))
    print(
        f"edits meanwhile: {rebuilt_edits}, lost: {len(lost)} {lost[:3]}, apart from the catalogue: {apart}"
    )
    sys.stdout.flush()
    if failed or lost or apart:
        raise SystemExit(1)


def waiting(catalogue: Catalogue) -> int:
    with catalogue.reading() as tx:
        return tx.index_due.count()


def lost_edits(index: SearchIndex, edits: Edits) -> list[str]:
    """Words of edits that do not find their asset, and words edited away that still find one."""
    lost = [word for asset, word in edits.now.items() if hits(word, index) != [asset]]
    return lost + [word for word in edits.before if hits(word, index)]


def hits(word: str, index: SearchIndex) -> list[AssetId]:
    plan = Plan(strict=Term("tf", word, 1.0))
    scope = scope_of(OPERATOR, utc_now())
    return [hit.id for hit in index.search(plan, scope, sort=Sort.RELEVANCE, size=5).hits]


@contextmanager
def indexing(catalogue: Catalogue, index: SearchIndex) -> Iterator[None]:
    """The indexer at work; it begins by emptying what the first build left waiting."""
    stop = threading.Event()
    thread = threading.Thread(
        target=indexer.run,
        kwargs={
            "catalogue": catalogue,
            "index": index,
            "stop": stop,
            "wake": threading.Event(),
            "owner": "bench",
            "lease_seconds": 60.0,
        },
    )
    thread.start()
    try:
        while waiting(catalogue):
            time.sleep(0.05)
        yield
    finally:
        stop.set()
        thread.join()


class Editor(Edits):
    """Saves one asset after the other, each time with a word of its own in the title."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(now={}, before=[])
        self._catalogue = catalogue
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._edit)
        with catalogue.reading() as tx:
            self._ids = [asset for asset, _ in tx.assets.revisions()]
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _edit(self) -> None:
        chance = random.Random(3)
        number = 0
        while not self._stop.wait(EDIT_EVERY_SECONDS):
            number += 1
            self._save(chance.choice(self._ids[-500:] if number % 4 == 0 else self._ids), number)

    def _save(self, wanted: AssetId, number: int) -> None:
        word = f"edited{secrets.token_hex(3)}n{number}"
        with self._catalogue.writing() as tx:
            asset = tx.assets.get(wanted)
            title = Multilingual({"en": Value(text=word, source="typed")})
            tx.assets.save(replace(asset, chosen=replace(asset.chosen, title=title)))
        if wanted in self.now:
            self.before.append(self.now[wanted])
        self.now[wanted] = word


@contextmanager
def editing(catalogue: Catalogue) -> Iterator[Editor]:
    editor = Editor(catalogue)
    try:
        yield editor
    finally:
        editor.stop()


@contextmanager
def searching(shelf: Path, address: str) -> Iterator[list[tuple[list[float], list[str]]]]:
    """Processes that search all the while; yields a list that holds their times and troubles in the end."""
    spawn = multiprocessing.get_context("spawn")
    stop, outcomes, told = spawn.Event(), [], spawn.Queue()
    processes = [
        spawn.Process(target=search_until, args=(stop, told, shelf, address))
        for _ in range(SEARCHERS)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        told.get()  # it has searched once
    try:
        yield outcomes
    finally:
        stop.set()
        outcomes += [told.get() for _ in processes]
        for process in processes:
            process.join()


def search_until(stop, told, shelf: Path, address: str) -> None:
    """Search for two words, again and again, with a breath between; every error and every empty answer is a failure."""
    times, failed, queries = [], [], two_words()
    catalogue = Catalogue.open(f"sqlite:///{shelf}", clock=utc_now)
    with closing(catalogue), closing(opened(address)) as index:
        ask(next(queries), catalogue, index)
        told.put("ready")
        while not stop.wait(0.05):
            q, began = next(queries), time.monotonic()
            try:
                if not ask(q, catalogue, index):
                    failed.append(f"nothing for {q}")
            except MediatekaError as trouble:
                failed.append(repr(trouble))
            times.append(time.monotonic() - began)
    told.put((times, failed))


if __name__ == "__main__":
    main()
