"""Renditions: bytes made from an original by a profile, which can all be made again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Profile(StrEnum):
    """The stills that every picture and every film has."""

    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


class Playable(StrEnum):
    """The single names among the renditions of films and recordings; rungs and sheets lie beside them."""

    POSTER = "poster"
    STORYBOARD = "storyboard.vtt"
    FIRST = "first/master.m3u8"
    LADDER = "ladder/master.m3u8"
    AUDIO = "audio.m4a"
    WAVEFORM = "waveform.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One made file: where it lies and what a probe of the written bytes said. `recipe` is the hash of all that made it.

    `profile` is a path of one or two parts, so that a playlist and the files it names lie beside each other. `width` and
    `height` are 0 where there is nothing to see in it.
    """

    profile: str
    recipe: str
    key: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    made_at: datetime
