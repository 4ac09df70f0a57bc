"""Renditions: bytes made from an original by a profile, which can all be made again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Profile(StrEnum):
    """The recipe's name."""

    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One made file: where it lies and what a probe of the written bytes said. `recipe` is the hash of all that made it."""

    profile: Profile
    recipe: str
    key: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    made_at: datetime
