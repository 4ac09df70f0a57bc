"""One asset as its page shows it: words, links, facts of the file, states with their reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import url_for

from archive.model.asset import Asset, AssetType, State, Visibility
from archive.model.description import Keyword, Link
from archive.model.multilingual import LANGUAGES
from archive.model.rendition import Profile
from archive.rights import Act
from web.i18n import (
    flag_text,
    length_text,
    moment_text,
    number_text,
    size_text,
    taken_text,
    words,
)
from web.i18n.catalogue import marked as _m
from web.pages.player import Playing, playing_of
from web.pages.states import StateShown, states_of
from web.pages.tiles import Picture, Viewer, picture_of
from web.pages.words import Mark, alt_of, label_of, mark_of, title_of
from web.rules import may

STATE_WORDS = {Mark.APPROVED: "", Mark.DRAFT: _m("draft"), Mark.MISSING: _m("missing")}
FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/tiff": "TIFF",
    "image/heic": "HEIC",
    "image/heif": "HEIF",
    "image/avif": "AVIF",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/apng": "APNG",
    "image/jp2": "JPEG 2000",
    "image/vnd.adobe.photoshop": "Photoshop",
    "video/mp4": "MP4",
    "video/quicktime": "QuickTime",
    "video/x-matroska": "Matroska",
    "video/webm": "WebM",
    "video/mp2t": "MPEG-TS",
    "video/mpeg": "MPEG",
    "video/x-msvideo": "AVI",
    "video/x-ms-wmv": "WMV",
    "video/x-flv": "FLV",
    "video/ogg": "Ogg",
    "video/dv": "DV",
    "video/3gpp": "3GP",
    "audio/mp4": "M4A",
    "audio/mpeg": "MP3",
    "audio/wav": "WAV",
    "audio/x-w64": "W64",
    "audio/flac": "FLAC",
    "audio/ogg": "Ogg",
    "audio/aac": "AAC",
    "audio/aiff": "AIFF",
    "audio/x-caf": "CAF",
    "audio/amr": "AMR",
}
EMBARGOED = _m("Published. Everyone finds it and may download it once the embargo is over.")
VISIBLE = {
    Visibility.DRAFT: _m("Not published. Its owner and the archive's staff see it."),
    Visibility.PUBLISHED: _m("Published. Everyone finds it and may download it."),
    Visibility.WITHDRAWN: _m("Withdrawn. Only its owner and the archive's staff see it."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShown:
    """A name that leads to everything with the same name."""

    label: str
    language: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """One language's title and caption; `state` is a word when it is a draft or missing."""

    language: str
    title: str
    text: str
    mark: Mark
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line about rights."""

    text: str
    language: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything the template asks for, in the reader's language."""

    id: str
    title: str
    title_language: str
    alt: str
    alt_language: str
    picture: Picture | None
    playing: Playing | None
    is_sound: bool
    is_processing: bool
    occasion: LinkShown | None
    taken: str
    places: tuple[LinkShown, ...]
    creators: tuple[LinkShown, ...]
    captions: tuple[Caption, ...]
    caption_language: str
    is_captioned: bool
    credit: str
    credit_language: str
    rights: tuple[Line, ...]
    states: tuple[StateShown, ...]
    original: str
    about: str
    visible: str
    details: tuple[tuple[str, str], ...]
    linked: tuple[tuple[str, tuple[LinkShown, ...]], ...]
    file: tuple[tuple[str, str], ...]
    filename: str
    sha256: str
    verified: str
    flags: tuple[str, ...]


def shown_of(asset: Asset, viewer: Viewer) -> Shown:
    """The page's facts for this reader; protected fields only for those who may see them."""
    said, language = asset.description, viewer.language
    title_language, title = title_of(asset, language)
    alt_language, alt = alt_of(asset, language)
    credit_language, credit = said.credit.best(language) or (language, "")
    captions = tuple(_captions(asset, viewer))
    verified = asset.original.verified_at
    return Shown(
        id=asset.id,
        title=title,
        title_language=title_language,
        alt=alt,
        alt_language=alt_language,
        picture=picture_of(asset, Profile.PREVIEW),
        playing=playing_of(asset),
        is_sound=asset.type is AssetType.AUDIO,
        is_processing=asset.state is State.PROCESSING,
        occasion=next(iter(_links([said.occasion], "occasion", "event", language)), None)
        if said.occasion
        else None,
        taken=taken_text(said.taken, language) if said.taken else "",
        places=_links(said.places[:2], "place", "place", language),
        creators=tuple(_named(name, "author", language) for name in said.creator),
        captions=captions,
        caption_language=_first_written(captions, language),
        is_captioned=any(caption.text for caption in captions),
        credit=credit,
        credit_language=credit_language,
        rights=tuple(_rights(asset, language)),
        states=tuple(states_of(asset, viewer)),
        original=f"/api/v1/assets/{asset.id}/original" if may(Act.ORIGINAL, asset) else "",
        about=", ".join(_about(asset, language)) + ".",
        visible=words(language).gettext(_visible(asset, viewer)),
        details=tuple(_details(asset, viewer)),
        linked=tuple(_linked(asset, language)),
        file=tuple(_file(asset, viewer)),
        filename=asset.original.filename,
        sha256=asset.original.sha256,
        verified=moment_text(verified, language, viewer.zone) if verified else "",
        flags=tuple(flag_text(flag, language) for flag in asset.flags) if viewer.is_inside else (),
    )


