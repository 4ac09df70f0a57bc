# ruff: noqa: INP001 - run by the bundler, never imported
"""Cut the interface's family into three small files, one for each of our alphabets, for the bundler to take up.

Reads the package's files in `node_modules/`, writes `build/fonts/*.woff2`; run before `build.mjs`.
"""

from pathlib import Path

from fontTools.subset import main as subset

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "node_modules" / "@fontsource-variable" / "libre-franklin" / "files"
OUT = ROOT / "build" / "fonts"

# The ranges are those of the style sheet's first three faces (web/client/css/fonts.css).
PARTS = {
    "latin": (
        "latin",
        (
            "U+20-7E,U+A0-FF,U+131,U+152-153,U+2010-2027,U+202F,U+2030,U+2032-2033,U+2039-203A,"
            "U+20AC,U+2122,U+2212"
        ),
    ),
    "azerbaijani": ("latin-ext", "U+18F,U+259,U+11E-11F,U+130,U+15E-15F,U+20BC"),
    "russian": ("cyrillic", "U+401,U+410-44F,U+451,U+2116"),
}


def cut() -> None:
    """Write the three files; the same package gives the same bytes, so a second run changes nothing."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (source, ranges) in PARTS.items():
        subset(
            [
                str(FILES / f"libre-franklin-{source}-wght-normal.woff2"),
                f"--unicodes={ranges}",
                "--flavor=woff2",
                "--layout-features=*",
                f"--output-file={OUT / name}.woff2",
            ]
        )


if __name__ == "__main__":
    cut()
