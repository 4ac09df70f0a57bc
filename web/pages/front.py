"""The picture beside the sign-in form: the newest photo that everyone may see."""

from dataclasses import dataclass

from archive.errors import SearchUnavailable
from archive.model.agent import ANONYMOUS
from archive.model.asset import Asset, AssetType
from archive.model.rendition import Profile
from search.find import SearchRequest
from search.index.port import Sort
from web.pages.blueprint import language
from web.pages.look import look
from web.pages.words import title_of

TRIED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A picture with what stands under it."""

    url: str
    words: str
    language: str


def front_picture() -> Front | None:
    """The newest published photo with a preview and words; None when there is none or the search is away.

    The door opens anyway.
    """
    photos = {"type": [AssetType.PHOTO.value]}
    asked = SearchRequest(filters=photos, sort=Sort.NEWEST, limit=TRIED, language=language())
    try:
        found = look(asked, ANONYMOUS)
    except SearchUnavailable:
        return None
    fronts = (_front(asset) for asset in found.items if _fits(asset))
    return next((front for front in fronts if front.words), None)


def _fits(asset: Asset) -> bool:
    made = asset.rendition(Profile.PREVIEW)
    return made is not None and made.width >= 800 and made.height >= 500


def _front(asset: Asset) -> Front:
    """With its title or caption and its credit; no words where it has neither title nor caption."""
    spoken, title = title_of(asset, language())
    if title == asset.original.filename:
        return Front(url="", words="", language=spoken)
    credit = asset.description.credit.best(language())
    creator = credit[1] if credit else ", ".join(asset.description.creator)
    return Front(
        url=f"/api/v1/assets/{asset.id}/renditions/{Profile.PREVIEW}",
        words=". ".join(part.rstrip(".") for part in (title, creator) if part),
        language=spoken,
    )
