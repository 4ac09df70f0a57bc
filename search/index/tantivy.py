"""One build of the embedded index in tantivy: its schema, its writer, its answers. The only module that knows tantivy.

tantivy's errors are ValueError (and OSError); `search.index.embedded` translates them. Never built, because the engine panics
on them: a phrase of one word, a search for no hits.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Order, Query

from archive import faults
from archive.errors import SearchUnavailable
from archive.model.ids import AssetId
from archive.rights import Scope
from search.documents import SearchDocument
from search.facts import microseconds
from search.fields import EXACT_FIELDS, MEMBER_FIELDS, NUMBER_FIELDS, TOKEN_FIELDS
from search.index.builds import Builds
from search.index.port import Bucket, Hit, Place, Question, Sort, Versions
from search.query import plan as plans
from search.query.plan import Node

ENGINE = f"tantivy {version('tantivy')}"
WRITER_HEAP_BYTES = 64_000_000
SPARE_HITS = 50  # asked for beyond a page, because ties at its end come in no order
LISTED_AT_ONCE = 10_000
SEGMENT_BUCKETS = 10_000  # what a segment cuts off would be missing from the sum


class Folder:
    """One build on disk, with its writer once something is written. Callers hold the index's lock while writing."""

    def __init__(self, builds: Builds, versions: Versions) -> None:
        self.versions = versions
        self._builds = builds
        self._path = builds.path(versions.build) / "tantivy"
        if not tantivy.Index.is_compatible(str(self._path)):
            raise SearchUnavailable("another version's index: it must be rebuilt")
        self._index = tantivy.Index.open(str(self._path))
        self._index.config_reader("manual")
        self._writer: tantivy.IndexWriter | None = None

    @classmethod
    def create(cls, builds: Builds, versions: Versions) -> "Folder":
        """Make an empty build."""
        path = builds.path(versions.build) / "tantivy"
        path.mkdir()
        tantivy.Index(_schema(), path=str(path))
        return cls(builds, versions)

    def view(self) -> "View":
        """The newest commit."""
        self._index.reload()
        return View(self._index.searcher(), self._index.schema, self.versions.build)

    def put(self, documents: Sequence[SearchDocument]) -> None:
        """Commit these documents; one older than what is held changes nothing."""
        held = self.view().held([document.id for document in documents])
        newest: dict[AssetId, SearchDocument] = {}
        for document in documents:
            if document.revision >= held.get(document.id, 0):
                newest[document.id] = document
                held[document.id] = document.revision
        with self._writing() as writer:
            for document in newest.values():
                writer.delete_documents_by_term("id", document.id)
                plain = tantivy.Document.from_dict(_plain(document), self._index.schema)
                writer.add_document(plain)
            faults.point("index.before_commit")

    def drop(self, ids: Sequence[AssetId]) -> None:
        """Commit that these are gone."""
        with self._writing() as writer:
            for asset in ids:
                writer.delete_documents_by_term("id", asset)

    def mark_whole(self) -> None:
        """Write down that the build went through the whole catalogue."""
        self.versions = replace(self.versions, is_whole=True)
        self._builds.describe(self.versions)

    def lay_down(self) -> None:
        """Let another process write."""
        self._writer = None  # the lock goes with the object

    @contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        """Commit at the end; after a failure the writer goes, and what was not committed with it."""
        writer = self._writer or self._index.writer(WRITER_HEAP_BYTES, num_threads=1)
        self._writer = None
        yield writer
        writer.commit()
        self._writer = writer


