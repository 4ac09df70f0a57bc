"""TIFF and the RAW formats that look like it: the directories say which it is."""

from ingest.signatures.window import Match, Window

MAKE, PHOTOMETRIC, SUB_IFDS, EXIF_IFD, DNG_VERSION, EXIF_VERSION = (
    271,
    262,
    330,
    34665,
    50706,
    0x9000,
)
COLOUR_FILTER_ARRAY = 32803
TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4}
MOST_ENTRIES, MOST_SUB_IFDS = 512, 8
MAKERS = (
    (b"NIKON", "nef"),
    (b"SONY", "arw"),
    (b"PENTAX", "pef"),
    (b"RICOH", "pef"),
    (b"Hasselblad", "3fr"),
    (b"Phase One", "iiq"),
    (b"SAMSUNG", "srw"),
)
DNG_PUIDS = {
    (1, 0): "fmt/436",
    (1, 1): "fmt/152",
    (1, 2): "fmt/437",
    (1, 3): "fmt/438",
    (1, 4): "fmt/730",
    (1, 5): "fmt/1841",
    (1, 6): "fmt/1842",
    (1, 7): "fmt/1943",
}

Order = str
Directory = dict[int, bytes]


def match(window: Window) -> Match | None:
    """Recognise TIFF, BigTIFF and TIFF-like RAW; a plain TIFF is what no RAW mark claims."""
    head = window.head
    if head[:4] in {b"II+\0", b"MM\0+"}:
        return Match("tiff", "fmt/1917")
    if head[:4] in {b"IIRO", b"IIRS", b"MMOR"}:
        return Match("orf")
    if head[:4] == b"IIU\0":
        return Match("rw2")
    if head[6:14] == b"HEAPCCDR":
        return Match("crw")
    if head[:4] not in {b"II*\0", b"MM\0*"}:
        return None
    if head[8:10] == b"CR":
        return Match("cr2")
    return _by_directories(window)


def _by_directories(window: Window) -> Match:
    order = byte_order(window.head)
    first = directory(window, 0, number(window.at(4, 4), order), order)
    if version := first.get(DNG_VERSION):
        return Match("dng", DNG_PUIDS.get((version[0], version[1] if len(version) > 1 else 0)))
    make = first.get(MAKE, b"").strip(b"\0 ")
    name = next((row for mark, row in MAKERS if make.upper().startswith(mark.upper())), None)
    if name and any(_is_raw(found, order) for found in _all(window, first, order)):
        return Match(name)
    return Match("tiff")


def _is_raw(found: Directory, order: Order) -> bool:
    return number(found.get(PHOTOMETRIC, b""), order) == COLOUR_FILTER_ARRAY


def _all(window: Window, first: Directory, order: Order) -> list[Directory]:
    raw = first.get(SUB_IFDS, b"")
    offsets = [number(raw[at : at + 4], order) for at in range(0, len(raw) - 3, 4)]
    return [first, *(directory(window, 0, offset, order) for offset in offsets[:MOST_SUB_IFDS])]


def byte_order(head: bytes) -> Order:
    """The byte order a TIFF header declares, as Python spells it."""
    return "little" if head[:2] == b"II" else "big"


def number(raw: bytes, order: Order) -> int:
    """An unsigned number in this order; no bytes read as 0."""
    return int.from_bytes(raw, "little" if order == "little" else "big")


def directory(window: Window, base: int, offset: int, order: Order) -> Directory:
    """The values of one directory whose TIFF header lies at `base`; what is out of sight or malformed is left out."""
    count = min(number(window.at(base + offset, 2), order), MOST_ENTRIES)
    found: Directory = {}
    for index in range(count):
        entry = window.at(base + offset + 2 + 12 * index, 12)
        if not entry:
            break
        size = TYPE_SIZES.get(number(entry[2:4], order), 0) * number(entry[4:8], order)
        if not 0 < size <= 4096:
            continue
        value = (
            entry[8 : 8 + size] if size <= 4 else window.at(base + number(entry[8:12], order), size)
        )
        found[number(entry[:2], order)] = value
    return found
