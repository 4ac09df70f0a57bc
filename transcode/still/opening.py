"""Opening: one file, the one decoder its bytes called for, and what can still be saved of a file that is cut."""

import os
import warnings
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from PIL import Image, ImageFile

MOST_PIXELS = 300_000_000
LONGEST_SIDE = 60_000
MOST_FRAMES = 1000
FRAMES_TRIED = 20
ORIENTATION = 0x0112
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
TURNED = frozenset({5, 6, 7, 8})
LOADING = (OSError, ValueError, SyntaxError, RuntimeError, EOFError, IndexError, TypeError)
COUNTED_BY_WALKING = frozenset({"GIF", "TIFF"})
ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
TAIL = 64 * 1024


class TooManyPixels(Exception):
    """The header claims more than the budget."""


class NothingDecoded(Exception):
    """No picture came out; `cut` says that the file ends too early."""

    def __init__(self, message: str, *, cut: bool) -> None:
        super().__init__(message)
        self.cut = cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A decoded picture: stored pixels (maybe drafted), its full size, how to turn it, what was lost.

    `loss` is `truncated` or `damaged` when pixels are missing; metadata that could not be read loses no pixels.
    """

    picture: Image.Image
    size: tuple[int, int]
    orientation: int
    nclx: dict[str, Any] | None
    frames: int
    loss: str | None = None
    metadata_damaged: bool = False


def open_picture(stream: BinaryIO, decoder: str, fit: int) -> Opened:
    """Decode strictly; what fails is decoded again tolerantly, and taken as far as it goes.

    `fit` is the longest side wanted: JPEG is decoded at the smallest of its own scales above that.
    Raises TooManyPixels from the header alone, NothingDecoded when even tolerance finds nothing.
    """
    if decoder in {"HEIF", "AVIF"}:
        import pillow_heif  # noqa: PLC0415 - costs 30 ms, needed by two formats

        pillow_heif.register_heif_opener()
    try:
        return _decode(stream, decoder, fit, tolerant=False)
    except LOADING as strict:
        cut = is_cut(stream, decoder) or "truncated" in str(strict).lower()
        try:
            opened = _decode(stream, decoder, fit, tolerant=True)
        except LOADING as error:
            raise NothingDecoded(f"{type(error).__name__}: {error}", cut=cut) from error
        if isinstance(strict, ValueError) and not cut:
            return replace(opened, metadata_damaged=True)
        return replace(opened, loss="truncated" if cut else "damaged")


def _decode(stream: BinaryIO, decoder: str, fit: int, *, tolerant: bool) -> Opened:
    Image.MAX_IMAGE_PIXELS = None  # the budget is checked here, before anything is decoded
    ImageFile.LOAD_TRUNCATED_IMAGES = tolerant
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = _open(stream, decoder)
        size = picture.size
        if size[0] * size[1] > MOST_PIXELS or max(size) > LONGEST_SIDE:
            raise TooManyPixels(f"{size[0]} × {size[1]}")
        frames = _frames(picture)
        if decoder in COUNTED_BY_WALKING:  # walking moved the picture away from its first frame
            picture = _open(stream, decoder)
        if decoder == "JPEG":
            picture.draft("RGB", _fitted(size, fit))
        _load_first_with_content(picture, frames)
        return Opened(
            picture=picture,
            size=size if decoder != "TIFF" else picture.size,
            orientation=orientation_of(picture),
            nclx=_nclx(stream, decoder),
            frames=frames,
        )


def _open(stream: BinaryIO, decoder: str) -> Image.Image:
    stream.seek(0)
    return Image.open(stream, formats=[decoder])


def _fitted(size: tuple[int, int], fit: int) -> tuple[int, int]:
    """The size the picture gets at `fit`: a square box would make the decoder choose a larger scale than needed."""
    scale = min(fit / max(size), 1.0)
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _frames(picture: Image.Image) -> int:
    """How many frames or pages; a file whose later ones are damaged still has its first."""
    try:
        return min(getattr(picture, "n_frames", 1), MOST_FRAMES)
    except LOADING:
        return 1


def _load_first_with_content(picture: Image.Image, frames: int) -> None:
    """Load the first frame that is not wholly transparent."""
    picture.load()
    for frame in range(1, min(frames, FRAMES_TRIED)):
        if not _is_empty(picture):
            return
        picture.seek(frame)
        picture.load()


def _is_empty(picture: Image.Image) -> bool:
    if picture.mode not in {"RGBA", "LA"}:
        return False
    return picture.getchannel("A").getextrema() == (0, 0)


def orientation_of(picture: Image.Image) -> int:
    """The value the decoder offers on the loaded picture; 1 where it offers none or nonsense."""
    try:
        value = picture.getexif().get(ORIENTATION, 1)
    except LOADING:
        return 1
    return value if value in TRANSPOSITIONS else 1


def _nclx(stream: BinaryIO, decoder: str) -> dict[str, Any] | None:
    """The colour numbers of an AVIF, which Pillow does not tell and libheif does."""
    if decoder != "AVIF":
        return None
    import pillow_heif  # noqa: PLC0415

    stream.seek(0)
    try:
        found: dict[str, Any] | None = pillow_heif.open_heif(stream).info.get("nclx_profile")
    except LOADING:
        return None
    return found


def is_cut(stream: BinaryIO, decoder: str) -> bool:
    """Whether a file ends before it says it does."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - TAIL))
    tail = stream.read()
    stream.seek(0)
    head = stream.read(16)
    if end := ENDS.get(decoder):
        return end not in tail
    if decoder == "WEBP":
        return int.from_bytes(head[4:8], "little") + 8 > size
    return decoder in {"HEIF", "AVIF"} and _boxes_run_past(stream, size)


def _boxes_run_past(stream: BinaryIO, size: int) -> bool:
    at = 0
    while at + 8 <= size:
        stream.seek(at)
        head = stream.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            return False
        at += length
    return at > size
