"""Colour: a small decoded picture of any mode and profile becomes opaque sRGB."""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageCms

from transcode.still import profiles, tone

FLAT_MODES = {
    "1": "L",
    "P": "RGBA",
    "PA": "RGBA",
    "La": "LA",
    "RGBa": "RGBA",
    "YCbCr": "RGB",
    "HSV": "RGB",
}
SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}
WITH_ALPHA = frozenset({"RGBA", "LA"})
SRGB_NAMES = ("srgb", "iec61966-2")
NCLX_PRIMARIES = {9: profiles.BT2020, 12: profiles.DISPLAY_P3}
EXIF_FOLDER, INTEROP_FOLDER, COLOUR_SPACE, INTEROP_INDEX = 0x8769, 0xA005, 0xA001, 1
ADOBE_RGB, UNCALIBRATED = 2, 65535
LARGEST_PROFILE = 8 * 1024 * 1024
BAD_PROFILE, UNTAGGED_CMYK, HDR = "bad-profile", "untagged-cmyk", "hdr"


@dataclass(frozen=True, slots=True)
class Colours:
    """What a file says about its colours: its profile, its nclx numbers, whether its Exif means Adobe RGB."""

    profile: bytes | None
    primaries: int | None
    transfer: int | None
    is_adobe: bool


def colours_of(picture: Image.Image, nclx: dict[str, Any] | None) -> Colours:
    """Read what the opened picture says; Exif only where there is no profile."""
    profile = picture.info.get("icc_profile") or None
    nclx = nclx or picture.info.get("nclx_profile") or {}
    return Colours(
        profile=profile if profile and len(profile) <= LARGEST_PROFILE else None,
        primaries=nclx.get("color_primaries"),
        transfer=nclx.get("transfer_characteristics"),
        is_adobe=profile is None and _is_adobe(picture),
    )


def _is_adobe(picture: Image.Image) -> bool:
    """Many cameras embed no profile in Adobe RGB mode (Exif 2.32, DCF option file)."""
    try:
        exif = picture.getexif()
        space = exif.get_ifd(EXIF_FOLDER).get(COLOUR_SPACE)
        index = str(exif.get_ifd(INTEROP_FOLDER).get(INTEROP_INDEX, ""))
    except (ValueError, SyntaxError, OSError, TypeError, KeyError):
        return False
    return space == ADOBE_RGB or (space == UNCALIBRATED and index.startswith("R03"))


def countable(picture: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled: 8 bits, no palette.

    16-bit grey goes down by 257, or a plain conversion would clip it white; floats and 32-bit integers by their own range,
    or it would be black.
    """
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode in {"I", "F"}:
        (low, high) = _extrema(picture)
        scale = 255 / (high - low) if high > low else 0.0
        return picture.convert("F").point(lambda value: value * scale - low * scale).convert("L")
    if picture.mode == "P" and "transparency" not in picture.info:
        return picture.convert("RGB")
    flat = FLAT_MODES.get(picture.mode, picture.mode)
    return picture if flat == picture.mode else picture.convert(flat)


def _extrema(picture: Image.Image) -> tuple[float, float]:
    low, high = picture.getextrema()
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        raise TypeError("a picture of one band has one range")
    return float(low), float(high)


def to_srgb(picture: Image.Image, colours: Colours) -> tuple[Image.Image, set[str]]:
    """(opaque sRGB picture, flags); alpha lies on white. A profile that does not fit is left out and flagged."""
    flags: set[str] = set()
    alpha = picture.getchannel("A") if picture.mode in WITH_ALPHA else None
    bare = picture.convert(picture.mode[:-1]) if alpha else picture
    if colours.transfer in {tone.PQ, tone.HLG} and bare.mode == "RGB":
        bare = bare.point(tone.curve(colours.transfer) * 3)
        flags.add(HDR)
    converted, trouble = _managed(bare, colours)
    if alpha:
        white = Image.new("RGB", converted.size, (255, 255, 255))
        white.paste(converted, mask=alpha)
        converted = white
    return converted, flags | trouble


def _managed(picture: Image.Image, colours: Colours) -> tuple[Image.Image, set[str]]:
    flags: set[str] = set()
    if colours.profile:
        try:
            return _by_profile(picture, colours.profile), flags
        except (ImageCms.PyCMSError, OSError, ValueError):
            flags.add(BAD_PROFILE)
    if picture.mode == "LAB":
        return _transformed(picture, ImageCms.createProfile("LAB")), flags
    if picture.mode == "CMYK":
        return picture.convert("RGB"), flags | {UNTAGGED_CMYK}
    made = _made_profile(colours)
    rgb = picture.convert("RGB")
    return (_transformed(rgb, ImageCms.ImageCmsProfile(io.BytesIO(made))) if made else rgb), flags


def _made_profile(colours: Colours) -> bytes | None:
    if colours.is_adobe:
        return profiles.matrix_profile(profiles.ADOBE, profiles.ADOBE_GAMMA)
    primaries = NCLX_PRIMARIES.get(colours.primaries or 0)
    return profiles.matrix_profile(primaries) if primaries and not colours.profile else None


def _by_profile(picture: Image.Image, raw: bytes) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(raw))
    space = profile.profile.xcolor_space.strip()
    if space == "GRAY" and picture.mode == "RGB":
        return picture
    if SPACES.get(picture.mode) != space and not (space == "RGB" and picture.mode == "L"):
        raise ValueError(f"a profile for {space} in a picture of {picture.mode}")
    if _is_srgb(profile):
        return picture.convert("RGB")
    return _transformed(
        picture if picture.mode != "L" or space == "GRAY" else picture.convert("RGB"), profile
    )


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    name = (profile.profile.profile_description or "").casefold()
    return name.startswith(SRGB_NAMES) and "linear" not in name and "g10" not in name


def _transformed(picture: Image.Image, profile: Any) -> Image.Image:
    transform = ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        picture.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    made = ImageCms.applyTransform(picture, transform)
    assert made is not None
    return made
