"""F14: the house dies while the index is rebuilt, swapped, or the catalogue migrated: the old one serves until the new is whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from depositing import deposit
from making import jpeg

from archive import faults
from archive.catalogue import engine
from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from search.index.embedded import EmbeddedIndex
from search.index.rebuild import drift, rebuild
from search.indexer import drain

ROOT = Path(__file__).parent.parent.parent
REINDEX = ("reindex.after_page", "reindex.before_switch", "reindex.after_switch")
MIGRATE = ("migrate.before_commit", "migrate.after_commit")
BEGIN = """
import sys
from pathlib import Path
from archive import faults
from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from search.index.embedded import EmbeddedIndex
from search.index.rebuild import rebuild
faults.arm(Path(sys.argv[3]))
catalogue = Catalogue.open(sys.argv[1], clock=utc_now)
"""
REBUILDS = BEGIN + "rebuild(catalogue=catalogue, index=EmbeddedIndex(Path(sys.argv[2])))"
MIGRATES = BEGIN + "catalogue.migrate()"


def die(program: str, point: str, tmp_path: Path) -> None:
    """Run a program of the house up to a point, and no further."""
    armed = tmp_path / "points"
    armed.mkdir(exist_ok=True)
    (armed / point).touch()
    arguments = [f"sqlite:///{tmp_path}/catalogue.db", str(tmp_path / "index"), str(armed)]
    died = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, check=False, timeout=60
    )
    assert died.returncode == faults.EXIT_STATUS


@pytest.mark.parametrize("point", REINDEX)
def test_a_rebuild_that_dies_leaves_an_index_that_answers_and_can_be_rebuilt(
    receiver, archivist, catalogue, tmp_path, point
) -> None:
    index = EmbeddedIndex(tmp_path / "index")
    index.prepare()
    held = {
        deposit(receiver, archivist, jpeg(seed), catalogue=catalogue, name=f"{seed}.jpg").id
        for seed in range(3)
    }
    drain(catalogue=catalogue, index=index)
    index.lay_down()
    die(REBUILDS, point, tmp_path)
    assert set(index.revisions()) == held  # by whoever asked before, and by a new process
    assert set(EmbeddedIndex(tmp_path / "index").revisions()) == held
    assert rebuild(catalogue=catalogue, index=index) == 3
    assert drift(catalogue, index) == {}
    assert len(list((tmp_path / "index" / "builds").iterdir())) == 1


@pytest.mark.parametrize("point", MIGRATE)
def test_a_migration_that_dies_is_whole_or_was_never_begun(tmp_path: Path, point: str) -> None:
    catalogue = Catalogue.open(f"sqlite:///{tmp_path}/catalogue.db", clock=utc_now)
    with catalogue._ledger.begin() as connection:
        config = engine._alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    before, head = catalogue.revisions()
    die(MIGRATES, point, tmp_path)
    found, _ = catalogue.revisions()
    assert found == (before if point == "migrate.before_commit" else head)
    assert before != head
    catalogue.migrate()
    assert catalogue.revisions() == (head, head)
    with catalogue.reading() as tx:
        assert tx.jobs.counts() == {}
    catalogue.close()
