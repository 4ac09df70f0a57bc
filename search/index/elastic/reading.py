"""What one build on the server answers: hits, totals, counts, and everything it holds."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import Elasticsearch

from archive.model.ids import AssetId
from archive.rights import Scope
from search.facts import microseconds
from search.index.elastic.edge import translated
from search.index.elastic.queries import NOTHING, Query, query, within
from search.index.port import Bucket, Hit, Place, Question, Sort
from search.query import plan as plans
from search.query.plan import Node

LISTED_AT_ONCE = 10_000
KEPT_OPEN = "2m"  # a walk through the whole index, from one request to the next
_IDS_ONLY: dict[str, Any] = {"source": False, "stored_fields": "_none_"}


class View:
    """One build, for reading. Every call raises IndexGone once the build is removed."""

    def __init__(self, client: Elasticsearch, build: str) -> None:
        self.build = build
        self._client = client

    def seen_by(self, scope: Scope) -> "Seen":
        """What of it one viewer may discover."""
        return Seen(self._client, self.build, plans.visible(scope, microseconds(scope.now)))

    def answers(self) -> None:
        """Return when it answers."""
        with translated():
            self._client.search(index=self.build, size=0, query=NOTHING)

    def revisions(self) -> dict[AssetId, int]:
        """The revision of every asset here, as of one moment."""
        held: dict[AssetId, int] = {}
        with translated(), self._moment() as pit:
            after: list[Any] | None = None
            while True:
                answer = self._client.search(
                    pit={"id": pit, "keep_alive": KEPT_OPEN},
                    size=LISTED_AT_ONCE,
                    sort=["_shard_doc"],
                    search_after=after,
                    track_total_hits=False,
                    docvalue_fields=[{"field": "id"}, {"field": "revision"}],
                    **_IDS_ONLY,
                )
                hits = answer["hits"]["hits"]
                for hit in hits:
                    held[AssetId(hit["fields"]["id"][0])] = int(hit["fields"]["revision"][0])
                if len(hits) < LISTED_AT_ONCE:
                    return held
                after = hits[-1]["sort"]

    @contextmanager
    def _moment(self) -> Iterator[str]:
        pit = self._client.open_point_in_time(index=self.build, keep_alive=KEPT_OPEN)["id"]
        try:
            yield pit
        finally:
            self._client.options(ignore_status=404).close_point_in_time(id=pit)


class Seen:
    """One build as one viewer may see it."""

    def __init__(self, client: Elasticsearch, build: str, visible: Node) -> None:
        self._client = client
        self._build = build
        self._visible = visible

    def total(self, node: Node) -> int:
        """How many hits a node has."""
        return self.totals([node])[0]

    def totals(self, nodes: Sequence[Node]) -> list[int]:
        """How many hits each node has, in one request."""
        if not nodes:
            return []
        answer = self._ask(
            query(self._visible),
            nodes,
            size=0,
            track_total_hits=False,
            aggs={"nodes": {"filters": {"filters": [query(node) for node in nodes]}}},
        )
        return [int(one["doc_count"]) for one in answer["aggregations"]["nodes"]["buckets"]]

    def page(self, node: Node, sort: Sort, size: int, place: Place) -> tuple[Sequence[Hit], int]:
        """A part of the hits, in order, and how many there are, in one request."""
        asked: dict[str, Any] = {"sort": [{"order": "asc" if sort is Sort.OLDEST else "desc"}]}
        if sort is Sort.RELEVANCE:
            asked = {"sort": [{"_score": "desc"}, *asked["sort"]], "from_": place.passed}
        elif place.order is not None:
            asked["search_after"] = [place.order]
        answer = self._ask(
            within(self._visible, node),
            node,
            size=size,
            docvalue_fields=[{"field": "id"}],
            track_total_hits=True,
            **_IDS_ONLY,
            **asked,
        )["hits"]
        return [_hit(found) for found in answer["hits"]], int(answer["total"]["value"])

    def buckets(self, question: Question) -> dict[str, list[Bucket]]:
        """The values of the fields among the hits, counted."""
        aggs = {
            field: {
                "terms": {
                    "field": field,
                    "size": question.size,
                    "order": [{"_count": "desc"}, {"_key": "asc"}],
                }
            }
            for field in question.fields
        }
        asked = within(self._visible, question.node)
        answer = self._ask(asked, question, size=0, track_total_hits=False, aggs=aggs)
        counted = answer["aggregations"]
        return {field: _sorted_buckets(counted[field]["buckets"]) for field in question.fields}

    def _ask(self, asked: Query, about: object, **more: Any) -> Any:
        """Ask the build. The same question always goes to the same copy, or its pages would not follow each other."""
        copy = zlib.crc32(repr(about).encode())
        with translated():
            return self._client.search(
                index=self._build, query=asked, preference=f"q{copy:x}", **more
            )


def _hit(found: dict[str, Any]) -> Hit:
    *score, order = found["sort"]
    return Hit(AssetId(found["fields"]["id"][0]), int(order), float(score[0]) if score else 0.0)


def _sorted_buckets(buckets: list[dict[str, Any]]) -> list[Bucket]:
    """By count, then by the value as text, as every keeper."""
    read = [Bucket(str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets]
    return sorted(read, key=lambda bucket: (-bucket.count, bucket.value))
