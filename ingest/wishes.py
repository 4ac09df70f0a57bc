"""What a depositor wishes along with a file: validated when the upload begins, carried out when the asset is made."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from archive.catalogue.transaction import Transaction
from archive.errors import Invalid, NotFound
from archive.model.agent import Agent
from archive.model.authority import AuthorityKind
from archive.model.collection import Collection
from archive.model.ids import AuthorityId
from ingest.authorities import recognise

KIND_OF_FIELD = {
    "people": AuthorityKind.PERSON,
    "organisations": AuthorityKind.ORGANISATION,
    "places_shown": AuthorityKind.PLACE,
    "keywords": AuthorityKind.SUBJECT,
}


def collection_of(tx: Transaction, name: str, depositor: Agent, now: datetime) -> Collection:
    """The collection wished for: one that the depositor can see by their role, whatever their token is for.

    NotFound, in the same words, for one that is unknown and one that is hidden from them.
    """
    person = replace(depositor, scopes=None)
    held = tx.collections.resolve(name)
    if not (person.is_staff or tx.collections.count_visible(held.id, person, now)):
        raise NotFound(f"no collection {name}")
    return held


def embargo_of(wishes: Mapping[str, Any]) -> datetime | None:
    """The embargo wished for, as an aware instant."""
    text = wishes.get("embargo_until")
    return datetime.fromisoformat(text) if text else None


def as_edited(tx: Transaction, wishes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The edited layer of a new asset: typed fields, named authorities made or matched, the chosen occasion."""
    edited: dict[str, Any] = dict(wishes.get("edited", {}))
    for field, named in wishes.get("named", {}).items():
        edited[field] = [item for labels in named for item in _linked(tx, field, labels, now)]
    if occasion := wishes.get("occasion"):
        authority = tx.authorities.find([AuthorityId(occasion)]).get(AuthorityId(occasion))
        if authority is not None:  # one gone since the deposit began is no reason to keep nothing
            edited["occasion"] = {
                "labels": dict(authority.labels),
                "authority": authority.id,
                "source": "import",
            }
    return edited


def _linked(
    tx: Transaction, field: str, labels: Mapping[str, str], now: datetime
) -> list[dict[str, Any]]:
    """One named thing: a link with all its labels, or a keyword in each of its languages."""
    named = recognise(tx, KIND_OF_FIELD[field], labels, now)
    if named.made:
        tx.authorities.save(named.made)
    authority = named.authority
    facts = {"authority": authority.id if authority else None, "source": "import"}
    if field == "keywords":
        return [facts | {"text": text, "language": tag} for tag, text in labels.items()]
    return [facts | {"labels": dict(labels)}]


def parse_instant(text: str, field: str | None = None, zone: ZoneInfo | None = None) -> datetime:
    """An ISO 8601 instant that UTC can express too; Invalid, naming the field, otherwise.

    Without an offset it is by the clock of `zone`; where no zone is given it must say its offset.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"not a date and time: {text!r}", field=field) from None
    if instant.tzinfo is None:
        if zone is None:
            raise Invalid(f"a date and time needs its offset from UTC: {text!r}", field=field)
        instant = instant.replace(tzinfo=zone)
    try:
        instant.astimezone(UTC)
    except OverflowError:  # it could be kept, but never be read again
        raise Invalid(f"beyond the calendar: {text!r}", field=field) from None
    return instant