def _captions(asset: Asset, viewer: Viewer) -> Iterator[Caption]:
    said = asset.description
    for tag in LANGUAGES:
        mark = mark_of(said.description, tag)
        state = STATE_WORDS[mark]
        title = said.title.text(tag) or said.headline.text(tag) or ""
        yield Caption(
            language=tag,
            title=title,
            text=said.description.text(tag) or "",
            mark=mark,
            state=words(viewer.language).gettext(state) if state and viewer.is_inside else "",
        )


def _first_written(captions: Iterable[Caption], language: str) -> str:
    """The reader's language when there is a caption in it, else the first that has one."""
    written = [caption.language for caption in captions if caption.text]
    return language if language in written or not written else written[0]


def _links(
    links: Iterable[Link | Keyword | None], facet: str, field: str, language: str
) -> tuple[LinkShown, ...]:
    return tuple(_link(link, facet, field, language) for link in links if link is not None)


def _link(link: Link | Keyword, facet: str, field: str, language: str) -> LinkShown:
    """To the authority's material where there is one, else to what carries the same words."""
    spoken, label = label_of(link, language)
    if link.authority:
        href = url_for("pages.search") + "?" + urlencode({facet: link.authority})
    else:
        href = _search(field, label)
    return LinkShown(label=label, language=spoken, href=href)


def _named(name: str, field: str, language: str) -> LinkShown:
    return LinkShown(label=name, language=language, href=_search(field, name))


def _search(field: str, label: str) -> str:
    phrase = label.replace('"', " ").strip()
    return url_for("pages.search", q=f'{field}:"{phrase}"')


def _rights(asset: Asset, language: str) -> Iterator[Line]:
    said = asset.description
    for text in (said.usage_terms, said.copyright):
        if found := text.best(language):
            yield Line(text=found[1], language=found[0])
    for address in (said.licence, said.web_statement):
        if address:
            yield Line(text=address, href=address if _is_web(address) else "")


def _is_web(address: str) -> bool:
    parsed = urlsplit(address)
    return parsed.scheme in {"http", "https"} and bool(parsed.netloc)


def _visible(asset: Asset, viewer: Viewer) -> str:
    waits = asset.embargo_until is not None and viewer.now < asset.embargo_until
    if asset.visibility is Visibility.PUBLISHED and waits:
        return EMBARGOED
    return VISIBLE[asset.visibility]


def _about(asset: Asset, language: str) -> Iterator[str]:
    kind = asset.original.media_type
    yield FORMATS.get(kind, kind)
    if asset.duration_seconds:
        yield length_text(asset.duration_seconds)
    if asset.width and asset.height:
        yield _pixels(asset.width, asset.height, language)
    yield size_text(asset.original.size_bytes, language)


def _pixels(width: int, height: int, language: str) -> str:
    """As photographers write it: without a thousands mark, which reads as a decimal beside the times sign."""
    return words(language).gettext(_m("%(width)s × %(height)s px")) % {
        "width": width,
        "height": height,
    }


def _details(asset: Asset, viewer: Viewer) -> Iterator[tuple[str, str]]:
    said, language = asset.description, viewer.language
    say = words(language).gettext
    if said.taken:
        yield say(_m("Taken")), taken_text(said.taken, language)
    if where := _where(asset):
        yield say(_m("Where")), where
    if said.source:
        yield say(_m("Source")), said.source
    if said.description_writer:
        yield say(_m("Caption by")), said.description_writer
    if may(Act.VIEW_PROTECTED, asset):
        if said.instructions:
            yield say(_m("Instructions")), said.instructions
        if said.coordinates:
            place = said.coordinates
            yield say(_m("Coordinates")), f"{place.latitude}, {place.longitude}"


def _where(asset: Asset) -> str:
    """The place as the file spells it out, unless the linked places say the very same already."""
    said = asset.description
    parts = [part for part in (said.sublocation, said.city, said.state, said.country) if part]
    known = {label for place in said.places for label in place.labels.values()}
    return "" if known.issuperset(parts) else ", ".join(parts)


def _linked(asset: Asset, language: str) -> Iterator[tuple[str, tuple[LinkShown, ...]]]:
    said = asset.description
    say = words(language).gettext
    spoken = {link.language for link in said.keywords} & {language}
    # Subjects in the reader's language where there are any; all of them otherwise.
    keywords = [one for one in said.keywords if one.language in {language, "und"} or not spoken]
    groups = (
        (say(_m("Event")), _links([said.occasion], "occasion", "event", language)),
        (say(_m("Places")), _links(said.places, "place", "place", language)),
        (say(_m("People")), _links(said.people, "person", "person", language)),
        (say(_m("Organisations")), _links(said.organisations, "person", "person", language)),
        (say(_m("Subjects")), _links(keywords, "keyword", "keyword", language)),
        (say(_m("Author")), tuple(_named(name, "author", language) for name in said.creator)),
    )
    return ((label, links) for label, links in groups if links)


def _file(asset: Asset, viewer: Viewer) -> Iterator[tuple[str, str]]:
    language = viewer.language
    say = words(language).gettext
    yield say(_m("Format")), FORMATS.get(asset.original.media_type, asset.original.media_type)
    if asset.duration_seconds:
        yield say(_m("Length")), length_text(asset.duration_seconds)
    if asset.width and asset.height:
        yield say(_m("Dimensions")), _pixels(asset.width, asset.height, language)
    exact = number_text(asset.original.size_bytes, language)
    bytes_text = words(language).ngettext(
        "%(count)s byte", "%(count)s bytes", asset.original.size_bytes
    )
    shown = size_text(asset.original.size_bytes, language)
    yield say(_m("Size")), f"{shown} ({bytes_text % {'count': exact}})"
    yield say(_m("Deposited")), moment_text(asset.deposited_at, language, viewer.zone)
