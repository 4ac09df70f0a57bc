"""Did you mean: for words that nothing holds, the nearest words of what this viewer may discover."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.catalogue.engine import Catalogue
from archive.model.agent import Agent
from archive.model.asset import Asset
from archive.model.ids import AssetId
from archive.rights import Act, Scope, decide, facts_of, scope_of
from archive.text import cut, fold, normalise
from search.index.port import SearchIndex, Sort
from search.labels import Authorities, labels_of, links_of, place_words
from search.query.compile import TWO_TYPOS_FROM, Calendar, compile_tree
from search.query.plan import Note
from search.query.tree import Every, Like, Tree, Word

LOOKED_AT = 20  # assets with a similar word; the nearest word is among the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Offers another query where words of this one are found nowhere.

    All it learns comes by way of the viewer's scope: a bare list of the index's words would tell strangers what is hidden.
    """

    index: SearchIndex
    catalogue: Catalogue
    agent: Agent
    calendar: Calendar

    def note(self, q: str, tree: Tree) -> list[Note]:
        """A note `similar` with the query to try as its fact, or none. Meant for a query that finds nothing with all its words."""
        query = normalise(q)
        for word in self._unknown(tree):
            if nearest := self._nearest(word):
                whole = rf"(?<!\w){re.escape(word.text)}(?!\w)"
                query = nearest.join(re.split(whole, query))
        return [Note("similar", {"query": query})] if query != normalise(q) else []

    def _unknown(self, tree: Tree) -> list[Word]:
        """The plain words of a query that nothing holds, whatever the filters."""
        items = tree.items if isinstance(tree, Every) else (tree,)
        words = [item for item in items if isinstance(item, Word) and item.field is None]
        nodes = [compile_tree(word, self.calendar).strict for word in words]
        counts = self.index.count(nodes, self._scope) if nodes else []
        return [word for word, count in zip(words, counts, strict=True) if not count]

    def _nearest(self, word: Word) -> str | None:
        """The word nearest to this one, as it is written; of equals the one met first."""
        plan = compile_tree(Like(word.text), self.calendar)
        found = self.index.search(plan, self._scope, sort=Sort.RELEVANCE, size=LOOKED_AT)
        wanted = fold(word.text)
        near = [
            (distance, one)
            for one in self._words(hit.id for hit in found.hits)
            if (distance := _distance(wanted, fold(one))) <= _allowed(wanted)
        ]
        return min(near, key=lambda pair: pair[0])[1] if near else None

    @property
    def _scope(self) -> Scope:
        return scope_of(self.agent, self.calendar.now)

    def _words(self, ids: Iterable[AssetId]) -> Iterator[str]:
        """The words of titles, keywords and names of these assets, as far as the viewer may discover them now."""
        wanted = list(ids)
        with self.catalogue.reading() as tx:
            assets = tx.assets.find(wanted)
            shown = [
                assets[one]
                for one in wanted
                if one in assets
                and decide(
                    self.agent, facts_of(assets[one]), Act.DISCOVER, self.calendar.now
                ).allowed
            ]
            links = {link for asset in shown for link in links_of(asset.description)}
            authorities = tx.authorities.find(links)
        for asset in shown:
            for text in _texts(asset, authorities):
                yield from cut(normalise(text))


def _texts(asset: Asset, authorities: Authorities) -> Iterator[str]:
    said = asset.description
    for field in (said.title, said.headline):
        yield from (value.text for _, value in field)
    yield from (keyword.text for keyword in said.keywords)
    for link in (*said.people, *said.organisations, *said.places):
        yield from (label for _, label in labels_of(link, authorities))
    yield from place_words(said)


def _allowed(word: str) -> int:
    return 2 if len(word) >= TWO_TYPOS_FROM else 1


def _distance(one: str, other: str) -> int:
    """How many letters to change, add, leave out or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
