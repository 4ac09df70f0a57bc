"""The table of formats: every kind of file we recognise, and who makes its picture.

PUIDs are those of PRONOM v116. `made_by` names the one decoder that may open the file; a format nobody makes yet is
recognised and refused as unsupported.
"""

from dataclasses import dataclass

from archive.model.asset import AssetType


@dataclass(frozen=True, slots=True)
class Format:
    """One row: media type, the extensions people give it (the first is ours), kind of material, PUID, decoder."""

    media_type: str
    extensions: tuple[str, ...]
    type: AssetType | None
    puid: str | None = None
    made_by: str | None = None


DEMUXERS = frozenset(
    {
        *("mov", "matroska", "avi", "mpegts", "mpeg", "mxf", "asf", "flv", "dv", "ogg"),
        *("wav", "w64", "aiff", "mp3", "aac", "flac", "caf", "amr"),
    }
)
PHOTO, VIDEO, AUDIO = AssetType.PHOTO, AssetType.VIDEO, AssetType.AUDIO
NOBODY = None

FORMATS: dict[str, Format] = {
    "jpeg": Format("image/jpeg", ("jpg", "jpeg", "jpe", "jfif", "mpo"), PHOTO, "fmt/41", "JPEG"),
    "png": Format("image/png", ("png",), PHOTO, "fmt/11", "PNG"),
    "apng": Format("image/apng", ("png", "apng"), PHOTO, "fmt/935", "PNG"),
    "gif": Format("image/gif", ("gif",), PHOTO, "fmt/4", "GIF"),
    "webp": Format("image/webp", ("webp",), PHOTO, "fmt/566", "WEBP"),
    "tiff": Format("image/tiff", ("tif", "tiff"), PHOTO, "fmt/353", "TIFF"),
    "heic": Format("image/heic", ("heic", "heif", "hif", "heics"), PHOTO, "fmt/1101", "HEIF"),
    "avif": Format("image/avif", ("avif", "avifs", "hif"), PHOTO, None, "AVIF"),
    "bmp": Format("image/bmp", ("bmp", "dib"), PHOTO, "fmt/116", "BMP"),
    "jxl": Format("image/jxl", ("jxl",), PHOTO, "fmt/1485"),
    "jp2": Format("image/jp2", ("jp2", "jpx", "j2k", "j2c", "jpf"), PHOTO, "x-fmt/392"),
    "psd": Format("image/vnd.adobe.photoshop", ("psd", "psb"), PHOTO, "x-fmt/92"),
    "svg": Format("image/svg+xml", ("svg",), None, "fmt/91"),
    "pdf": Format("application/pdf", ("pdf",), None, "fmt/18"),
    "cr3": Format("image/x-canon-cr3", ("cr3",), PHOTO, "fmt/1595"),
    "cr2": Format("image/x-canon-cr2", ("cr2",), PHOTO, "fmt/592"),
    "crw": Format("image/x-canon-crw", ("crw",), PHOTO, "fmt/593"),
    "nef": Format("image/x-nikon-nef", ("nef", "nrw"), PHOTO, "fmt/202"),
    "arw": Format("image/x-sony-arw", ("arw", "sr2", "srf"), PHOTO, "fmt/1127"),
    "dng": Format("image/x-adobe-dng", ("dng",), PHOTO, "fmt/436"),
    "raf": Format("image/x-fuji-raf", ("raf",), PHOTO, "fmt/642"),
    "orf": Format("image/x-olympus-orf", ("orf",), PHOTO, "fmt/668"),
    "rw2": Format("image/x-panasonic-rw2", ("rw2", "raw"), PHOTO, "fmt/662"),
    "pef": Format("image/x-pentax-pef", ("pef",), PHOTO, "fmt/1781"),
    "3fr": Format("image/x-hasselblad-3fr", ("3fr", "fff"), PHOTO, "fmt/1062"),
    "iiq": Format("image/x-phaseone-iiq", ("iiq",), PHOTO, "fmt/1061"),
    "x3f": Format("image/x-sigma-x3f", ("x3f",), PHOTO, "fmt/661"),
    "srw": Format("image/x-samsung-srw", ("srw",), PHOTO),
    "mp4": Format("video/mp4", ("mp4", "m4v", "f4v"), VIDEO, "fmt/199", "mov"),
    "mov": Format("video/quicktime", ("mov", "qt"), VIDEO, "x-fmt/384", "mov"),
    "3gp": Format("video/3gpp", ("3gp", "3g2", "3gpp"), VIDEO, "fmt/357", "mov"),
    "mkv": Format("video/x-matroska", ("mkv", "mka"), VIDEO, "fmt/569", "matroska"),
    "webm": Format("video/webm", ("webm",), VIDEO, "fmt/573", "matroska"),
    "avi": Format("video/x-msvideo", ("avi",), VIDEO, "fmt/5", "avi"),
    "ts": Format("video/mp2t", ("ts", "tsv", "tsa"), VIDEO, "fmt/585", "mpegts"),
    "m2ts": Format("video/mp2t", ("m2ts", "mts"), VIDEO, "fmt/1055", "mpegts"),
    "mpg": Format("video/mpeg", ("mpg", "mpeg", "vob"), VIDEO, "x-fmt/386", "mpeg"),
    "mxf": Format("application/mxf", ("mxf",), VIDEO, "fmt/200", "mxf"),
    "wmv": Format("video/x-ms-wmv", ("wmv", "wma", "asf"), VIDEO, "fmt/133", "asf"),
    "flv": Format("video/x-flv", ("flv",), VIDEO, "x-fmt/382", "flv"),
    "dv": Format("video/dv", ("dv",), VIDEO, "x-fmt/152", "dv"),
    "ogv": Format("video/ogg", ("ogv", "ogg"), VIDEO, "fmt/945", "ogg"),
    "ogg": Format("audio/ogg", ("ogg", "oga", "opus", "spx"), AUDIO, "fmt/203", "ogg"),
    "wav": Format("audio/wav", ("wav", "wave", "bwf", "rf64"), AUDIO, "fmt/141", "wav"),
    "w64": Format("audio/x-w64", ("w64",), AUDIO, "fmt/951", "w64"),
    "aiff": Format("audio/aiff", ("aiff", "aif", "aifc"), AUDIO, "fmt/414", "aiff"),
    "mp3": Format("audio/mpeg", ("mp3",), AUDIO, "fmt/134", "mp3"),
    "aac": Format("audio/aac", ("aac",), AUDIO, "fmt/1812", "aac"),
    "m4a": Format("audio/mp4", ("m4a", "m4b", "mp4"), AUDIO, "fmt/199", "mov"),
    "flac": Format("audio/flac", ("flac",), AUDIO, "fmt/279", "flac"),
    "caf": Format("audio/x-caf", ("caf",), AUDIO, "fmt/416", "caf"),
    "amr": Format("audio/amr", ("amr", "awb"), AUDIO, "fmt/356", "amr"),
    "xmp": Format("application/rdf+xml", ("xmp",), None, "fmt/986"),
    "vtt": Format("text/vtt", ("vtt",), None, "fmt/1454"),
    "srt": Format("application/x-subrip", ("srt",), None, "fmt/1218"),
}


def made_by(media_type: str) -> str | None:
    """The decoder that may open files of this media type, or None when nobody makes their picture."""
    return next((row.made_by for row in FORMATS.values() if row.media_type == media_type), NOBODY)
