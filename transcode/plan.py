"""The plan: which decoder may open an original, by the media type its bytes gave it."""

from archive.errors import UnreadableMedia
from archive.model.asset import Reason

DECODERS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/apng": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/heic": "HEIF",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
}


def decoder_of(media_type: str) -> str:
    """The one decoder for a media type, as Pillow calls it; UnreadableMedia (`unsupported`) where there is none."""
    if decoder := DECODERS.get(media_type):
        return decoder
    raise UnreadableMedia(
        f"nobody makes the picture of {media_type}", reason=Reason.UNSUPPORTED, detail=media_type
    )
