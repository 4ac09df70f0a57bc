"""The indexer and the rebuild: the index comes to agree with the catalogue, whatever happens in between."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from archive import faults
from archive.errors import SearchUnavailable
from archive.model.asset import Visibility
from search.documents import document
from search.index.builds import Builds
from search.index.embedded import EmbeddedIndex
from search.index.rebuild import drift, rebuild
from search.indexer import LEASE, run

ROOT = Path(__file__).parent.parent.parent


def due(shelf):
    with shelf.catalogue.reading() as tx:
        return tx.index_due.count()


def test_draining_brings_every_saved_asset_into_the_index(shelf):
    asset = shelf.put(title={"az": "köhnə"})
    shelf.put(title={"az": "başqa"})
    assert shelf.drain() == 2
    assert due(shelf) == 0
    with shelf.catalogue.writing() as tx:
        tx.assets.save(
            replace(asset, edited={"title": {"az": {"text": "yeni", "source": "typed"}}})
        )
    assert due(shelf) == 1
    shelf.drain()
    assert shelf.ids("yeni") == [asset.id]
    assert shelf.ids("köhnə") == []
    assert drift(shelf.catalogue, shelf.index) == {}


def test_an_entry_for_an_asset_that_is_gone_is_dropped(shelf):
    asset = shelf.put(title={"az": "park"})
    shelf.drain()
    with shelf.catalogue.writing() as tx:
        tx.index_due.put("019a0000-0000-7000-8000-00000000dead", 1)
    assert shelf.drain() == 1
    assert due(shelf) == 0
    assert shelf.ids("park") == [asset.id]


def test_an_index_that_is_away_leaves_the_entries_waiting(shelf, tmp_path):
    shelf.put(title={"az": "park"})
    shelf.index = EmbeddedIndex(tmp_path / "never-made")
    with pytest.raises(SearchUnavailable):
        shelf.drain()
    assert due(shelf) == 1


def test_drift_names_what_differs(shelf):
    known, unknown = shelf.put(title={"az": "a"}), shelf.put(title={"az": "b"})
    shelf.drain()
    shelf.index.drop([unknown.id])
    with shelf.catalogue.writing() as tx:
        saved = tx.assets.save(replace(known, visibility=Visibility.WITHDRAWN))
    assert drift(shelf.catalogue, shelf.index) == {known.id: saved.revision, unknown.id: 1}


def test_a_rebuild_holds_the_whole_catalogue_and_removes_the_old_build(shelf, tmp_path):
    assets = [shelf.put(title={"az": "park"}) for _ in range(4)]
    shares = []
    assert rebuild(catalogue=shelf.catalogue, index=shelf.index, progress=shares.append) == 4
    assert set(shelf.ids("park")) == {asset.id for asset in assets}
    assert shares[-1] == 1.0
    assert not shelf.index.is_outdated()
    builds = [folder.name for folder in (tmp_path / "index" / "builds").iterdir()]
    assert builds == [shelf.index.versions().build]


def test_assets_saved_during_a_rebuild_are_in_the_new_index(shelf):
    first = shelf.put(title={"az": "park"})
    later = []

    def save_more(share):
        later.append(shelf.put(title={"az": "park"}).id)
        with shelf.catalogue.writing() as tx:
            tx.assets.save(
                replace(
                    tx.assets.get(first.id),
                    edited={"title": {"az": {"text": "bağ", "source": "typed"}}},
                )
            )
        shelf.drain()

    rebuild(catalogue=shelf.catalogue, index=shelf.index, progress=save_more)
    assert shelf.ids("park") == later
    assert shelf.ids("bağ") == [first.id]
    assert drift(shelf.catalogue, shelf.index) == {}


def test_a_rebuild_forgets_what_the_catalogue_does_not_know_and_learns_what_it_missed(shelf):
    asset = shelf.put(title={"az": "park"})

    def disturb(share):
        stranger = replace(asset, id="019a0000-0000-7000-8000-00000000dead", number=99)
        shelf.index.put([document(stranger, {})])
        shelf.index.drop([asset.id])

    rebuild(catalogue=shelf.catalogue, index=shelf.index, progress=disturb)
    assert shelf.ids("park") == [asset.id]
    assert drift(shelf.catalogue, shelf.index) == {}


def test_a_rebuild_that_is_stopped_leaves_the_old_index_answering(shelf, tmp_path):
    asset = shelf.put(title={"az": "park"})
    shelf.drain()

    def stop(share):
        raise SearchUnavailable

    with pytest.raises(SearchUnavailable):
        rebuild(catalogue=shelf.catalogue, index=shelf.index, progress=stop)
    assert shelf.ids("park") == [asset.id]
    assert len(list((tmp_path / "index" / "builds").iterdir())) == 1


def test_a_question_asked_while_the_new_index_takes_over_does_not_cost_it(shelf, monkeypatch):
    """The asker looks which build answers, and waits for the lock until another one does."""
    asset = shelf.put(title={"az": "park"})
    looked, switched, look = threading.Event(), threading.Event(), Builds.signature
    asker = threading.Thread(target=shelf.index.ping)
    looks = []
    shelf.index.ping()

    def look_and_wait(builds):
        seen = look(builds)
        if threading.current_thread() is asker:
            looks.append(seen)
            if len(looks) == 2:  # the first is to know afterwards whether to ask once more
                looked.set()
                assert switched.wait(10)
        return seen

    monkeypatch.setattr(Builds, "signature", look_and_wait)
    with shelf.index.building() as build:
        build.put([document(asset, {})])
        asker.start()
        assert looked.wait(10)
        build.switch()
        switched.set()
        asker.join(10)
    assert shelf.ids("park") == [asset.id]


def test_a_half_build_of_a_killed_process_is_removed_by_the_next_rebuild(shelf, tmp_path):
    shelf.put(title={"az": "park"})
    (tmp_path / "index" / "builds" / "v1-half" / "tantivy").mkdir(parents=True)
    rebuild(catalogue=shelf.catalogue, index=shelf.index)
    assert len(list((tmp_path / "index" / "builds").iterdir())) == 1


KILLED = """
import sys
from pathlib import Path
from archive import faults
from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from search.documents import document
from search.index.embedded import EmbeddedIndex
from search.indexer import drain
faults.arm(Path(sys.argv[3]))
drain(catalogue=Catalogue.open(sys.argv[1], clock=utc_now), index=EmbeddedIndex(Path(sys.argv[2])))
"""


def test_an_indexer_killed_before_its_commit_loses_nothing(shelf, tmp_path, catalogue_url):
    asset = shelf.put(title={"az": "park"})
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "index.before_commit").touch()
    arguments = [catalogue_url, tmp_path / "index", tmp_path / "faults"]
    died = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, arguments)], cwd=ROOT, check=False, timeout=60
    )
    assert died.returncode == faults.EXIT_STATUS
    assert due(shelf) == 1
    assert shelf.ids("park") == []
    shelf.drain()
    assert shelf.ids("park") == [asset.id]


def running(shelf, owner, stop, wake):
    return threading.Thread(
        target=run,
        kwargs={
            "catalogue": shelf.catalogue,
            "index": shelf.index,
            "stop": stop,
            "wake": wake,
            "owner": owner,
            "lease_seconds": 30.0,
        },
    )


def wait_until(claim, seconds=10):
    """Look often until a claim holds; the indexer runs in its own thread."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if claim():
            return True
        pause.wait(0.02)
    return False


