"""An asset as the API shows it to one viewer; what is protected is left out, not blanked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from archive.catalogue.engine import Catalogue
from archive.model.agent import Agent
from archive.model.asset import Asset
from archive.model.authority import Authority
from archive.model.description import LINK_FIELDS, Description, Link
from archive.model.ids import AuthorityId
from archive.model.multilingual import LANGUAGES, Multilingual
from archive.rights import Act, Decision, decide, facts_of
from search.find import SearchPage
from web import i18n

Authorities = Mapping[AuthorityId, Authority]
SAME_NAMES = (
    "creator_job",
    "description_writer",
    "source",
    "city",
    "sublocation",
    "country",
    "country_code",
    "urgency",
    "genre",
    "job_id",
    "event_id",
    "digital_source_type",
    "rating",
)


def present(
    asset: Asset, *, agent: Agent, now: datetime, language: str, authorities: Authorities
) -> dict[str, Any]:
    """The document of AssetOut. Labels of linked names are the authority's of today."""
    said = asset.description
    return {
        **_standing(asset, language),
        **_words(said),
        **_names(said, authorities),
        **_facts(said, language),
        **_file(asset, language),
        **_protected(asset, said, agent, now),
    }


def present_page(
    page: SearchPage, *, catalogue: Catalogue, agent: Agent, now: datetime, language: str
) -> dict[str, Any]:
    """The document of SearchOut."""
    return {
        "total": page.total,
        "items": present_all(
            page.items, catalogue=catalogue, agent=agent, now=now, language=language
        ),
        "facets": {
            name: [{"value": one.value, "label": one.label, "count": one.count} for one in values]
            for name, values in page.facets.items()
        },
        "next": page.next,
        "notes": [
            {
                "code": note.code,
                "text": i18n.note_text(note.code, note.facts, language),
                "facts": dict(note.facts),
            }
            for note in page.notes
        ],
    }


def present_all(
    found: Sequence[Asset], *, catalogue: Catalogue, agent: Agent, now: datetime, language: str
) -> list[dict[str, Any]]:
    """Several assets as AssetOut, in order."""
    with catalogue.reading() as tx:
        authorities = tx.authorities.find(authorities_of(found))
    return [
        present(asset, agent=agent, now=now, language=language, authorities=authorities)
        for asset in found
    ]


def authorities_of(assets: Iterable[Asset]) -> set[AuthorityId]:
    """The authorities that the descriptions of these assets name."""
    named: set[AuthorityId] = set()
    for asset in assets:
        said = asset.description
        links = [link for name in LINK_FIELDS for link in getattr(said, name)]
        links += [said.occasion] if said.occasion else []
        named |= {link.authority for link in links if link.authority}
    return named


def _standing(asset: Asset, language: str) -> dict[str, Any]:
    """Who it is and how the house has come along with it."""
    trouble = asset.trouble
    return {
        "id": asset.id,
        "revision": asset.revision,
        "type": asset.type,
        "state": asset.state,
        "reason": trouble.reason if trouble else None,
        "reason_text": i18n.reason_text(trouble.reason, language) if trouble else None,
        "detail": trouble.detail if trouble else None,
        "flags": list(asset.flags),
        "visibility": asset.visibility,
        "deposited_at": asset.deposited_at.isoformat(),
        "published_at": asset.published_at.isoformat() if asset.published_at else None,
        "embargo_until": asset.embargo_until.isoformat() if asset.embargo_until else None,
        "collections": list(asset.collections),
    }


def _facts(said: Description, language: str) -> dict[str, Any]:
    """What is said once, not per language."""
    same = {name: getattr(said, name) for name in SAME_NAMES}
    return same | {
        "taken_at": said.taken.shown if said.taken else None,
        "taken": said.taken.to_json() if said.taken else None,
        "creator": "; ".join(said.creator) or None,
        "creators": list(said.creator),
        "credit": _one(said.credit, language),
        "credit_by_language": _texts(said.credit),
        "state_or_province": said.state,
        "scene": list(said.scene),
        "subject_codes": list(said.subject_codes),
        "rights": _rights(said),
    }


def _file(asset: Asset, language: str) -> dict[str, Any]:
    """The bytes and what was made of them."""
    base = f"/api/v1/assets/{asset.id}"
    return {
        "width": asset.width,
        "height": asset.height,
        "duration_seconds": asset.duration_seconds,
        "size_bytes": asset.original.size_bytes,
        "sha256": asset.original.sha256,
        "media_type": asset.original.media_type,
        "filename": asset.original.filename,
        "placeholder": asset.placeholder,
        "colour": asset.colour,
        "renditions": [
            {
                "profile": made.profile,
                "width": made.width,
                "height": made.height,
                "media_type": made.media_type,
                "url": f"{base}/renditions/{made.profile}",
            }
            for made in sorted(asset.renditions, key=lambda made: made.profile)
        ],
        "links": {
            "self": base,
            "original": f"{base}/original",
            "page": f"/{language}/assets/{asset.id}",
        },
    }


def _words(said: Description) -> dict[str, Any]:
    keywords: dict[str, list[str]] = {tag: [] for tag in LANGUAGES}
    for keyword in said.keywords:
        keywords.setdefault(keyword.language, []).append(keyword.text)
    return {
        "title": _texts(said.title),
        "headline": _texts(said.headline),
        "description": _texts(said.description),
        "alt_text": _texts(said.alt_text),
        "extended_description": _texts(said.extended_description),
        "copyright": _texts(said.copyright),
        "usage_terms": _texts(said.usage_terms),
        "keywords": keywords,
    }


def _names(said: Description, authorities: Authorities) -> dict[str, Any]:
    def named(links: Iterable[Link]) -> list[dict[str, Any]]:
        return [_named(link, authorities) for link in links]

    return {
        "people": named(said.people),
        "organisations": named(said.organisations),
        "places": named(said.places),
        "places_created": named(said.places_created),
        "places_shown": named(said.places_shown),
        "occasion": _named(said.occasion, authorities) if said.occasion else None,
    }


def _named(link: Link, authorities: Authorities) -> dict[str, Any]:
    authority = authorities.get(link.authority) if link.authority else None
    return {"id": link.authority, "label": dict(authority.labels if authority else link.labels)}


def _rights(said: Description) -> dict[str, Any]:
    return {
        "copyright": _texts(said.copyright),
        "usage_terms": _texts(said.usage_terms),
        "licence": said.licence,
        "web_statement": said.web_statement,
        "data_mining": said.data_mining,
    }


def _protected(asset: Asset, said: Description, agent: Agent, now: datetime) -> dict[str, Any]:
    decision: Decision = decide(agent, facts_of(asset), Act.VIEW_PROTECTED, now)
    if not decision.allowed:
        return {}
    return {
        "coordinates": asdict(said.coordinates) if said.coordinates else None,
        "instructions": said.instructions,
    }


def _texts(value: Multilingual) -> dict[str, str]:
    return {tag: text.text for tag, text in value}


def _one(value: Multilingual, language: str) -> str | None:
    found = value.best(language)
    return found[1] if found else None
