"""RIFF, FORM and other chunked files, and the pictures that begin with one plain magic."""

from ingest.signatures.window import Match, Window

BMP_HEADERS = {
    12: "fmt/115",
    40: "fmt/116",
    52: "fmt/117",
    56: "fmt/117",
    64: None,
    108: "fmt/118",
    124: "fmt/119",
}
WEBP_PUIDS = {b"VP8 ": "fmt/566", b"VP8L": "fmt/567", b"VP8X": "fmt/568"}
WEBP_ANIMATION = 0x02
W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
MXF = bytes.fromhex("060e2b34020501010d0102")
OGG_CODECS = (
    (b"\x80theora", Match("ogv", "fmt/945")),
    (b"\x01vorbis", Match("ogg", "fmt/203")),
    (b"OpusHead", Match("ogg", "fmt/946")),
    (b"\x7fFLAC", Match("ogg", "fmt/947")),
    (b"Speex", Match("ogg", "fmt/948")),
)
MAGICS = (
    (b"\xff\x4f\xff\x51", Match("jp2", "fmt/1794")),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Match("jp2")),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Match("jxl")),
    (b"\xff\x0a", Match("jxl", "fmt/1484")),
    (b"8BPS\0\x01", Match("psd")),
    (b"8BPS\0\x02", Match("psd", "fmt/996")),
    (b"FUJIFILMCCD-RAW ", Match("raf")),
    (b"FOVb", Match("x3f")),
    (b"FLV\x01", Match("flv")),
    (b"fLaC", Match("flac")),
    (b"caff", Match("caf")),
    (b"#!AMR-WB", Match("amr", "fmt/954")),
    (b"#!AMR", Match("amr")),
    (W64, Match("w64")),
    (ASF, Match("wmv")),
)


def match(window: Window) -> Match | None:
    """Recognise every format that one magic number tells, with its second test where it needs one."""
    head = window.head
    for magic, found in MAGICS:
        if head.startswith(magic):
            return found
    for test in (_png, _gif, _bmp, _riff, _form, _matroska, _ogg):
        if second := test(head):
            return second
    return Match("mxf") if MXF in head else None


def _png(head: bytes) -> Match | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    before_pixels = head.split(b"IDAT", 1)[0]
    if b"acTL" in before_pixels:
        return Match("apng", facts=("animated",))
    if b"iTXt" in before_pixels:
        return Match("png", "fmt/13")
    newer = any(chunk in before_pixels for chunk in (b"iCCP", b"sRGB", b"sPLT"))
    return Match("png", "fmt/12" if newer else "fmt/11")


def _gif(head: bytes) -> Match | None:
    if head[:6] not in {b"GIF87a", b"GIF89a"}:
        return None
    # "GIF89a" is a name in JavaScript: a comment or an assignment right behind it makes the file a script as well.
    script = head[6:8] == b"/*" or head[6:7] == b"="
    facts = [("animated", b"NETSCAPE2.0" in head), ("polyglot", script)]
    puid = "fmt/3" if head[4:5] == b"7" else "fmt/4"
    return Match("gif", puid, tuple(name for name, holds in facts if holds))


def _bmp(head: bytes) -> Match | None:
    size = int.from_bytes(head[14:18], "little")
    known = head[:2] == b"BM" and len(head) >= 18 and size in BMP_HEADERS
    return Match("bmp", BMP_HEADERS[size]) if known else None


def _riff(head: bytes) -> Match | None:
    if head[:4] not in {b"RIFF", b"RF64"}:
        return None
    match head[8:12]:
        case b"WEBP" if head[12:16] in WEBP_PUIDS:
            moving = head[12:16] == b"VP8X" and len(head) > 20 and head[20] & WEBP_ANIMATION
            return Match("webp", WEBP_PUIDS[head[12:16]], ("animated",) if moving else ())
        case b"AVI ":
            return Match("avi")
        case b"WAVE" if head[:4] == b"RF64":
            return Match("wav", "fmt/712")
        case b"WAVE":
            return Match("wav", "fmt/703" if b"bext" in head[:4096] else None)
        case _:
            return None


def _form(head: bytes) -> Match | None:
    if head[:4] != b"FORM":
        return None
    return {b"AIFF": Match("aiff"), b"AIFC": Match("aiff", "x-fmt/136")}.get(head[8:12])


def _matroska(head: bytes) -> Match | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return (
        Match("webm")
        if b"webm" in head[:64]
        else Match("mkv")
        if b"matroska" in head[:64]
        else None
    )


def _ogg(head: bytes) -> Match | None:
    if not head.startswith(b"OggS"):
        return None
    return next((found for mark, found in OGG_CODECS if mark in head[:512]), Match("ogg"))
