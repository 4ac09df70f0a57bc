"""Assets as tiles of the justified grid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import url_for

from archive.model.agent import Role
from archive.model.asset import Asset, AssetType, State, Visibility
from archive.model.multilingual import LANGUAGES
from archive.model.rendition import Profile
from web.i18n import day_text, length_text, short_moment_text, words
from web.i18n.catalogue import marked
from web.pages.words import Mark, alt_of, mark_of, title_of

NARROWEST, WIDEST = 0.6, 2.6
ROW_HEIGHT = 180
MARK_WORDS = {
    Mark.APPROVED: marked("%(language)s: approved"),
    Mark.DRAFT: marked("%(language)s: draft"),
    Mark.MISSING: marked("%(language)s: missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One rendition as an address with its size in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A sign on the picture."""

    kind: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkShown:
    """One language's letters under a picture."""

    language: str
    state: Mark
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """What one tile shows; `ratio` is clamped, `contain` says that the picture is wider or taller than that.

    `named` asks for the title even where there is no room below: a still of a film or the sign of a sound does not say which it is.
    """

    href: str
    title: str
    title_language: str
    named: bool
    foreign: bool
    alt: str
    alt_language: str
    date: str
    by: str
    ratio: float
    colour: str
    contain: bool
    thumbnail: Picture | None
    preview: Picture | None
    blank: str
    blank_icon: str
    badges: tuple[Badge, ...]
    marks: tuple[MarkShown, ...]

    @property
    def shown_width(self) -> int:
        """About how wide it will be, so that the browser takes the right file."""
        return round(self.ratio * ROW_HEIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, in which language, when and by which clock."""

    language: str
    role: Role | None
    now: datetime
    zone: ZoneInfo

    @property
    def is_inside(self) -> bool:
        """Staff and photographers see how far captions and visibility have come; visitors see none of it."""
        return self.role not in {None, Role.JOURNALIST}


def tiles_of(assets: Iterable[Asset], viewer: Viewer) -> list[Tile]:
    """A tile for each asset, in their order."""
    return [tile_of(asset, viewer) for asset in assets]


def tile_of(asset: Asset, viewer: Viewer) -> Tile:
    """One asset as a tile."""
    language = viewer.language
    title_language, title = title_of(asset, language)
    alt_language, alt = alt_of(asset, language)
    shape = shape_of(asset)
    ratio = min(max(shape, NARROWEST), WIDEST)
    blank, blank_icon = _blank(asset)
    return Tile(
        href=url_for("pages.asset", asset_id=asset.id),
        title=title,
        title_language=title_language,
        named=asset.type is not AssetType.PHOTO,
        foreign=title_language != language and title_language in LANGUAGES and not viewer.is_inside,
        alt=alt,
        alt_language=alt_language,
        date=_day(asset, viewer),
        by=", ".join(asset.description.creator[:2]),
        ratio=round(ratio, 3),
        colour=(asset.colour or "e8e8e6").lstrip("#"),
        contain=abs(ratio - shape) > 0.01,
        thumbnail=picture_of(asset, Profile.THUMBNAIL) or picture_of(asset, Profile.PREVIEW),
        preview=picture_of(asset, Profile.PREVIEW),
        blank=_word(blank, language),
        blank_icon=blank_icon,
        badges=tuple(badges_of(asset, viewer)),
        marks=marks_of(asset, viewer),
    )


def _blank(asset: Asset) -> tuple[str, str]:
    """Words and icon where there is no picture: sound has none to show, the rest has none yet or never."""
    if asset.state is State.PROCESSING:
        return "Preview on its way", "clock"
    if asset.type is AssetType.AUDIO:
        return "Sound recording", "audio-lines"
    return "No preview", "image-off"


def shape_of(asset: Asset) -> float:
    """Width over height of the upright picture; 3:2 until it is known."""
    if made := asset.rendition(Profile.PREVIEW) or asset.rendition(Profile.THUMBNAIL):
        return made.width / made.height
    return asset.width / asset.height if asset.width and asset.height else 1.5


def picture_of(asset: Asset, profile: Profile) -> Picture | None:
    """A rendition's address and size, or None when it is not made."""
    made = asset.rendition(profile)
    if made is None:
        return None
    url = f"/api/v1/assets/{asset.id}/renditions/{profile}"
    return Picture(url=url, width=made.width, height=made.height)


def badges_of(asset: Asset, viewer: Viewer) -> Iterable[Badge]:
    """What must be seen before a picture is taken: how long it runs, embargo, withdrawal, draft, trouble."""
    if asset.duration_seconds:
        icon = "audio-lines" if asset.type is AssetType.AUDIO else "play"
        yield Badge(kind="length", icon=icon, text=length_text(asset.duration_seconds))
    if asset.embargo_until and viewer.now < asset.embargo_until:
        until = short_moment_text(asset.embargo_until, viewer.language, viewer.zone, now=viewer.now)
        yield Badge(kind="embargo", icon="clock", text=until)
    if asset.visibility is Visibility.WITHDRAWN:
        yield Badge(kind="withdrawn", icon="eye-off", text=_word("Withdrawn", viewer.language))
    elif asset.visibility is Visibility.DRAFT:
        yield Badge(kind="draft", icon="eye-off", text=_word("Not published", viewer.language))
    if asset.state is State.ATTENTION and viewer.is_inside:
        text = _word("Needs attention", viewer.language)
        yield Badge(kind="attention", icon="triangle-alert", text=text)


def marks_of(asset: Asset, viewer: Viewer) -> tuple[MarkShown, ...]:
    """Az en ru, always in this order, for those who work on captions."""
    if not viewer.is_inside:
        return ()
    states = ((tag, mark_of(asset.description.description, tag)) for tag in LANGUAGES)
    return tuple(
        MarkShown(
            language=tag,
            state=state,
            title=words(viewer.language).gettext(MARK_WORDS[state]) % {"language": tag},
        )
        for tag, state in states
    )


def _day(asset: Asset, viewer: Viewer) -> str:
    taken = asset.description.taken
    today = viewer.now.astimezone(viewer.zone).date()
    if taken is None:
        return ""
    if len(taken.text) >= 10 and taken.text[4] == "-" and taken.text[7] == "-":
        return day_text(date.fromisoformat(taken.text[:10]), viewer.language, today=today)
    return taken.text[:4]


def _word(message: str, language: str) -> str:
    return words(language).gettext(message)


WORDS = (
    marked("Preview on its way"),
    marked("No preview"),
    marked("Sound recording"),
    marked("Withdrawn"),
    marked("Not published"),
    marked("Needs attention"),
    marked("Photo without a caption"),
)
"""Messages said by `_word`, marked for the collector."""
