"""What the camera wrote: the Exif facts our rules ask for, from exifread's tags or, where it reads none, from ExifTool's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from archive.model.description import Coordinates
from ingest.readers import iim

DECIMALS = 6
# No longer than a camera writes: a number of a million digits is an attack, not a place.
NUMBER = re.compile(r"[+-]?\d{1,20}(?:/\d{1,20}|(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?)")
EXIFREAD = {
    "ImageDescription": "Image ImageDescription",
    "Artist": "Image Artist",
    "Copyright": "Image Copyright",
    "Model": "Image Model",
    "ImageUniqueID": "EXIF ImageUniqueID",
    "DateTimeOriginal": "EXIF DateTimeOriginal",
    "DateTimeDigitized": "EXIF DateTimeDigitized",
    "OffsetTimeOriginal": "EXIF OffsetTimeOriginal",
    "OffsetTimeDigitized": "EXIF OffsetTimeDigitized",
}
EXIFTOOL = {
    "ImageDescription": "IFD0:ImageDescription",
    "Artist": "IFD0:Artist",
    "Copyright": "IFD0:Copyright",
    "Model": "IFD0:Model",
    "ImageUniqueID": "ExifIFD:ImageUniqueID",
    "DateTimeOriginal": "ExifIFD:DateTimeOriginal",
    "DateTimeDigitized": "ExifIFD:CreateDate",
    "OffsetTimeOriginal": "ExifIFD:OffsetTimeOriginal",
    "OffsetTimeDigitized": "ExifIFD:OffsetTimeDigitized",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Texts by Exif tag, the position, and the satellite clock."""

    texts: Mapping[str, str]
    coordinates: Coordinates | None = None
    gps_utc: datetime | None = None
    flags: tuple[str, ...] = ()

    def text(self, tag: str) -> str:
        """A tag's text, empty where there is none."""
        return self.texts.get(tag, "")


def from_exifread(tags: Mapping[str, Any]) -> Camera:
    """The facts among exifread's tags."""
    texts, flags = _texts({tag: tags.get(name) for tag, name in EXIFREAD.items()})
    latitude = _degrees(tags, "GPS GPSLatitude", negative="S")
    longitude = _degrees(tags, "GPS GPSLongitude", negative="W")
    altitude = _first(_numbers(tags, "GPS GPSAltitude"))
    below = _first(_numbers(tags, "GPS GPSAltitudeRef")) == 1
    return Camera(
        texts=texts,
        coordinates=coordinates(
            latitude,
            longitude,
            -altitude if altitude is not None and below else altitude,
            _first(_numbers(tags, "GPS GPSImgDirection")),
        ),
        gps_utc=_satellite_clock(
            str(tags.get("GPS GPSDate", "")), _numbers(tags, "GPS GPSTimeStamp")
        ),
        flags=flags,
    )


def _texts(tags: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Texts by tag; octets that are no UTF-8 are read by one decision for all of them, as in an IIM block."""
    octets = {tag: bytes.fromhex(said["octets"]) for tag, said in tags.items() if _is_octets(said)}
    charset, flags = iim.decide_charset(list(octets.values()), b"") if octets else ("", ())
    plain = {tag: said for tag, said in tags.items() if isinstance(said, str)}
    return plain | {
        tag: iim.decode(text, charset).strip("\0 ") for tag, text in octets.items()
    }, flags


def _is_octets(said: object) -> bool:
    return isinstance(said, dict) and isinstance(said.get("octets"), str)


def from_exiftool(raw: Mapping[str, Any]) -> Camera:
    """The same facts among ExifTool's tags."""
    texts = {tag: str(raw[name]) for tag, name in EXIFTOOL.items() if name in raw}
    clock = [_fraction(part) for part in str(raw.get("GPS:GPSTimeStamp", "")).split(":")]
    return Camera(
        texts=texts,
        coordinates=coordinates(
            _placed(raw, "Latitude"),
            _placed(raw, "Longitude"),
            _placed(raw, "Altitude"),
            _fraction(raw.get("GPS:GPSImgDirection")),
        ),
        gps_utc=_satellite_clock(
            str(raw.get("GPS:GPSDateStamp", "")), [part for part in clock if part is not None]
        ),
    )


def _placed(raw: Mapping[str, Any], name: str) -> Fraction | None:
    """A part of the position: as ExifTool composes it from Exif or a container, else as XMP holds it."""
    said = raw.get(f"Composite:GPS{name}")
    return _fraction(said if said is not None else raw.get(f"XMP-exif:GPS{name}"))


def coordinates(
    latitude: Fraction | None,
    longitude: Fraction | None,
    altitude: Fraction | None,
    direction: Fraction | None,
) -> Coordinates | None:
    """A position as decimal degrees; none when half of it is missing, off the globe, or the 0,0 of a receiver without sight."""
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Coordinates(
        latitude=_decimal(latitude),
        longitude=_decimal(longitude),
        altitude_metres=None if altitude is None else _decimal(altitude),
        direction_degrees=_decimal(direction) if direction and 0 <= direction <= 360 else None,
    )


def _degrees(tags: Mapping[str, Any], name: str, negative: str) -> Fraction | None:
    """Degrees, minutes, seconds and a letter; without the letter there is no position."""
    parts, letter = _numbers(tags, name), str(tags.get(f"{name}Ref", "")).strip().upper()
    if len(parts) != 3 or letter not in {"N", "S", "E", "W"}:
        return None
    size = parts[0] + parts[1] / 60 + parts[2] / 3600
    return -size if letter == negative else size


def _satellite_clock(date: str, clock: list[Fraction]) -> datetime | None:
    try:
        day = datetime.strptime(date.replace("-", ":").strip("\0 "), "%Y:%m:%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    if len(clock) != 3 or not all(0 <= part < 61 for part in clock):
        return None
    return day + timedelta(hours=int(clock[0]), minutes=int(clock[1]), seconds=int(clock[2]))


def _numbers(tags: Mapping[str, Any], name: str) -> list[Fraction]:
    tag = tags.get(name)
    values = tag.get("values", []) if isinstance(tag, dict) else []
    numbers = [_fraction(value) for value in values]
    return [number for number in numbers if number is not None]


def _fraction(value: object) -> Fraction | None:
    text = str(value).strip()
    if not NUMBER.fullmatch(text):
        return None
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None


def _first(numbers: list[Fraction]) -> Fraction | None:
    return numbers[0] if numbers else None


def _decimal(number: Fraction) -> str:
    text = f"{float(number):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
