"""An asset becomes a search document: tokens by role, exact values, numbers. Pure; the keepers store what stands here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from archive.languages import language_of
from archive.model.asset import Asset
from archive.model.description import Description, Link
from archive.model.ids import AssetId
from archive.model.multilingual import UNDETERMINED, Multilingual
from archive.text import has_cyrillic
from search.analysis.chains import language_of_value, tokens_of
from search.facts import exact_values, numbers
from search.fields import (
    CAPTION,
    EXTRA,
    FILLER,
    KEYWORDS,
    NAMES,
    TITLE,
    Role,
)
from search.labels import Authorities, labels_of, occasions, place_words

# A text and the language it is cut and stemmed by; None is az and en.
Text = tuple[str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """What the index holds of one asset, named as in `search.fields`.

    `tokens`: scored fields, one element per value, its tokens joined by a space. `members`: unscored tokens, each once.
    `exact`: untouched values. `numbers`: integers; a field that says nothing is absent.
    """

    id: AssetId
    revision: int
    tokens: Mapping[str, tuple[str, ...]]
    members: Mapping[str, tuple[str, ...]]
    exact: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]


def document(asset: Asset, authorities: Authorities) -> SearchDocument:
    """The search document of an asset; `authorities` holds (at least) the entries its description links to."""
    said = asset.description
    people, places, occasion = (
        list(_link_texts(links, authorities))
        for links in (said.people, said.places, occasions(said))
    )
    places += _untagged(place_words(said))
    organisations = list(_link_texts(said.organisations, authorities))
    roles: dict[Role, Iterable[Text]] = {
        NAMES: [*people, *organisations, *places],
        TITLE: _multilingual(said.title, said.headline),
        KEYWORDS: _keyword_texts(said, authorities),
        CAPTION: [
            *_multilingual(said.description, said.alt_text, said.extended_description),
            *occasion,
        ],
        EXTRA: _extra_texts(asset, said),
    }
    return SearchDocument(
        id=asset.id,
        revision=asset.revision,
        tokens={field: held for role, texts in roles.items() for field, held in _role(role, texts)},
        members={
            "people_t": _members(people),
            "places_t": _members(places),
            "occasions_t": _members(occasion),
            "authors_t": _members(_untagged(said.creator)),
        },
        exact=exact_values(asset, said, authorities),
        numbers=numbers(asset, said),
    )


def _role(role: Role, texts: Iterable[Text]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The two fields of a role: running folds; running principal stems and, as a last element, all other stems."""
    folds: list[str] = []
    principals: list[str] = []
    running: set[str] = set()
    stems: dict[str, None] = {}
    for language, text in dict.fromkeys(texts):
        if tokens := tokens_of(text, language):
            folds.append(" ".join([token.fold for token in tokens]))
            own = [token.principal for token in tokens]
            principals.append(" ".join(own))
            running.update(own)
            for token in tokens:
                stems.update(dict.fromkeys(token.stems))
    rest = " ".join([stem for stem in stems if stem not in running])
    yield role.folds, tuple(folds) or (FILLER,)
    yield role.stems, (*principals, rest) if rest else tuple(principals) or (FILLER,)


def _members(texts: Iterable[Text]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for language, text in texts:
        for token in tokens_of(text, language):
            found.update(dict.fromkeys((token.fold, *token.stems)))
    return tuple(found)


def _tagged(tag: str | None, text: str) -> Text:
    return language_of_value(tag, text), text


def _untagged(texts: Iterable[str | None]) -> list[Text]:
    """Names nobody tagged: too short to tell az from en, so both."""
    return [(language_of(text) if has_cyrillic(text) else None, text) for text in texts if text]


def _multilingual(*fields: Multilingual) -> list[Text]:
    return [_tagged(tag, value.text) for field in fields for tag, value in field]


def _link_texts(links: Iterable[Link], authorities: Authorities) -> Iterator[Text]:
    for link in links:
        for tag, label in labels_of(link, authorities):
            yield _tagged(tag, label)


def _keyword_texts(said: Description, authorities: Authorities) -> Iterator[Text]:
    for keyword in said.keywords:
        if keyword.language == UNDETERMINED:
            yield from _untagged([keyword.text])
        else:
            yield _tagged(keyword.language, keyword.text)
        if keyword.authority:
            link = Link(labels={}, source=keyword.source, authority=keyword.authority)
            yield from _link_texts([link], authorities)


def _extra_texts(asset: Asset, said: Description) -> list[Text]:
    plain = (
        *said.creator,
        said.creator_job,
        said.description_writer,
        said.source,
        said.job_id,
        said.genre,
        asset.original.filename,
    )
    return [*_multilingual(said.credit, said.copyright, said.usage_terms), *_untagged(plain)]
