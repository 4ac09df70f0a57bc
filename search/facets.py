"""Facets: which values the hits hold, counted so that choosing one finds exactly as many, and labelled for people.

A facet's own choice does not narrow its own counts. Counts are the strict tier's; the relaxed one's only where no asset has
all the words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.catalogue.engine import Catalogue
from archive.catalogue.transaction import Transaction
from archive.model.ids import AuthorityId, CollectionId
from archive.rights import Scope
from search.facts import best_label, exact_values
from search.fields import FACETS, LABEL_SEPARATOR, UNLINKED
from search.index.port import Bucket, Found, Question, SearchIndex, Sort
from search.labels import links_of
from search.query.compile import narrowed
from search.query.plan import Any, In, Node, Plan, both
from search.query.vocabulary import LANGUAGE_NAMES, written_value

SHOWN = 20  # values of a facet of names
MOST_LABELS = 1_000
_NAMED = frozenset({"occasion", "person", "place", "keyword", "collection", "author"})
_NUMBERED_MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value to choose: what the filter takes, how it reads, how many assets choosing it finds."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facet:
    name: str
    node: Node
    chosen: frozenset[str]

    @property
    def field(self) -> str:
        return FACETS[self.name]


class FacetCounter:
    """Counts and labels the facets of one query for one viewer."""

    def __init__(
        self, *, index: SearchIndex, catalogue: Catalogue, scope: Scope, language: str
    ) -> None:
        self._index = index
        self._catalogue = catalogue
        self._scope = scope
        self._language = language

    def count(
        self, plan: Plan, chosen: Mapping[str, Node], found: Found
    ) -> dict[str, list[FacetValue]]:
        """Every facet of the API with its values; `plan` is without the filters, `found` the answer with them."""
        facets = self._facets(plan, chosen, found)
        by_node: dict[Node, list[_Facet]] = {}
        for facet in facets:
            by_node.setdefault(facet.node, []).append(facet)
        questions = [
            Question(node, tuple(facet.field for facet in group)) for node, group in by_node.items()
        ]
        counted: dict[str, list[Bucket]] = {}
        for answer in self._index.facets(questions, self._scope):
            counted |= answer
        shown = {facet: self._shown(facet, counted[facet.field]) for facet in facets}
        labels = self._labels(shown)
        return {
            facet.name: [
                FacetValue(
                    value=_outer(facet, bucket.value),
                    label=labels.get((facet.name, bucket.value)) or _outer(facet, bucket.value),
                    count=bucket.count,
                    chosen=bucket.value in facet.chosen,
                )
                for bucket in buckets
            ]
            for facet, buckets in shown.items()
        }

    def _facets(self, plan: Plan, chosen: Mapping[str, Node], found: Found) -> list[_Facet]:
        whole = narrowed(plan, chosen.values())
        node = whole.relaxed if found.counts_relaxed and whole.relaxed else whole.strict
        facets = []
        for name in FACETS:
            if name == _NUMBERED_MONTH and not _has_one_year(chosen):
                continue
            if name in chosen:
                others = [filter_ for other, filter_ in chosen.items() if other != name]
                without = self._tier(narrowed(plan, others))
                values = frozenset(_values(chosen[name], FACETS[name]))
                facets.append(_Facet(name=name, node=without, chosen=values))
            else:
                facets.append(_Facet(name=name, node=node, chosen=frozenset()))
        return facets

    def _tier(self, plan: Plan) -> Node:
        if plan.relaxed is None or self._index.count([plan.strict], self._scope)[0]:
            return plan.strict
        return plan.relaxed

    def _shown(self, facet: _Facet, buckets: list[Bucket]) -> list[Bucket]:
        """The values shown: names up to a number, all others; what is chosen always, even where it finds nothing."""
        shown = buckets[:SHOWN] if facet.name in _NAMED else buckets
        held = {bucket.value: bucket for bucket in buckets}
        missing = sorted(facet.chosen - {bucket.value for bucket in shown})
        unknown = [value for value in missing if value not in held]
        if unknown:
            nodes = [both([facet.node, _is(facet.field, value)]) for value in unknown]
            counts = self._index.count(nodes, self._scope)
            held |= {v: Bucket(v, n) for v, n in zip(unknown, counts, strict=True)}
        return [*shown, *(held[value] for value in missing)]

    def _nameable(self, facet: _Facet, buckets: list[Bucket]) -> list[str]:
        """The values whose names the viewer may read: of one that finds nothing, only if some visible asset bears it."""
        empty = [bucket.value for bucket in buckets if not bucket.count]
        seen = self._index.count([_is(facet.field, value) for value in empty], self._scope)
        hidden = {value for value, number in zip(empty, seen, strict=True) if not number}
        return [bucket.value for bucket in buckets if bucket.value not in hidden]

    def _labels(self, shown: Mapping[_Facet, list[Bucket]]) -> dict[tuple[str, str], str]:
        values = {facet: self._nameable(facet, buckets) for facet, buckets in shown.items()}
        labels = {
            (facet.name, value): label
            for facet, held in values.items()
            for value in held
            if (label := _word(facet.name, value, self._language))
        }
        with self._catalogue.reading() as tx:
            for facet, held in values.items():
                if facet.name in _NAMED:
                    kept = self._kept_labels(tx, facet, held)
                    labels |= {(facet.name, value): label for value, label in kept.items()}
        entries: dict[Node, list[str]] = {}
        for facet, held in values.items():
            unlinked = [value for value in held if value.startswith(UNLINKED)]
            if facet.name in _NAMED and unlinked:
                if facet.node not in entries:
                    entries[facet.node] = self._label_entries(facet.node)
                found = self._labels_as_found(facet, unlinked, entries[facet.node])
                labels |= {(facet.name, value): label for value, label in found.items()}
        return labels

    def _kept_labels(self, tx: Transaction, facet: _Facet, values: list[str]) -> dict[str, str]:
        """Of authorities and collections, in the interface's language."""
        linked = [value for value in values if not value.startswith(UNLINKED)]
        if facet.name == "collection":
            titles = tx.collections.find([CollectionId(value) for value in linked])
            return {found.id: self._best(found.title) or found.slug for found in titles.values()}
        entries = tx.authorities.find(AuthorityId(value) for value in linked)
        return {found.id: self._best(found.labels) for found in entries.values()}

    def _best(self, labels: Mapping[str, str]) -> str:
        return labels.get(self._language) or best_label(labels)

    def _label_entries(self, node: Node) -> list[str]:
        question = Question(node, ("label",), MOST_LABELS)
        return [bucket.value for bucket in self._index.facets([question], self._scope)[0]["label"]]

    def _labels_as_found(
        self, facet: _Facet, values: list[str], entries: list[str]
    ) -> dict[str, str]:
        """As the assets write them: in the interface's language, else the spelling found most."""
        labels = _spellings(facet.field, entries, self._language)
        for value in values:
            if value not in labels:
                one = self._entries_of_one(facet, value)
                labels |= _spellings(facet.field, one, self._language)
        return {value: labels[value] for value in values if value in labels}

    def _entries_of_one(self, facet: _Facet, value: str) -> tuple[str, ...]:
        """The label entries of one asset that holds a value too rare among the counted labels."""
        plan = Plan(strict=both([facet.node, _is(facet.field, value)]), is_scored=False)
        hits = self._index.search(plan, self._scope, sort=Sort.NEWEST, size=1).hits
        with self._catalogue.reading() as tx:
            assets = tx.assets.find([hit.id for hit in hits])
            entries: tuple[str, ...] = ()
            for asset in assets.values():
                said = asset.description
                known = tx.authorities.find(links_of(said))
                entries += exact_values(asset, said, known).get("label", ())
        return entries


