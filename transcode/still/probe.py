"""The probe child: `python -m transcode.still.probe FILE…` decodes made renditions and says what they really are."""

import json
import sys
from typing import Any

import PIL.Image

CARRIERS = ("exif", "icc_profile", "xmp", "photoshop", "comment", "mp")


def main(arguments: list[str]) -> int:
    """One JSON list, in the order of the files."""
    sys.stdout.write(json.dumps([probe(path) for path in arguments]) + "\n")
    return 0


def prepare() -> None:
    """Load what nearly every file needs, before any file is there."""
    PIL.Image.preinit()


def probe(path: str) -> dict[str, Any]:
    """What a strict decoder finds: size, whether it is baseline, which carriers of metadata it holds."""
    with PIL.Image.open(path, formats=["JPEG"]) as picture:
        picture.load()
        return {
            "width": picture.width,
            "height": picture.height,
            "mode": picture.mode,
            "baseline": not picture.info.get("progressive"),
            "metadata": sorted(set(CARRIERS) & set(picture.info)),
        }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
