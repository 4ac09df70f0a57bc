"""Collections as everybody reads them: the list with covers, and one collection in its own order."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, render_template, request, url_for

from archive.model.asset import Asset
from archive.model.collection import Collection, Listed
from archive.model.ids import AssetId
from archive.model.multilingual import LANGUAGES
from archive.model.rendition import Profile
from archive.rights import Act
from web.pages.blueprint import LANGUAGE, language, pages
from web.pages.search import viewer
from web.pages.tiles import Picture, picture_of, tiles_of
from web.parts import parts
from web.rules import On, may, rule
from web.seen import before_of, cursor_of, seen_collection

PAGE = 60
LIST_PAGE = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionShown:
    """A collection in the reader's language; texts name theirs where it is another."""

    slug: str
    href: str
    title: str
    title_language: str
    text: str
    text_language: str
    count: int
    cover: Picture | None
    cover_large: Picture | None = None

    @property
    def paragraphs(self) -> list[str]:
        """The text, cut where a line was left empty."""
        return [part for block in self.text.split("\n\n") if (part := block.strip())]


@pages.get(f"{LANGUAGE}/collections")
@rule(Act.DISCOVER, on=On.HOUSE)
def collections() -> str:
    """Every collection that holds something for this reader, newest first; staff see empty ones too."""
    before = before_of(request.args.get("before", ""))
    with parts().catalogue.reading() as tx:
        found = tx.collections.list_visible(
            g.agent,
            parts().clock(),
            before=before,
            limit=LIST_PAGE + 1,
        )
        covers = tx.assets.find(one.cover for one in found if one.cover)
    shown = found[:LIST_PAGE]
    more = cursor_of(shown[-1].collection) if len(found) > LIST_PAGE else None
    return render_template(
        "collections.html",
        collections=[_listed(one, covers) for one in shown],
        more=url_for("pages.collections", before=more) if more else None,
        may_arrange=may(Act.ARRANGE),
    )


@pages.get(f"{LANGUAGE}/collections/<slug>")
@rule(Act.DISCOVER, on=On.HOUSE)
def collection(slug: str) -> str:
    """One collection: title and text in the reader's language, its material in the order it was given."""
    seen = seen_collection(slug, after=request.args.get("after", ""), limit=PAGE)
    held = seen.collection
    return render_template(
        "collection.html",
        shown=shown_collection(held, seen.count, seen.cover),
        is_first=not request.args.get("after"),
        tiles=tiles_of(seen.assets, viewer()),
        more=url_for("pages.collection", slug=held.slug, after=seen.next) if seen.left else None,
        left=min(PAGE, seen.left),
        within=url_for("pages.search", collection=held.id),
        may_arrange=may(Act.ARRANGE),
    )


def shown_collection(held: Collection, count: int, cover: Asset | None) -> CollectionShown:
    """A collection for this reader."""
    title_language, title = best_of(held.title) or (language(), held.slug)
    text_language, text = best_of(held.text) or (language(), "")
    return CollectionShown(
        slug=held.slug,
        href=url_for("pages.collection", slug=held.slug),
        title=title,
        title_language=title_language,
        text=text,
        text_language=text_language,
        count=count,
        cover=_picture(cover, Profile.THUMBNAIL),
        cover_large=_picture(cover, Profile.PREVIEW),
    )


def best_of(texts: Mapping[str, str]) -> tuple[str, str] | None:
    """(language, text) in the reader's language, else the first of az, en, ru there is."""
    return next(
        ((tag, texts[tag]) for tag in (language(), *LANGUAGES) if texts.get(tag)),
        None,
    )


def _listed(one: Listed, covers: Mapping[AssetId, Asset]) -> CollectionShown:
    return shown_collection(one.collection, one.count, covers.get(one.cover) if one.cover else None)


def _picture(asset: Asset | None, profile: Profile) -> Picture | None:
    if asset is None:
        return None
    return picture_of(asset, profile)
