"""What the camera wrote: the Exif facts our rules ask for, from exifread's tags or, where it reads none, from ExifTool's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from archive.model.description import Coordinates

DECIMALS = 6
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

    def text(self, tag: str) -> str:
        """A tag's text, empty where there is none."""
        return self.texts.get(tag, "")


def from_exifread(tags: Mapping[str, Any]) -> Camera:
    """The facts among exifread's tags."""
    texts = {
        tag: str(tags[name]) for tag, name in EXIFREAD.items() if isinstance(tags.get(name), str)
    }
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
    )


def from_exiftool(raw: Mapping[str, Any]) -> Camera:
    """The same facts among ExifTool's tags."""
    texts = {tag: str(raw[name]) for tag, name in EXIFTOOL.items() if name in raw}
    clock = [_fraction(part) for part in str(raw.get("GPS:GPSTimeStamp", "")).split(":")]
    return Camera(
        texts=texts,
        coordinates=coordinates(
            _fraction(raw.get("Composite:GPSLatitude")),
            _fraction(raw.get("Composite:GPSLongitude")),
            _fraction(raw.get("Composite:GPSAltitude")),
            _fraction(raw.get("GPS:GPSImgDirection")),
        ),
        gps_utc=_satellite_clock(
            str(raw.get("GPS:GPSDateStamp", "")), [part for part in clock if part is not None]
        ),
    )


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
    try:
        return None if value is None else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def _first(numbers: list[Fraction]) -> Fraction | None:
    return numbers[0] if numbers else None


def _decimal(number: Fraction) -> str:
    text = f"{float(number):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
