"""The builds of an index on the server: which one answers, which one is being made, what was left behind.

{name}-v{schema}-{analyser}-{hex}    one build
{name}-read                          the alias of the build that answers
{name}-building                      the alias of the build being made, in whichever process

Every step that must not happen twice is one change of aliases, which the server does whole or not at all. An alias has at
most one write index, so that neither can ever name two builds.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from archive.errors import Conflict, SearchUnavailable
from search.index.builds import new_versions
from search.index.elastic.edge import IndexGone, translated
from search.index.elastic.mapping import ENGINE, mapping, meta, settings, versions_of
from search.index.port import Versions

_TWO_WRITE_INDEXES = "more than one write index"


class ServerBuilds:
    """The indexes and aliases of one name."""

    def __init__(self, client: Elasticsearch, name: str) -> None:
        self.read = f"{name}-read"
        self.building = f"{name}-building"
        self._client = client
        self._name = name
        self._pattern = re.compile(rf"{re.escape(name)}-v\d+-[0-9a-z]+-[0-9a-f]{{8}}")

    def current(self) -> str:
        """The build that answers; IndexGone before the first."""
        if found := self._named(self.read):
            return found[0]
        raise IndexGone("the index was never made")

    def is_building(self) -> bool:
        """Whether a build is being made, in any process."""
        return bool(self._named(self.building))

    def versions(self) -> Versions:
        """What the build that answers was made with."""
        with translated():
            answer = self._client.indices.get_mapping(index=self.read)
        index, held = next(iter(answer.items()))
        return versions_of(index, held["mappings"].get("_meta", {}))

    def make_first(self) -> None:
        """Let an empty build answer if none does. Of several processes that try, the server lets one."""
        if not self._named(self.read):
            try:
                self._create(self.read)
            except Conflict:
                self.current()

    def begin(self) -> str:
        """Make an empty build, after removing those left behind. Conflict if another process begins one at this moment."""
        for index, aliases in self._all().items():
            if self.read not in aliases:
                self.abandon(index)
        return self._create(self.building)

    def abandon(self, build: str) -> None:
        """Remove a build, unless it answers by now.

        Its alias goes first: `switch` moves the same alias, so the server does only one of the two.
        """
        if self.building in self._all().get(build, {}):
            gone = {"index": build, "alias": self.building, "must_exist": True}
            try:
                with translated():
                    self._client.indices.update_aliases(actions=[{"remove": gone}])
            except IndexGone:
                return
        if self.read not in self._all().get(build, {}):
            with translated():
                self._client.indices.delete(index=build, ignore_unavailable=True)

    def switch(self, build: str) -> None:
        """Let a build answer from now on and remove the one before, in one step of the server.

        SearchUnavailable where another process took the build away: its maker was thought dead.
        """
        with translated():
            held = self._client.indices.get_mapping(index=build)[build]["mappings"]["_meta"]
            versions = replace(versions_of(build, held), is_whole=True)
            self._client.indices.put_mapping(index=build, meta=meta(versions))
        before = [index for index in self._named(self.read) if index != build]
        actions: list[dict[str, Any]] = [
            {"remove": {"index": build, "alias": self.building, "must_exist": True}},
            {"add": {"index": build, "alias": self.read, "is_write_index": True}},
            *({"remove_index": {"index": index}} for index in before),
        ]
        try:
            with translated():
                self._client.indices.update_aliases(actions=actions)
        except SearchUnavailable:
            if build not in self._named(self.read):  # done, though the answer was lost
                raise

    def _create(self, alias: str) -> str:
        """A new build under an alias that no other has; Conflict when one has it."""
        versions = new_versions(ENGINE)
        index = f"{self._name}-{versions.build}"
        try:
            with translated():
                self._client.indices.create(
                    index=index,
                    settings=settings(),
                    mappings=mapping(versions),
                    aliases={alias: {"is_write_index": True}},
                )
        except SearchUnavailable as trouble:
            cause = trouble.__cause__
            if isinstance(cause, ApiError) and _TWO_WRITE_INDEXES in str(cause):
                raise Conflict("the index is being rebuilt already") from cause
            raise
        return index

    def _named(self, alias: str) -> list[str]:
        return [index for index, aliases in self._all().items() if alias in aliases]

    def _all(self) -> dict[str, Mapping[str, object]]:
        """Every build on the server with its aliases."""
        with translated():
            answer = self._client.indices.get_alias(index=f"{self._name}-v*")
        return {
            index: held["aliases"]
            for index, held in answer.items()
            if self._pattern.fullmatch(index)
        }
