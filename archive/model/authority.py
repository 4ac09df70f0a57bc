"""Authorities: people, organisations, places, subjects and occasions with labels in three languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from archive.model.ids import AuthorityId


class AuthorityKind(StrEnum):
    """What an authority names."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    SUBJECT = "subject"
    OCCASION = "occasion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One named thing. `labels` are the preferred forms by language; `alternatives` are (language, text) pairs."""

    id: AuthorityId
    kind: AuthorityKind
    labels: Mapping[str, str]
    alternatives: tuple[tuple[str, str], ...] = field(default=())
