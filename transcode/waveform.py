"""The waveform of a recording: the whole in 2000 pairs, and 20 pairs a second in pages for looking closer."""

import array
import itertools
import json
import re
import sys
from pathlib import Path

from archive.errors import UnreadableMedia
from archive.model.asset import Reason
from archive.model.rendition import Playable
from transcode.making import MadeFile, promised, write

VERSION = 2
SAMPLES_A_SECOND, PAIRS = 8000, 2000
PAIRS_A_SECOND, PAIRS_A_PAGE = 20, 6000  # five minutes a page
PIECE_SAMPLES = 1 << 20
PAGES = "waveform"
LOUDNESS = "loudness_lufs"
TOLD = re.compile(r"Integrated loudness:\s+I:\s+(-?[\d.]+|-inf) LUFS")


def loudness_in(told: str) -> float | None:
    """The integrated loudness (EBU R 128) in what ffmpeg printed last; None for silence."""
    found = TOLD.findall(told)
    return float(found[-1]) if found and found[-1] != "-inf" else None


def written(folder: Path, raw: Path, seconds: float, loudness: float | None) -> list[MadeFile]:
    """Write the overview and the pages as JSON from 16-bit samples; the pages come first.

    Raises UnreadableMedia (`no-frames`) when there is no sample, RenderFailed when `raw` is no real file.
    """
    total = promised(raw).stat().st_size // 2
    if not total:
        raise UnreadableMedia("no sample decodes", reason=Reason.DAMAGED, detail="no-frames")
    close = pairs_of(raw, -(-total * PAIRS_A_SECOND // SAMPLES_A_SECOND))
    pages = [close[at : at + 2 * PAIRS_A_PAGE] for at in range(0, len(close), 2 * PAIRS_A_PAGE)]
    files = []
    for number, page in enumerate(pages, start=1):
        path = folder / f"{PAGES}-{number:04}.json"
        write(path, json.dumps({"pairs": page}, separators=(",", ":")))
        files.append(MadeFile(profile=f"{PAGES}/{number:04}.json", path=path))
    overview = {
        "version": VERSION,
        "seconds": round(seconds, 3),
        "pairs": pairs_of(raw, PAIRS),
        "pages": len(pages),
        "pairs_a_second": PAIRS_A_SECOND,
        "pairs_a_page": PAIRS_A_PAGE,
        LOUDNESS: loudness,
    }
    path = folder / str(Playable.WAVEFORM)
    write(path, json.dumps(overview, separators=(",", ":")))
    return [*files, MadeFile(profile=str(Playable.WAVEFORM), path=path)]


def pairs_of(raw: Path, number: int) -> list[int]:
    """At most `number` pairs of lowest and highest sample in 8 bits (-128 to 127), evenly over the length."""
    total = raw.stat().st_size // 2
    count = min(number, total)
    bounds = [total * at // count for at in range(count + 1)]
    pairs: list[int] = []
    with raw.open("rb") as stream:
        for start, stop in itertools.pairwise(bounds):
            lowest, highest = 32767, -32768
            for at in range(start, stop, PIECE_SAMPLES):
                samples = array.array("h")
                samples.frombytes(stream.read(2 * min(PIECE_SAMPLES, stop - at)))
                if sys.byteorder == "big":
                    samples.byteswap()
                lowest, highest = min(lowest, *samples), max(highest, *samples)
            pairs += [lowest >> 8, highest >> 8]
    return pairs