def test_the_running_indexer_makes_saved_assets_findable_and_gives_its_lease_back(shelf):
    stop, wake = threading.Event(), threading.Event()
    indexer = running(shelf, "one", stop, wake)
    indexer.start()
    try:
        asset = shelf.put(title={"az": "park"})
        wake.set()
        assert wait_until(lambda: shelf.ids("park") == [asset.id])
        assert wait_until(lambda: due(shelf) == 0)
        with shelf.catalogue.writing() as tx:
            assert not tx.leases.acquire(LEASE, "two", 5)
    finally:
        stop.set()
        wake.set()
        indexer.join(10)
    assert not indexer.is_alive()
    with shelf.catalogue.writing() as tx:
        assert tx.leases.acquire(LEASE, "two", 5)


def test_without_the_lease_nothing_is_written(shelf):
    with shelf.catalogue.writing() as tx:
        tx.leases.acquire(LEASE, "somebody else", 3600)
    shelf.put(title={"az": "park"})
    stop, wake = threading.Event(), threading.Event()
    indexer = running(shelf, "one", stop, wake)
    indexer.start()
    assert not wait_until(lambda: due(shelf) == 0, seconds=0.6)
    stop.set()
    wake.set()
    indexer.join(10)
    assert due(shelf) == 1


def test_a_build_that_goes_while_a_reader_opens_it_is_no_outage(tmp_path, monkeypatch):
    """Two swaps in a row, as after a rebuild that lost its lease: each removes what the reader is about to open."""
    from search.index.builds import Builds

    keeper, reader = EmbeddedIndex(tmp_path / "index"), EmbeddedIndex(tmp_path / "index")
    keeper.prepare()
    read, swaps = Builds.read, iter(range(2))

    def overtaken(builds, build):
        if builds is reader._builds and next(swaps, None) is not None:
            with keeper.building() as made:
                made.switch()
        return read(builds, build)

    monkeypatch.setattr(Builds, "read", overtaken)
    reader.ping()
    assert next(swaps, None) is None
    assert reader.versions() == keeper.versions()
