"""What plays on the page of one material, and the words of the player's controls."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archive.errors import Misconfigured
from archive.model.asset import Asset
from web.headers import PAGE_POLICY
from web.i18n import words
from web.i18n.catalogue import marked as _m

STATIC = Path(__file__).resolve().parent.parent / "static"
FILM = "video/mp4"
LINES = 720  # more than a page shows, less than a phone pays for
# Asked for by their English; times are read out by screen readers.
CONTROLS = (
    _m("Play"),
    _m("Pause"),
    _m("Mute"),
    _m("Unmute"),
    _m("Seek backward"),
    _m("Playback rate"),
    _m("Enter fullscreen mode"),
    _m("Exit fullscreen mode"),
    _m("play"),
    _m("pause"),
    _m("mute"),
    _m("unmute"),
    _m("seek"),
    _m("seek back {seekOffset} seconds"),
    _m("enter fullscreen mode"),
    _m("exit fullscreen mode"),
    _m("playback time"),
    _m("current playback rate"),
    _m("media loading"),
    _m("video player"),
    _m("audio player"),
    _m("video not loaded, unknown time."),
    _m("{currentTime} of {totalTime}"),
    _m("{time} remaining"),
    _m("hour"),
    _m("hours"),
    _m("minute"),
    _m("minutes"),
    _m("second"),
    _m("seconds"),
)
# What is read out holds what is seen: "1x".
OTHERWISE = {"Playback rate {playbackRate}": _m("Playback rate {playbackRate}x")}


def player_words(language: str) -> dict[str, str]:
    """English words of the controls to the reader's."""
    say = words(language).gettext
    return {word: say(word) for word in CONTROLS} | {
        asked: say(said) for asked, said in OTHERWISE.items()
    }


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that plays: its address and type."""

    url: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """Sources in the order a browser should try them; storyboard and waveform are addresses, or empty.

    `has_voices`: the playlist offers sound in more than one language.
    """

    sources: tuple[Source, ...]
    seconds: float
    storyboard: str
    waveform: str
    has_voices: bool


def playing_of(asset: Asset) -> Playing | None:
    """What plays, or None when nothing does yet."""
    sources = tuple(_sources(asset))
    if not sources:
        return None
    return Playing(
        sources=sources,
        seconds=asset.duration_seconds or 0,
        storyboard=_address(asset, "storyboard.vtt"),
        waveform=_address(asset, "waveform.json"),
        has_voices=any("/sound-" in made.profile for made in asset.renditions),
    )


def _sources(asset: Asset) -> Iterator[Source]:
    """The playlist, then one file, the largest up to 720 lines; the quick copy until there is a ladder."""
    made = {rendition.profile: rendition for rendition in asset.renditions}
    for folder in ("ladder", "first"):
        if master := made.get(f"{folder}/master.m3u8"):
            films = [
                rendition
                for profile, rendition in made.items()
                if profile.startswith(f"{folder}/")
                and rendition.media_type == FILM
                and rendition.width
            ]
            small = [film for film in films if min(film.width, film.height) <= LINES] or films
            best = max(small, key=lambda film: film.width)
            yield Source(_address(asset, master.profile), master.media_type)
            yield Source(_address(asset, best.profile), best.media_type)
            return
    if sound := made.get("audio.m4a"):
        yield Source(_address(asset, sound.profile), sound.media_type)


def lines_of(asset: Asset) -> int:
    """Lines of the largest picture that plays, 0 while nothing does."""
    films = [made for made in asset.renditions if made.media_type == FILM and made.width]
    return max((min(film.width, film.height) for film in films), default=0)


def _address(asset: Asset, profile: str) -> str:
    made = asset.rendition(profile)
    return f"/api/v1/assets/{asset.id}/renditions/{profile}" if made else ""


@cache
def player_policy() -> str:
    """The page's policy with the style sheets that the player's elements carry in themselves, by hash."""
    try:
        hashes: list[str] = json.loads((STATIC / "player-styles.json").read_text("utf-8"))
    except FileNotFoundError as exc:
        raise Misconfigured("web/static is not built: run `make setup`") from exc
    named = " ".join(f"'{one}'" for one in hashes)
    return PAGE_POLICY.replace("style-src 'self'", f"style-src 'self' {named}")
