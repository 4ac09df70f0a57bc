"""A collection as the API shows it to one viewer."""

from collections.abc import Mapping
from typing import Any

from archive.model.asset import Asset
from archive.model.collection import Collection, Listed
from archive.model.ids import AssetId
from archive.model.rendition import Profile


def present_listed(
    listed: Listed, covers: Mapping[AssetId, Asset], language: str, *, may_arrange: bool
) -> dict[str, Any]:
    """The document of CollectionOut for one of a list."""
    cover = covers.get(listed.cover) if listed.cover else None
    return present_collection(
        listed.collection, listed.count, cover, language, may_arrange=may_arrange
    )


def present_collection(
    held: Collection, count: int, cover: Asset | None, language: str, *, may_arrange: bool
) -> dict[str, Any]:
    """The document of CollectionOut. The revision rises with hidden members too: it is for those who arrange."""
    revision = {"revision": held.revision} if may_arrange else {}
    return {
        "id": held.id,
        "slug": held.slug,
        **revision,
        "title": dict(held.title),
        "text": dict(held.text),
        "count": count,
        "cover": _cover(cover) if cover else None,
        "created_at": held.created.isoformat(),
        "links": {
            "self": f"/api/v1/collections/{held.id}",
            "page": f"/{language}/collections/{held.slug}",
        },
    }


def _cover(asset: Asset) -> dict[str, Any] | None:
    made = asset.rendition(Profile.THUMBNAIL) or asset.rendition(Profile.PREVIEW)
    if made is None:
        return None
    url = f"/api/v1/assets/{asset.id}/renditions/{made.profile}"
    return {"asset": asset.id, "url": url, "width": made.width, "height": made.height}
