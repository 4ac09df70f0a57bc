"""ISO base-media files: the brands say whether it is a picture, a RAW, a film or sound."""

from ingest.signatures.window import Match, Window

HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
HEIC_SEQUENCES = {b"hevc", b"hevx", b"hevm", b"hevs"}
AVIF = {b"avif", b"avis"}
GENERIC_PICTURES = {b"mif1", b"msf1", b"miaf", b"mif2"}
SOUND = {b"M4A ", b"M4B ", b"M4P "}
FILMS = {b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"XAVC", b"dash", b"f4v ", b"mmp4"}
FRAGMENT_BOXES = {b"moof", b"styp", b"sidx"}
QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
ENCRYPTION = (b"encv", b"enca", b"sinf")
MOST_BRANDS = 64


def match(window: Window) -> Match | None:
    """Recognise files made of boxes. Canon RAW is tested before any film brand, pictures before films."""
    if window.head[4:8] == b"ftyp":
        return _by_brands(window)
    size = int.from_bytes(window.head[:4], "big")
    if window.head[4:8] in QUICKTIME_BOXES and (size == 1 or size >= 8):
        return Match("mov", facts=_encryption(window))
    if window.head[4:8] in FRAGMENT_BOXES and size >= 8:
        return Match("mp4", facts=_encryption(window))
    return None


def _by_brands(window: Window) -> Match | None:
    head = window.head
    major = head[8:12]
    stop = min(int.from_bytes(head[:4], "big"), 16 + 4 * MOST_BRANDS, len(head))
    brands = {major, *(head[at : at + 4] for at in range(16, stop - 3, 4))}
    if major == b"crx " or b"crx " in brands:
        return Match("cr3")
    if picture := _picture(major, brands):
        return Match(picture, facts=_picture_facts(window, major))
    if major in SOUND:
        return Match("m4a", facts=_encryption(window))
    if major == b"qt  ":
        return Match("mov", facts=_encryption(window))
    if major[:2] == b"3g":
        return Match("3gp", facts=_encryption(window))
    if major in FILMS or major[:3] == b"iso" or brands & FILMS:
        return Match("mp4", facts=_encryption(window))
    return None


def _picture(major: bytes, brands: set[bytes]) -> str | None:
    if major in AVIF:
        return "avif"
    if major in HEIC:
        return "heic"
    if major in GENERIC_PICTURES:
        return "avif" if brands & AVIF else "heic" if brands & HEIC else None
    return None


def _picture_facts(window: Window, major: bytes) -> tuple[str, ...]:
    facts = set()
    if major in HEIC_SEQUENCES or major == b"avis":
        facts.add("animated")
    if _has_motion(window):
        facts.add("motion-photo")
    return tuple(sorted(facts))


def _has_motion(window: Window) -> bool:
    """A film behind the picture: a top-level `mpvd` box, or what the XMP of the camera says."""
    at = 0
    while header := window.at(at, 8):
        if header[4:8] == b"mpvd":
            return True
        size = int.from_bytes(header[:4], "big")
        if size < 8:
            break
        at += size
    return b'MotionPhoto="1"' in window.head or b'MotionPhoto="1"' in window.tail


def _encryption(window: Window) -> tuple[str, ...]:
    seen = any(mark in window.head or mark in window.tail for mark in ENCRYPTION)
    return ("encrypted",) if seen else ()
