"""The names an asset carries: what stands in its links, and what their authorities add."""

from collections.abc import Mapping

from archive.model.authority import Authority
from archive.model.description import Description, Link
from archive.model.ids import AuthorityId

MOST_LABELS = 30  # of one name

Authorities = Mapping[AuthorityId, Authority]


def labels_of(link: Link, authorities: Authorities) -> list[tuple[str, str]]:
    """(language, label) as assigned, then every label and alternative of the authority, each once."""
    labels = list(link.labels.items())
    if link.authority and (entry := authorities.get(link.authority)):
        labels += [*entry.labels.items(), *entry.alternatives]
    return list(dict.fromkeys(labels))[:MOST_LABELS]


def links_of(said: Description) -> list[AuthorityId]:
    """The authorities a description links to."""
    links = (*said.people, *said.organisations, *said.places, *occasions(said))
    found = [link.authority for link in links] + [keyword.authority for keyword in said.keywords]
    return [authority for authority in found if authority]


def occasions(said: Description) -> tuple[Link, ...]:
    """The occasion as a tuple of none or one."""
    return (said.occasion,) if said.occasion else ()


def place_words(said: Description) -> tuple[str, ...]:
    """The place fields of IPTC that say something, the nearest first."""
    return tuple(filter(None, (said.sublocation, said.city, said.state, said.country)))