def _spellings(field: str, entries: Iterable[str], language: str) -> dict[str, str]:
    """Value → label of a field's entries, which come the most frequent first; the interface's language wins."""
    labels: dict[str, str] = {}
    preferred: dict[str, str] = {}
    for entry in entries:
        of, value, tag, label = entry.split(LABEL_SEPARATOR, 3)
        if of == field:
            labels.setdefault(value, label)
            if tag == language:
                preferred.setdefault(value, label)
    return labels | preferred


def _word(name: str, value: str, language: str) -> str:
    if name == "lang":
        return LANGUAGE_NAMES.get(value, {}).get(language, "")
    return written_value(name, value, language) if name in {"type", "orientation"} else ""


def _outer(facet: _Facet, value: str) -> str:
    """The value as the filter takes it: a month is 2024-05 outside and 202405 in the index."""
    return f"{value[:-2]}-{value[-2:]}" if facet.name == _NUMBERED_MONTH else value


def _is(field: str, value: str) -> Node:
    return In(field, (int(value),)) if field in {"year", "month"} else In(field, (value,))


def _values(node: Node, field: str) -> Iterable[str]:
    match node:
        case In(name, values) if name == field:
            yield from map(str, values)
        case Any(nodes):
            for part in nodes:
                yield from _values(part, field)


def _has_one_year(chosen: Mapping[str, Node]) -> bool:
    """Months are counted within one year."""
    years = list(_values(chosen["year"], "year")) if "year" in chosen else []
    return len(years) == 1 or _NUMBERED_MONTH in chosen
