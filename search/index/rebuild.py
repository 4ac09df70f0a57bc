"""Build the index anew beside the one that answers, verify it against the catalogue, and swap.

Safe to run again after a kill at any moment: a half build is removed when the next one begins, and until the swap the old
index answers. Assets saved meanwhile reach both through the indexer.
"""

import logging
from collections.abc import Callable, Iterator, Mapping

from archive import faults
from archive.catalogue.engine import Catalogue
from archive.errors import SearchUnavailable
from archive.model.ids import AssetId
from search.index.port import Build, SearchIndex
from search.indexer import documents_of

log = logging.getLogger(__name__)
PAGE = 500

Progress = Callable[[float], None]


def rebuild(*, catalogue: Catalogue, index: SearchIndex, progress: Progress | None = None) -> int:
    """Make a new index from the catalogue and let it answer; returns how many assets it holds.

    `progress` is told the share done, 0 to 1, after each page; what it raises (a lost lease) ends the rebuild and removes the
    half build. Conflict while another rebuild is under way.
    """
    with catalogue.reading() as tx:
        expected = dict(tx.assets.revisions())
    with index.building() as build:
        done = 0
        for page in _pages(catalogue):
            build.put(documents_of(page, catalogue=catalogue))
            faults.point("reindex.after_page")
            done += len(page)
            if progress:
                progress(min(1.0, done / max(1, len(expected))))
        _catch_up(build, catalogue)
        faults.point("reindex.before_switch")
        build.switch()
    held = len(index.revisions())
    log.info("index rebuilt: %d assets", held)
    return held


def is_due(index: SearchIndex) -> bool:
    """Whether the index must be rebuilt; one that is away is asked again by the sweep."""
    try:
        return index.is_outdated()
    except SearchUnavailable as trouble:
        log.warning("the index cannot be asked: %s", trouble)
        return False


def drift(catalogue: Catalogue, index: SearchIndex) -> dict[AssetId, int | None]:
    """Assets whose revision in the index is not the catalogue's: the catalogue's revision, None for one it does not know."""
    with catalogue.reading() as tx:
        wanted = dict(tx.assets.revisions())
    held = index.revisions()
    missing = {asset: revision for asset, revision in wanted.items() if held.get(asset) != revision}
    return missing | {asset: None for asset in held if asset not in wanted}


def _pages(catalogue: Catalogue) -> Iterator[list[AssetId]]:
    """Every asset by id, page by page; what is added after the last page was read is caught up with later."""
    last: AssetId | None = None
    while True:
        with catalogue.reading() as tx:
            page = [asset.id for asset in tx.assets.after(last, PAGE)]
        if page:
            yield page
            last = page[-1]
        if len(page) < PAGE:
            return


def _catch_up(build: Build, catalogue: Catalogue) -> None:
    """Repair what changed while the pages went by, then make sure that nothing known by then is missing or older.

    What is saved from here on reaches the build through the indexer, so the catalogue's newest state is not waited for.
    """
    with catalogue.reading() as tx:
        wanted = dict(tx.assets.revisions())
    held = build.revisions()
    behind = _behind(wanted, held)
    unknown = [asset for asset in held if asset not in wanted]
    for start in range(0, len(behind), PAGE):
        build.put(documents_of(behind[start : start + PAGE], catalogue=catalogue))
    for start in range(0, len(unknown), PAGE):
        page = unknown[start : start + PAGE]
        known = {found.id for found in documents_of(page, catalogue=catalogue)}
        build.drop([asset for asset in page if asset not in known])
    if still := _behind(wanted, build.revisions()):
        raise SearchUnavailable(f"the new index lacks {len(still)} assets of the catalogue")


def _behind(wanted: Mapping[AssetId, int], held: Mapping[AssetId, int]) -> list[AssetId]:
    return [asset for asset, revision in wanted.items() if held.get(asset, -1) < revision]
