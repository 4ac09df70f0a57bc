"""The film's stills child: `python -m transcode.still.film FOLDER` makes poster, preview, thumbnail and storyboard sheets.

FOLDER holds the small pictures that ffmpeg wrote (`candidate_*.jpg`, `story_*.jpg`). It reports one line of JSON.
"""

import json
import os
import sys
from typing import Any

import PIL.Image
from PIL import ImageFilter, ImageStat

from transcode.still import child

POSTER = "poster.jpg"
POSTER_QUALITY, SHEET_QUALITY = 85, 75
LEAST_DEVIATION, DARKEST, BRIGHTEST = 12.0, 20.0, 235.0
JUDGED_SIDE = 480
COLUMNS, ROWS = 10, 10


def main(arguments: list[str]) -> int:
    """Make everything; 0 also when there was no candidate: the report says so."""
    (folder,) = arguments
    sys.stdout.write(json.dumps(make(folder)) + "\n")
    return 0


def make(folder: str) -> dict[str, Any]:
    """The report: sizes of what was written, placeholder and colour, and how many pictures the sheets hold."""
    report: dict[str, Any] = {"sizes": {}, "frames": 0, "tile": [0, 0]}
    names = sorted(os.listdir(folder))  # noqa: PTH208 - no pathlib in the child
    if candidates := [name for name in names if name.startswith("candidate_")]:
        chosen = best([_open(folder, name) for name in candidates])
        chosen.save(f"{folder}/{POSTER}", "JPEG", quality=POSTER_QUALITY)
        report["sizes"][POSTER] = chosen.size
        preview = child.fitted(chosen, child.PREVIEW_SIDE, child.REDUCING_GAP)
        report |= child.write(preview, folder)
        for name in (child.PREVIEW, child.THUMBNAIL):
            report["sizes"][name] = _open(folder, name).size
    if stories := [name for name in names if name.startswith("story_")]:
        report |= _sheets(folder, stories, report["sizes"])
    return report


def best(candidates: list[PIL.Image.Image]) -> PIL.Image.Image:
    """The sharpest of those that are neither flat nor black nor white; where all are, the least flat."""
    judged = [(picture, *_judged(picture)) for picture in candidates]
    good = [
        (sharpness, picture)
        for picture, mean, deviation, sharpness in judged
        if deviation >= LEAST_DEVIATION and DARKEST <= mean <= BRIGHTEST
    ]
    if good:
        return max(good, key=lambda pair: pair[0])[1]
    return max(judged, key=lambda one: one[2])[0]


def _judged(picture: PIL.Image.Image) -> tuple[float, float, float]:
    """Mean, deviation and sharpness of the brightness."""
    grey = child.fitted(picture, JUDGED_SIDE, child.REDUCING_GAP).convert("L")
    edges = ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).stddev[0]
    statistics = ImageStat.Stat(grey)
    return statistics.mean[0], statistics.stddev[0], edges


def _sheets(folder: str, names: list[str], sizes: dict[str, Any]) -> dict[str, Any]:
    """Paste the small pictures, 100 to a sheet; the last sheet is cut to its rows."""
    tile = _open(folder, names[0]).size
    for number, start in enumerate(range(0, len(names), COLUMNS * ROWS), start=1):
        part = names[start : start + COLUMNS * ROWS]
        rows, columns = -(-len(part) // COLUMNS), min(COLUMNS, len(part))
        sheet = PIL.Image.new("RGB", (columns * tile[0], rows * tile[1]))
        for at, name in enumerate(part):
            place = (at % COLUMNS * tile[0], at // COLUMNS * tile[1])
            sheet.paste(_open(folder, name).resize(tile), place)
        sheet.save(f"{folder}/sheet_{number:04}.jpg", "JPEG", quality=SHEET_QUALITY)
        sizes[f"sheet_{number:04}.jpg"] = sheet.size
    return {"frames": len(names), "tile": tile}


def _open(folder: str, name: str) -> PIL.Image.Image:
    with PIL.Image.open(f"{folder}/{name}", formats=["JPEG"]) as picture:
        picture.load()
        plain = picture.convert("RGB")
    plain.info = {}  # the muxer's remark would be written into the renditions
    return plain


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
