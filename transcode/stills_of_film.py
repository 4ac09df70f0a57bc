"""Stills of a film: poster, preview, thumbnail and storyboard sheets, pasted by a child of their own from small pictures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import OverBudget, RenderFailed, UnreadableMedia
from archive.model.asset import Reason
from archive.model.rendition import Playable, Profile
from archive.sandbox.budgets import MIB, Budget
from archive.sandbox.child import Sandbox
from archive.sandbox.rungs import Output, python_program
from transcode.making import MadeFile, promised
from transcode.still import film

PASTING = Budget(cpu_seconds=120, wall_seconds=240, output_bytes=64 * MIB)
PREFIX = "storyboard"
STILLS = {
    film.POSTER: str(Playable.POSTER),
    "preview.jpg": str(Profile.PREVIEW),
    "thumbnail.jpg": str(Profile.THUMBNAIL),
}


@dataclass(frozen=True, slots=True)
class Pasted:
    """What the child wrote: sizes by file name, how many small pictures the sheets hold, their size, and its report."""

    sizes: Mapping[str, tuple[int, int]]
    frames: int
    tile: tuple[int, int]
    report: dict[str, Any]

    def files(self, folder: Path) -> list[MadeFile]:
        """The written files under their profiles."""
        return [
            MadeFile(
                profile=STILLS.get(name) or name.replace("sheet_", f"{PREFIX}/"),
                path=folder / name,
                width=width,
                height=height,
            )
            for name, (width, height) in sorted(self.sizes.items())
        ]


def paste(folder: Path, sandbox: Sandbox) -> Pasted:
    """Make the stills from the small pictures in `folder`.

    Raises UnreadableMedia (`no-frames`) when there are none, OverBudget, RenderFailed when the child said nothing sound.
    """
    program = python_program(film.__name__, Output())
    completed = sandbox.run(program, inputs={}, output=folder, budget=PASTING)
    if completed.status != 0 and "MemoryError" in completed.stderr:
        raise OverBudget("over its memory budget", detail="memory", tail=completed.stderr)
    try:
        report = dict(json.loads(completed.stdout))
        sizes = {str(name): (int(w), int(h)) for name, (w, h) in report["sizes"].items()}
        tile = (int(report["tile"][0]), int(report["tile"][1]))
        frames = int(report["frames"])
    except (ValueError, TypeError, LookupError) as error:
        raise RenderFailed("no poster could be made", tail=completed.stderr) from error
    if missing := set(STILLS) - set(sizes):
        raise UnreadableMedia(
            f"nothing to show: no {sorted(missing)}", reason=Reason.DAMAGED, detail="no-frames"
        )
    for name in sizes:
        promised(folder / name)
    return Pasted(sizes, frames, tile, report)
