"""A validated merge patch as a change of the edited layer."""

from typing import Any

from archive.catalogue.engine import Catalogue
from archive.describing import UNCHANGED, Change
from archive.errors import Invalid
from archive.model.asset import Asset
from archive.model.authority import AuthorityKind
from archive.model.description import MULTILINGUAL_FIELDS
from archive.model.ids import AuthorityId
from ingest import dates
from ingest.cleaning import clean, clean_all
from ingest.wishes import parse_instant
from web.api.models import AssetPatch, KeywordLists, Languages, NamedEdit
from web.parts import parts

SOURCE = "typed"
LINKS = {"people": "people", "organisations": "organisations", "places": "places_shown"}
KINDS = {
    "people": AuthorityKind.PERSON,
    "organisations": AuthorityKind.ORGANISATION,
    "places": AuthorityKind.PLACE,
    "occasion": AuthorityKind.OCCASION,
}
RENAMED = {"state_or_province": "state"}


def to_change(patch: AssetPatch, asset: Asset, catalogue: Catalogue) -> Change:
    """The change that a patch of this asset means; Invalid names the field that cannot be understood."""
    fields: dict[str, Any] = {}
    for name in patch.model_fields_set - {"embargo_until", "taken_at"}:
        fields |= _field(name, getattr(patch, name), asset, catalogue)
    if "taken_at" in patch.model_fields_set:
        fields["taken"] = _taken(patch.taken_at)
    embargo: Any = UNCHANGED
    if "embargo_until" in patch.model_fields_set:
        until = patch.embargo_until
        embargo = parse_instant(until.isoformat(), "embargo_until") if until else None
    return Change(fields=fields, embargo_until=embargo)


def _field(name: str, value: Any, asset: Asset, catalogue: Catalogue) -> dict[str, Any]:
    if value is None:
        cleared = {"places_shown": None, "places_created": None}
        return cleared if name == "places" else {RENAMED.get(name, name): None}
    if name in MULTILINGUAL_FIELDS:
        return {name: _texts(value)}
    if name == "keywords":
        return {name: _keywords(value, asset)}
    if name in LINKS:
        linked = [_link(item, name, catalogue) for item in value]
        created = {"places_created": None} if name == "places" else {}
        return {LINKS[name]: linked} | created
    if name == "occasion":
        return {name: _link(value, name, catalogue)}
    return {RENAMED.get(name, name): _plain(value)}


def _plain(value: Any) -> Any:
    match value:
        case str():
            return clean(value) or None
        case list():
            return clean_all(value)
        case _:
            return value


def _texts(value: Languages) -> dict[str, Any]:
    given = {tag: clean(getattr(value, tag) or "") for tag in value.model_fields_set}
    return {tag: {"text": text, "source": SOURCE} if text else None for tag, text in given.items()}


def _keywords(lists: KeywordLists, asset: Asset) -> list[dict[str, Any]]:
    """The languages given replace theirs, the others stay as they are."""
    current = asset.description.to_json().get("keywords", [])
    kept = [word for word in current if word["language"] not in lists.model_fields_set]
    known = {(word["language"], word["text"]): word for word in current}
    for tag in sorted(lists.model_fields_set):
        for text in clean_all(getattr(lists, tag) or ()):
            new = {"text": text, "language": tag, "source": SOURCE, "authority": None}
            kept.append(known.get((tag, text), new))
    return kept


def _link(item: NamedEdit, field: str, catalogue: Catalogue) -> dict[str, Any]:
    if item.id is not None:
        with catalogue.reading() as tx:
            found = tx.authorities.find([AuthorityId(item.id)])
        if not found:
            raise Invalid(f"{field}: no such authority", field=field)
        authority = found[AuthorityId(item.id)]
        if authority.kind is not KINDS[field]:
            raise Invalid(f"{field}: {item.id} is a {authority.kind}", field=field)
        return {"labels": dict(authority.labels), "authority": authority.id, "source": SOURCE}
    named = item.label or Languages()
    labels = {tag: text for tag, said in named if (text := clean(said or ""))}
    if not labels:
        raise Invalid(f"{field}: a name has an id or a label", field=field)
    return {"labels": labels, "authority": None, "source": SOURCE}


def _taken(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    written = dates.read(text)
    now = parts().clock()
    zone = parts().settings.zone
    taken = dates.taken(written, SOURCE, zone=zone, deposited_at=now) if written else None
    if taken is None:
        raise Invalid(f"taken_at: not a date: {text!r}", field="taken_at")
    return taken.to_json()
