"""The distributed keeper of the index: builds on an Elasticsearch server, one of which answers.

Any number of processes read and write. Readers remember which build answers: a switch removes it, so one that is there is the
one that answers. Writers go through the aliases and reach the build being made in whichever process, if there is one: what
was saved before it began, its maker reads from the catalogue.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from elasticsearch import Elasticsearch

from archive import faults
from archive.errors import Conflict, SearchUnavailable
from archive.model.ids import AssetId
from archive.rights import Scope
from search.documents import SearchDocument
from search.index.builds import is_outdated
from search.index.elastic import writing
from search.index.elastic.builds import ServerBuilds
from search.index.elastic.edge import IndexGone, connect, translated
from search.index.elastic.mapping import ENGINE
from search.index.elastic.reading import View
from search.index.port import Bucket, Found, Place, Question, Sort, Versions
from search.index.tiers import find_page
from search.query.plan import Node, Plan

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
MOST_LOOKS = 5  # at which build answers, for one question


class ElasticIndex:
    """A SearchIndex on a server; one object serves all threads of a process."""

    def __init__(self, url: str) -> None:
        self._client, name = connect(url)
        self._builds = ServerBuilds(self._client, name)
        self._view: View | None = None
        self._one_build = threading.Lock()

    def prepare(self) -> None:
        """See the port."""
        self._builds.make_first()

    def put(self, documents: Sequence[SearchDocument]) -> None:
        """See the port."""
        self._again(lambda: writing.put(self._client, self._written(), documents))

    def drop(self, ids: Sequence[AssetId]) -> None:
        """See the port."""
        self._again(lambda: writing.drop(self._client, self._written(), ids))

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
        return self._ask(lambda view: view.seen_by(scope).totals(nodes))

    def facets(self, questions: Sequence[Question], scope: Scope) -> list[dict[str, list[Bucket]]]:
        """See the port."""
        return self._ask(
            lambda view: [view.seen_by(scope).buckets(question) for question in questions]
        )

    def versions(self) -> Versions:
        """See the port."""
        return self._builds.versions()

    def is_outdated(self) -> bool:
        """See the port."""
        return is_outdated(self.versions(), ENGINE)

    @contextmanager
    def building(self) -> Iterator["ElasticBuild"]:
        """See the port. A build of another process counts as left behind: the newer one takes over, the older ends in an error."""
        if not self._one_build.acquire(blocking=False):
            raise Conflict("the index is being rebuilt already")
        try:
            build = ElasticBuild(self._client, self._builds, self._builds.begin())
            try:
                yield build
            finally:
                self._abandon(build)
        finally:
            self._one_build.release()

    def revisions(self) -> Mapping[AssetId, int]:
        """See the port."""
        return self._ask(lambda view: view.revisions())

    def lay_down(self) -> None:
        """See the port: here any number of processes may write at any time."""

    def ping(self) -> None:
        """See the port."""
        self._ask(lambda view: view.answers())

    def close(self) -> None:
        """See the port."""
        self._client.close()

    def _ask(self, question: Callable[[View], Answer]) -> Answer:
        """Answer from the build that answers now; again whenever it was removed by a switch meanwhile."""

        def ask() -> Answer:
            view = self._view
            if view is None:
                view = self._view = View(self._client, self._builds.current())
            try:
                return question(view)
            except IndexGone:
                self._view = None
                raise

        return self._again(ask)

    def _again(self, act: Callable[[], Answer]) -> Answer:
        """Act; where the index is gone, again for as long as another build answers in its place."""
        for _ in range(MOST_LOOKS):
            try:
                return act()
            except IndexGone:
                self._builds.current()
        return act()

    def _written(self) -> list[str]:
        """Every alias that writes go to, the one of the index that answers first."""
        if self._builds.is_building():
            return [self._builds.read, self._builds.building]
        return [self._builds.read]

    def _abandon(self, build: "ElasticBuild") -> None:
        """Remove a build that was not switched to; a server that is away leaves it to the next build."""
        if not build.answers:
            try:
                self._builds.abandon(build.name)
            except SearchUnavailable as trouble:
                log.warning("the half build %s stays until the next one: %s", build.name, trouble)


class ElasticBuild:
    """A build in the making."""

    def __init__(self, client: Elasticsearch, builds: ServerBuilds, name: str) -> None:
        self.name = name
        self.answers = False
        self._client = client
        self._builds = builds

    def put(self, documents: Sequence[SearchDocument]) -> None:
        """See the port."""
        writing.fill(self._client, self.name, documents)

    def drop(self, ids: Sequence[AssetId]) -> None:
        """See the port."""
        writing.drop(self._client, [self.name], ids)

    def revisions(self) -> Mapping[AssetId, int]:
        """See the port."""
        self._refresh()
        return View(self._client, self.name).revisions()

    def switch(self) -> None:
        """See the port."""
        self._refresh()
        self._builds.switch(self.name)
        self.answers = True
        faults.point("reindex.after_switch")

    def _refresh(self) -> None:
        with translated():
            self._client.indices.refresh(index=self.name)
