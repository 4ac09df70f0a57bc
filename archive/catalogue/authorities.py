"""Authorities: named people, places, organisations, subjects and occasions, found by any of their labels."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from archive.catalogue.holding import hold_name
from archive.catalogue.tables import authorities, authority_labels
from archive.catalogue.upsert import insert_or_update
from archive.clock import Clock
from archive.model.authority import Authority, AuthorityKind
from archive.model.ids import AuthorityId
from archive.text import fold_phrase

CHUNK = 500


class Authorities:
    """The rows of authorities and of the folds of their labels."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def hold_making(self) -> None:
        """Let nobody else make an authority until this transaction ends, so that no two are made of one thing."""
        hold_name(self._connection, "authorities")

    def save(self, authority: Authority) -> None:
        """Add or change an authority; its labels are found by their folds from now on."""
        row = {
            "id": authority.id,
            "kind": authority.kind,
            "labels": dict(authority.labels),
            "alternatives": [list(pair) for pair in authority.alternatives],
            "created": self._clock(),
        }
        insert_or_update(self._connection, authorities, row, keys=("id",), keep=("created",))
        here = authority_labels.c.authority == authority.id
        self._connection.execute(delete(authority_labels).where(here))
        texts = [*authority.labels.values(), *(text for _, text in authority.alternatives)]
        folds = {fold_phrase(text)[:200] for text in texts} - {""}
        rows = [
            {"authority": authority.id, "fold": fold, "kind": authority.kind}
            for fold in sorted(folds)
        ]
        if rows:
            self._connection.execute(authority_labels.insert(), rows)

    def find(self, wanted: Iterable[AuthorityId]) -> dict[AuthorityId, Authority]:
        """The authorities of these ids that exist."""
        ids = list(dict.fromkeys(wanted))
        found: dict[AuthorityId, Authority] = {}
        for start in range(0, len(ids), CHUNK):
            rows = select(authorities).where(authorities.c.id.in_(ids[start : start + CHUNK]))
            for row in self._connection.execute(rows):
                found[AuthorityId(row.id)] = _authority(row)
        return found

    def matching(self, kind: AuthorityKind, folds: Iterable[str]) -> dict[str, list[Authority]]:
        """Fold of a whole label → the authorities of this kind that bear it, in any language."""
        wanted = list({fold[:200] for fold in folds})
        found: dict[str, list[Authority]] = {}
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            rows = (
                select(authority_labels.c.fold, authorities)
                .join(authorities, authorities.c.id == authority_labels.c.authority)
                .where(authority_labels.c.kind == kind, authority_labels.c.fold.in_(chunk))
                .order_by(authorities.c.id)
            )
            for row in self._connection.execute(rows):
                found.setdefault(row.fold, []).append(_authority(row))
        return found


def _authority(row: Row[Any]) -> Authority:
    return Authority(
        id=AuthorityId(row.id),
        kind=AuthorityKind(row.kind),
        labels=row.labels,
        alternatives=tuple((language, text) for language, text in row.alternatives),
    )
