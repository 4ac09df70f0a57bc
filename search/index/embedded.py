"""The embedded keeper of the index: builds of tantivy in a folder, one of which answers.

Any number of processes read, one writes (tantivy's own lock). Readers look which build answers and reload before each
question, so a commit is seen by the next question in every process.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from archive import faults
from archive.errors import Conflict, SearchUnavailable
from archive.model.ids import AssetId
from archive.rights import Scope
from search.documents import SearchDocument
from search.index.builds import Builds, Signature, is_outdated
from search.index.port import Bucket, Found, Place, Question, Sort, Versions
from search.index.tantivy import ENGINE, Folder, View
from search.index.tiers import find_page
from search.query.plan import Node, Plan

Answer = TypeVar("Answer")


class EmbeddedIndex:
    """A SearchIndex in a folder; one object serves all threads of a process."""

    def __init__(self, root: Path) -> None:
        self._builds = Builds(root, ENGINE)
        self._lock = threading.RLock()
        self._serving: tuple[Folder, Signature] | None = None
        self._making: Folder | None = None

    def prepare(self) -> None:
        """See the port."""
        if self._builds.current() is None:
            versions = self._builds.new()
            Folder.create(self._builds, versions)
            if not self._builds.make_first(versions.build):
                self._builds.remove(versions.build)

    def put(self, documents: Sequence[SearchDocument]) -> None:
        """See the port."""
        with self._lock, _translated():
            for folder in self._written():
                folder.put(documents)

    def drop(self, ids: Sequence[AssetId]) -> None:
        """See the port."""
        with self._lock, _translated():
            for folder in self._written():
                folder.drop(ids)

    def search(
        self, plan: Plan, scope: Scope, *, sort: Sort, size: int, place: Place | None = None
    ) -> Found:
        """See the port."""
        return self._ask(
            lambda view: find_page(
                view.seen_by(scope), plan, sort=sort, size=size, place=place, build=view.build
            )
        )

    def count(self, nodes: Sequence[Node], scope: Scope) -> list[int]:
        """See the port."""
        return self._ask(lambda view: [view.seen_by(scope).total(node) for node in nodes])

    def facets(self, questions: Sequence[Question], scope: Scope) -> list[dict[str, list[Bucket]]]:
        """See the port."""
        return self._ask(
            lambda view: [view.seen_by(scope).buckets(question) for question in questions]
        )

    def versions(self) -> Versions:
        """See the port."""
        with _translated():
            name = self._builds.current()
            if name is None:
                raise SearchUnavailable("the index was never made")
            return self._builds.read(name)

    def is_outdated(self) -> bool:
        """See the port."""
        return is_outdated(self.versions(), ENGINE)

    @contextmanager
    def building(self) -> Iterator["EmbeddedBuild"]:
        """See the port."""
        with self._lock, _translated():
            if self._making:
                raise Conflict("the index is being rebuilt already")
            self._builds.remove_leftovers()
            folder = self._making = Folder.create(self._builds, self._builds.new())
        try:
            yield EmbeddedBuild(folder, self._lock, self._switch_to)
        finally:
            with self._lock:
                self._making = None
                if self._builds.current() != folder.versions.build:
                    folder.lay_down()
                    self._builds.remove(folder.versions.build)

    def revisions(self) -> Mapping[AssetId, int]:
        """See the port."""
        return self._ask(lambda view: view.revisions())

    def lay_down(self) -> None:
        """See the port."""
        with self._lock:
            self._lay_down_serving()
            if self._making:
                self._making.lay_down()

    def ping(self) -> None:
        """See the port."""
        self._ask(lambda view: view.build)

    def close(self) -> None:
        """See the port."""
        self.lay_down()

    def _ask(self, question: Callable[[View], Answer]) -> Answer:
        """Answer from the newest commit of the build that answers now; again whenever another began to answer meanwhile.

        A build that no longer answers is removed at once, so one may go between being looked up and being opened.
        """
        while True:
            asked = self._builds.signature()
            try:
                return question(self._current().view())
            except (ValueError, OSError, SearchUnavailable) as trouble:
                if self._builds.signature() == asked:
                    raise SearchUnavailable(f"the index does not answer: {trouble}") from trouble

    def _current(self) -> Folder:
        serving = self._serving
        if serving and serving[1] == self._builds.signature():
            return serving[0]
        with self._lock, _translated():
            # Another may have begun to answer before the lock was had.
            signature = self._builds.signature()
            if self._serving and self._serving[1] == signature:
                return self._serving[0]
            name = self._builds.current()
            if name is None:
                raise SearchUnavailable("the index was never made")
            self._lay_down_serving()
            folder = Folder(self._builds, self._builds.read(name))
            self._serving = folder, signature
            return folder

    def _lay_down_serving(self) -> None:
        if self._serving:
            self._serving[0].lay_down()

    def _written(self) -> list[Folder]:
        return [self._current(), *filter(None, (self._making,))]

    def _switch_to(self, folder: Folder) -> None:
        with self._lock, _translated():
            folder.mark_whole()
            self._builds.make_current(folder.versions.build)
            faults.point("reindex.after_switch")
            self._lay_down_serving()
            self._serving = folder, self._builds.signature()
            self._making = None
            self._builds.remove_leftovers()


class EmbeddedBuild:
    """A build in the making."""

    def __init__(
        self, folder: Folder, lock: threading.RLock, switch: Callable[[Folder], None]
    ) -> None:
        self._folder = folder
        self._lock = lock
        self._switch = switch

    def put(self, documents: Sequence[SearchDocument]) -> None:
        """See the port."""
        with self._lock, _translated():
            self._folder.put(documents)

    def drop(self, ids: Sequence[AssetId]) -> None:
        """See the port."""
        with self._lock, _translated():
            self._folder.drop(ids)

    def revisions(self) -> Mapping[AssetId, int]:
        """See the port."""
        with _translated():
            return self._folder.view().revisions()

    def switch(self) -> None:
        """See the port."""
        self._switch(self._folder)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as trouble:
        raise SearchUnavailable(f"the index does not answer: {trouble}") from trouble
