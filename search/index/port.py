"""The SearchIndex port: which assets a plan finds, in which order, and how many. Disposable: rebuilt from the catalogue.

Nothing it holds is ever shown but ids, order and counts. The viewer's scope is an argument of every question: there is no
answer without one. The same documents and the same plan give the same hits, totals and counts whoever keeps the index.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from archive.model.ids import AssetId
from archive.rights import Scope
from search.documents import SearchDocument
from search.query.plan import Node, Plan

DEEPEST = 10_000  # hits by relevance; date orders go to any depth
RELAXED_BELOW = 50  # strict hits: with fewer, the relaxed tier follows
MOST_BUCKETS = 200


class Sort(StrEnum):
    """The order of hits; each is total: no two assets tie."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ended: the tier, how many of its hits were passed, and the order value of the last (date orders)."""

    relaxed: bool = False
    passed: int = 0
    order: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An asset found; `order` is its date's sort value, `score` 0 in date orders."""

    id: AssetId
    order: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of hits. `total` counts the strict tier (the relaxed one when that is empty).

    `counts_relaxed` says which. `relaxed_from` is where in this page the relaxed tier begins, None when it does not. `next` is None after the last hit
    and at `DEEPEST` hits by relevance (`is_cut`). `build` names the index that answered; `by_relevance` that the order was
    by score (a plan without scores comes newest first).
    """

    hits: tuple[Hit, ...]
    total: int
    relaxed_from: int | None
    next: Place | None
    build: str
    is_cut: bool = False
    counts_relaxed: bool = False
    by_relevance: bool = False


@dataclass(frozen=True, slots=True)
class Bucket:
    """A value of an exact or number field and how many assets hold it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """Which values these fields hold, among the assets of a node; at most `size` values of each."""

    node: Node
    fields: tuple[str, ...]
    size: int = MOST_BUCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What an index was made with. `is_whole` says that a rebuild went through the whole catalogue."""

    build: str
    schema: int
    analyser: str
    engine: str
    is_whole: bool


class Build(Protocol):
    """A new index being made beside the one that answers. `switch` makes it the one that answers."""

    def put(self, documents: Sequence[SearchDocument]) -> None:
        """As `SearchIndex.put`, into this build only."""
        ...

    def drop(self, ids: Sequence[AssetId]) -> None:
        """As `SearchIndex.drop`, from this build only."""
        ...

    def revisions(self) -> Mapping[AssetId, int]:
        """The id and revision of every document it holds."""
        ...

    def switch(self) -> None:
        """Let this build answer from now on, in every process, and remove the one that answered before."""
        ...


class SearchIndex(Protocol):
    """Finds assets. Every call raises SearchUnavailable while the index is away or was never made."""

    def prepare(self) -> None:
        """Make an empty index where there is none, so that questions get answers; anything there stays."""
        ...

    def put(self, documents: Sequence[SearchDocument]) -> None:
        """Hold these documents; they can be found by every process when the call returns.

        A document replaces one of the same id whose revision is not newer; an older one changes nothing. While a build is
        being made it gets them too.
        """
        ...

    def drop(self, ids: Sequence[AssetId]) -> None:
        """Forget these assets; one that is not there is already forgotten."""
        ...

    def search(
        self, plan: Plan, scope: Scope, *, sort: Sort, size: int, place: Place | None = None
    ) -> Found:
        """At most `size` hits (1 to 200) after `place`, in the order of `sort`, the newer first where scores tie.

        The relaxed tier follows the last strict hit when there are fewer than `RELAXED_BELOW` strict ones and room is left.
        """
        ...

    def count(self, nodes: Sequence[Node], scope: Scope) -> list[int]:
        """How many assets each node finds."""
        ...

    def facets(self, questions: Sequence[Question], scope: Scope) -> list[dict[str, list[Bucket]]]:
        """Per question, the values of each field asked for: the most frequent first, then by value."""
        ...

    def versions(self) -> Versions:
        """What the index that answers was made with."""
        ...

    def is_outdated(self) -> bool:
        """Whether it must be rebuilt: other rules, schema or engine than this program's, or never made from the whole catalogue."""
        ...

    def building(self) -> AbstractContextManager[Build]:
        """Make a new, empty build; leaving the block without `switch` removes it. One at a time: Conflict for a second.

        Builds left behind by a process that died are removed first. What another process makes counts as left behind (who
        rebuilds is settled by the job's lease): the newer build takes over, and the older one's `switch` raises.
        """
        ...

    def revisions(self) -> Mapping[AssetId, int]:
        """The id and revision of every document held, to compare with the catalogue."""
        ...

    def lay_down(self) -> None:
        """Let another process write from now on (embedded keepers have one writer at a time)."""
        ...

    def ping(self) -> None:
        """Return when the index answers; raise SearchUnavailable otherwise."""
        ...

    def close(self) -> None:
        """Let go of what this process holds; nothing is asked of this object afterwards."""
        ...
