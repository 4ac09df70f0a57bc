"""Camera boilerplate: texts that programs write where people should, compared case-folded and trimmed."""

DESCRIPTIONS = frozenset(
    {
        "olympus digital camera",
        "sanyo digital camera",
        "konica minolta digital camera",
        "minolta digital camera",
        "sony dsc",
        "digital camera",
        "dcim",
        "exif_jpeg_picture",
        "default",
        "untitled",
        "screenshot",
        "image description",
        "my beautiful picture",
        "created by dji camera",
        "digimax",
        *("dav", "hdr", "rhdr", "sdr", "cof", "oznor", "edf", "btf", "mde", "nor", "fbt", "ptr"),
        "created with gimp",
        "map",
    }
)
CREATORS = frozenset({"unknown", "unknown photographer", "picasa", "photographer", "user"})
COPYRIGHTS = frozenset({"(c)", "©", "copyright", "copyright (c)", "none"})


def is_boilerplate(field: str, text: str, *, model: str = "", filename: str = "") -> bool:
    """Say whether an Exif text was written by a program; `model` and `filename` name the camera and the file."""
    bare = text.strip("\0 \t\r\n").casefold()
    if not bare or bare == filename.casefold() or bare == filename.rpartition(".")[0].casefold():
        return True
    match field:
        case "creator":
            return bare in CREATORS or bare == model.strip().casefold()
        case "copyright":
            return bare in COPYRIGHTS
        case _:
            return bare in DESCRIPTIONS