class View:
    """One commit of one build, for reading."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, build: str) -> None:
        self.build = build
        self._searcher = searcher
        self._schema = schema

    def seen_by(self, scope: Scope) -> "Seen":
        """What of it one viewer may discover."""
        visible = _query(plans.visible(scope, microseconds(scope.now)), self._schema)
        return Seen(self._searcher, self._schema, visible)

    def held(self, ids: Sequence[AssetId]) -> dict[AssetId, int]:
        """The revisions of those of these assets that are here."""
        if not ids:
            return {}
        wanted = Query.term_set_query(self._schema, "id", list(ids))
        return self._read(self._searcher.search(wanted, limit=len(set(ids))))

    def revisions(self) -> dict[AssetId, int]:
        """The revision of every asset here."""
        held: dict[AssetId, int] = {}
        low: int | None = None
        while True:
            after = (
                Query.range_query(
                    self._schema, "added", FieldType.Integer, low, None, include_lower=False
                )
                if low is not None
                else Query.all_query()
            )
            found = self._searcher.search(
                after, limit=LISTED_AT_ONCE, order_by_field="added", order=Order.Asc
            )
            held |= self._read(found)
            if len(found.hits) < LISTED_AT_ONCE:
                return held
            low = int(found.hits[-1][0])

    def _read(self, found: tantivy.SearchResult) -> dict[AssetId, int]:
        addresses = [address for _, address in found.hits]
        revisions = self._searcher.fast_field_values("revision", addresses)
        ids = (self._searcher.doc(address).get_first("id") for address in addresses)
        return {
            AssetId(str(asset)): int(revision or 0)
            for asset, revision in zip(ids, revisions, strict=True)
        }


class Seen:
    """One commit as one viewer may see it."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, visible: Query) -> None:
        self._searcher = searcher
        self._schema = schema
        self._visible = (Occur.Must, Query.const_score_query(visible, 0.0))

    def total(self, node: Node) -> int:
        """How many hits a node has."""
        result: Any = self._searcher.search(self._with(node), limit=1)
        return int(result.count)

    def page(self, node: Node, sort: Sort, size: int, place: Place) -> tuple[Sequence[Hit], int]:
        """A part of the hits, in order, and how many there are."""
        total = self.total(node)
        if not total:
            return (), 0
        if sort is Sort.RELEVANCE:
            return self._by_score(node, size, place.passed), total
        return self._by_date(node, sort, size, place.order), total

    def buckets(self, question: Question) -> dict[str, list[Bucket]]:
        """The values of the fields among the hits, counted."""
        asked = {
            field: {
                "terms": {
                    "field": field,
                    "size": question.size,
                    "segment_size": SEGMENT_BUCKETS,
                }
            }
            for field in question.fields
        }
        answer = self._searcher.aggregate(self._with(question.node), asked)
        return {field: _sorted_buckets(answer[field]["buckets"]) for field in question.fields}

    def _with(self, *nodes: Node) -> Query:
        wanted = [(Occur.Must, _query(node, self._schema)) for node in nodes]
        return Query.boolean_query([self._visible, *wanted])

    def _by_score(self, node: Node, size: int, passed: int) -> list[Hit]:
        """The page by (score, order): ties at its end are asked for until they are all there, then sorted by us."""
        query, wanted = self._with(node), passed + size
        limit = wanted + SPARE_HITS
        while True:
            hits = self._searcher.search(query, limit=limit, count=False).hits
            if len(hits) < limit or hits[-1][0] < hits[wanted - 1][0]:
                break
            limit *= 2
        addresses = [address for _, address in hits]
        orders = self._searcher.fast_field_values("order", addresses)
        ranked = sorted(
            zip(hits, orders, strict=True), key=lambda pair: (-pair[0][0], -int(pair[1] or 0))
        )
        return [
            self._hit(address, int(order or 0), score)
            for (score, address), order in ranked[passed:wanted]
        ]

    def _by_date(self, node: Node, sort: Sort, size: int, after: int | None) -> list[Hit]:
        newest = sort is Sort.NEWEST
        rest: list[Node] = []
        if after is not None:
            rest = [
                plans.Between("order", None, after - 1)
                if newest
                else plans.Between("order", after + 1, None)
            ]
        found = self._searcher.search(
            self._with(node, *rest),
            limit=size,
            count=False,
            order_by_field="order",
            order=Order.Desc if newest else Order.Asc,
        )
        return [self._hit(address, int(order), 0.0) for order, address in found.hits]

    def _hit(self, address: tantivy.DocAddress, order: int, score: float) -> Hit:
        return Hit(AssetId(str(self._searcher.doc(address).get_first("id"))), order, score)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in TOKEN_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in MEMBER_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in EXACT_FIELDS:
        builder.add_text_field(
            name, stored=name == "id", fast=name != "id", tokenizer_name="raw", index_option="basic"
        )
    for name in NUMBER_FIELDS:
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def _plain(document: SearchDocument) -> dict[str, Any]:
    members = {name: " ".join(tokens) for name, tokens in document.members.items() if tokens}
    texts = {**document.tokens, **document.exact}
    return {
        **{name: list(values) for name, values in texts.items()},
        **{name: [value] for name, value in members.items()},
        **{name: [number] for name, number in document.numbers.items()},
    }


def _query(node: Node, schema: tantivy.Schema) -> Query:  # noqa: C901, PLR0911 - one line per node type
    match node:
        case plans.Term(field, token, boost):
            return Query.boost_query(Query.term_query(schema, field, token), boost)
        case plans.Phrase(field, tokens, boost):
            return Query.boost_query(Query.phrase_query(schema, field, list(tokens)), boost)
        case plans.Prefix(field, start, boost):
            return Query.const_score_query(Query.regex_query(schema, field, f"{start}.*"), boost)
        case plans.Fuzzy(field, token, distance, boost):
            fuzzy = Query.fuzzy_term_query(schema, field, token, distance)
            return Query.const_score_query(fuzzy, boost)
        case plans.Best(nodes, tie):
            return Query.disjunction_max_query([_query(part, schema) for part in nodes], tie)
        case plans.All(nodes):
            return Query.boolean_query([(Occur.Must, _query(part, schema)) for part in nodes])
        case plans.Any(nodes):
            return Query.boolean_query([(Occur.Should, _query(part, schema)) for part in nodes])
        case plans.Without(wanted, excluded):
            return Query.boolean_query(
                [(Occur.Must, _query(wanted, schema)), (Occur.MustNot, _query(excluded, schema))]
            )
        case plans.In(field, values):
            return Query.const_score_query(Query.term_set_query(schema, field, list(values)), 0.0)
        case plans.Between(field, low, high):
            return Query.const_score_query(_between(schema, field, low, high), 0.0)
        case plans.Everything():
            return Query.const_score_query(Query.all_query(), 0.0)
        case _:
            return Query.empty_query()


def _between(schema: tantivy.Schema, field: str, low: int | None, high: int | None) -> Query:
    if low is None and high is None:
        return Query.exists_query(field)
    return Query.range_query(schema, field, FieldType.Integer, low, high)


def _sorted_buckets(buckets: list[dict[str, Any]]) -> list[Bucket]:
    """Ties come in no defined order from the engine."""
    read = [Bucket(_text(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets]
    return sorted(read, key=lambda bucket: (-bucket.count, bucket.value))


def _text(key: object) -> str:
    return key if isinstance(key, str) else str(int(float(str(key))))
