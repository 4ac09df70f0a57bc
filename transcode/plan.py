"""The plan: which decoder or demuxer may open an original, by the media type its bytes gave it."""

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

DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/x-matroska": "matroska",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "application/mxf": "mxf",
    "video/x-ms-wmv": "asf",
    "video/x-flv": "flv",
    "video/dv": "dv",
    "video/ogg": "ogg",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/x-w64": "w64",
    "audio/aiff": "aiff",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/mp4": "mov",
    "audio/flac": "flac",
    "audio/x-caf": "caf",
    "audio/amr": "amr",
}


def demuxer_of(media_type: str) -> str:
    """The one demuxer for a media type, as ffmpeg calls it; UnreadableMedia (`unsupported`) where there is none."""
    if demuxer := DEMUXERS.get(media_type):
        return demuxer
    raise UnreadableMedia(
        f"nobody opens {media_type}", reason=Reason.UNSUPPORTED, detail=media_type
    )


def decoder_of(media_type: str) -> str:
    """The one decoder for a media type, as Pillow calls it; UnreadableMedia (`unsupported`) where there is none."""
    if decoder := DECODERS.get(media_type):
        return decoder
    raise UnreadableMedia(
        f"nobody makes the picture of {media_type}", reason=Reason.UNSUPPORTED, detail=media_type
    )
