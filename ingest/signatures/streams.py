"""Streams without a header: the frames themselves must repeat."""

from ingest.signatures.window import Match, Window

SYNC = 0x47
TIMES = 5
PES_STARTS = b"\0\0\x01\xba"
BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
RATES = {0: 44100, 1: 48000, 2: 32000}


def match(window: Window) -> Match | None:
    """Recognise transport and program streams, raw DV, MP3 and AAC."""
    head = window.head
    for test in (_transport, _program, _dv, _mp3, _aac):
        if found := test(head):
            return found
    return None


def _transport(head: bytes) -> Match | None:
    for start, step, name in ((0, 188, "ts"), (4, 192, "m2ts")):
        marks = [head[start + step * index : start + step * index + 1] for index in range(TIMES)]
        if all(mark == bytes([SYNC]) for mark in marks):
            return Match(name)
    return None


def _program(head: bytes) -> Match | None:
    if not head.startswith(PES_STARTS) or len(head) < 5:
        return None
    if head[4] >> 6 == 0b01:
        return Match("mpg")
    return Match("mpg", "x-fmt/385") if head[4] >> 4 == 0b0010 else None


def _dv(head: bytes) -> Match | None:
    """A DIF block is 80 bytes; the second of a frame is a subcode block."""
    return Match("dv") if head[:3] == b"\x1f\x07\0" and head[80:81] == b"\x3f" else None


def _mp3(head: bytes) -> Match | None:
    if head.startswith(b"ID3") and len(head) > 10 and head[3] < 0xFF and head[4] < 0xFF:
        return Match("mp3")
    first = _mp3_frame_length(head[:4])
    return Match("mp3") if first and _mp3_frame_length(head[first : first + 4]) else None


def _mp3_frame_length(header: bytes) -> int:
    """Length of a layer III frame from its 4 bytes (ISO 11172-3), 0 when they are not a header."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    index, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer != 1 or index in {0, 15} or rate == 3:
        return 0
    one = version == 3
    bits = (BITRATES if one else BITRATES_2)[index] * 1000
    hertz = RATES[rate] >> (0 if one else 1 if version == 2 else 2)
    return (144 if one else 72) * bits // hertz + (header[2] >> 1 & 1)


def _aac(head: bytes) -> Match | None:
    first = _aac_frame_length(head[:7])
    return Match("aac") if first and _aac_frame_length(head[first : first + 7]) else None


def _aac_frame_length(header: bytes) -> int:
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0
