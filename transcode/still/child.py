"""The stills child: `python -m transcode.still.child FILE DECODER FOLDER` decodes once and writes every size into FOLDER.

It reports one line of JSON: sizes, placeholder, colour, flags, and `trouble` with its finer code when there is any.
"""

import base64
import importlib
import json
import sys
from typing import Any

import PIL.Image
from PIL import ImageChops

from transcode.still import colour, thumbhash
from transcode.still.opening import (
    TRANSPOSITIONS,
    TURNED,
    NothingDecoded,
    Opened,
    TooManyPixels,
    open_picture,
)

PREVIEW_SIDE, THUMBNAIL_SIDE, PLACEHOLDER_SIDE = 1440, 320, 32
# JPEG is decoded at about twice the wanted size: that costs 40 % more than at once and keeps 1.0 to 1.4 dB. A little less
# than twice, so that a 4:3 picture of 24 megapixels (5657 wide) is halved as a 3:2 one (6000 wide) is.
DECODE_AT = 1.8
QUALITY, SUBSAMPLING = 82, "4:2:0"
REDUCING_GAP = 3.0
FEWEST_ROWS = 0.1
BOUND = frozenset({"TIFF", "MPO", "HEIF"})  # pages and other views, not moments of one scene
PREVIEW, THUMBNAIL = "preview.jpg", "thumbnail.jpg"


def main(arguments: list[str]) -> int:
    """Make the stills of one file; 0 also when there is nothing to show: the report says why."""
    path, decoder, folder = arguments
    sys.stdout.write(json.dumps(make(path, decoder, folder)) + "\n")
    return 0


def prepare() -> None:
    """Load what nearly every file needs, before any file is there."""
    PIL.Image.preinit()
    importlib.import_module("PIL.TiffImagePlugin")  # reads the Exif of every format


def make(path: str, decoder: str, folder: str) -> dict[str, Any]:
    """The report; writes preview and thumbnail into `folder` unless `trouble` left nothing to show."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - no pathlib in the child
            opened = open_picture(stream, decoder, round(DECODE_AT * PREVIEW_SIDE))
    except TooManyPixels as error:
        return _nothing("too-large", "pixels", str(error))
    except NothingDecoded as error:
        return _nothing("truncated" if error.cut else "damaged", "no-pixels", str(error))
    except MemoryError:
        return _nothing("over-budget", "memory", "")
    width, height = opened.size
    if opened.orientation in TURNED:
        width, height = height, width
    upright, flags = _upright(opened)
    report: dict[str, Any] = {"width": width, "height": height, "frames": opened.frames}
    report["flags"] = sorted(flags | _facts(opened))
    if opened.loss:
        report |= {"trouble": opened.loss, "detail": "partial", "tail": ""}
        if _rows_there(upright) < FEWEST_ROWS:
            return report | {"detail": "almost-nothing"}
    return report | write(upright, folder)


def _nothing(trouble: str, detail: str, tail: str) -> dict[str, Any]:
    return {"trouble": trouble, "detail": detail, "tail": tail, "flags": []}


def _facts(opened: Opened) -> set[str]:
    several = "multi-picture" if opened.picture.format in BOUND else "animated"
    facts = {several} if opened.frames > 1 else set()
    return facts | ({"metadata-damaged"} if opened.metadata_damaged else set())


def _upright(opened: Opened) -> tuple[PIL.Image.Image, set[str]]:
    """The preview's picture: scaled first, so that colour and turning cost little."""
    picture = opened.picture
    colours = colour.colours_of(picture, opened.nclx)
    drafted = picture.size != opened.size and opened.picture.format in {"JPEG", "MPO"}
    small = fitted(colour.countable(picture), PREVIEW_SIDE, None if drafted else REDUCING_GAP)
    managed, flags = colour.to_srgb(small, colours)
    turn = TRANSPOSITIONS.get(opened.orientation)
    if turn is not None:  # the first of them is number 0
        managed = managed.transpose(turn)
    managed.info = {}  # comments and profiles would be written into the renditions
    return managed, flags


def fitted(picture: PIL.Image.Image, side: int, gap: float | None) -> PIL.Image.Image:
    """Scaled so that the longest side is at most `side`, never enlarged."""
    scale = side / max(picture.size)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, PIL.Image.Resampling.BICUBIC, reducing_gap=gap)


def _rows_there(picture: PIL.Image.Image) -> float:
    """The share of rows above the flat fill that a decoder puts where data ended."""
    last = picture.getpixel((picture.width - 1, picture.height - 1))
    flat = PIL.Image.new(picture.mode, picture.size, last)
    box = ImageChops.difference(picture, flat).getbbox()
    return box[3] / picture.height if box else 0.0


def write(preview: PIL.Image.Image, folder: str) -> dict[str, Any]:
    """Save both sizes; the small things are made from the small picture."""
    thumbnail = fitted(preview, THUMBNAIL_SIDE, REDUCING_GAP)
    for name, picture in ((PREVIEW, preview), (THUMBNAIL, thumbnail)):
        picture.save(f"{folder}/{name}", "JPEG", quality=QUALITY, subsampling=SUBSAMPLING)
    tiny = fitted(thumbnail, PLACEHOLDER_SIDE, None)
    raw = tiny.tobytes()
    pixels = list(zip(raw[::3], raw[1::3], raw[2::3], strict=True))
    mean = [round(sum(band) / len(pixels)) for band in zip(*pixels, strict=True)]
    return {
        "placeholder": base64.b64encode(thumbhash.encode(*tiny.size, pixels)).decode(),
        "colour": "#" + "".join(f"{value:02x}" for value in mean),
        "files": [PREVIEW, THUMBNAIL],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
