"""Colour profiles made from numbers: matrix profiles for the primaries that pictures name without carrying a profile.

ICC.1:2001 (version 2.1): three colorants adapted to D50 by the Bradford transform, one curve.
"""

import struct
from collections.abc import Sequence

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]
Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

D65 = (0.3127, 0.3290)
D50: Vector = (0.9642, 1.0, 0.8249)
BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
BT709: Chromaticities = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3: Chromaticities = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
BT2020: Chromaticities = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
ADOBE: Chromaticities = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
ADOBE_GAMMA = 563 / 256
CURVE_POINTS = 1024
TAG_PLACES = ("rTRC", "gTRC", "bTRC")


def matrix_profile(primaries: Chromaticities, gamma: float | None = None) -> bytes:
    """A profile of these primaries at white D65, with a pure gamma or, by default, the curve of sRGB."""
    curve = _gamma_curve(gamma) if gamma else _srgb_curve()
    named = {
        "desc": _description("made from primaries"),
        "cprt": b"text\0\0\0\0no copyright\0",
        "wtpt": _xyz(D50),
        **dict(zip(("rXYZ", "gXYZ", "bXYZ"), map(_xyz, _colorants(primaries)), strict=True)),
        "rTRC": curve,
    }
    start = 128 + 4 + 12 * (len(named) + len(TAG_PLACES) - 1)
    table, body, places = b"", b"", {}
    for name, data in named.items():
        places[name] = (start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    places |= dict.fromkeys(TAG_PLACES, places["rTRC"])
    for name, (offset, size) in places.items():
        table += struct.pack(">4sII", name.encode(), offset, size)
    return _head(start + len(body)) + struct.pack(">I", len(places)) + table + body


def linear(encoded: float) -> float:
    """Light from an sRGB value, both 0…1 (IEC 61966-2-1)."""
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4


def encoded(light: float) -> float:
    """An sRGB value from light, both 0…1."""
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def _colorants(primaries: Chromaticities) -> list[Vector]:
    columns = [_from_xy(x, y) for x, y in primaries]
    white = _from_xy(*D65)
    shares = _times(_inverse(_transposed(columns)), white)
    adapted = _adaptation(white)
    scaled = [
        (share * column[0], share * column[1], share * column[2])
        for share, column in zip(shares, columns, strict=True)
    ]
    return [_times(adapted, column) for column in scaled]


def _adaptation(white: Vector) -> Matrix:
    have, want = _times(BRADFORD, white), _times(BRADFORD, D50)
    scale: Matrix = (
        (want[0] / have[0], 0.0, 0.0),
        (0.0, want[1] / have[1], 0.0),
        (0.0, 0.0, want[2] / have[2]),
    )
    return _product(_inverse(BRADFORD), _product(scale, BRADFORD))


def _from_xy(x: float, y: float) -> Vector:
    return x / y, 1.0, (1 - x - y) / y


def _transposed(rows: Sequence[Vector]) -> Matrix:
    first, second, third = rows
    return tuple(zip(first, second, third, strict=True))  # type: ignore[return-value]


def _times(matrix: Matrix, vector: Vector) -> Vector:
    x, y, z = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return x, y, z


def _product(left: Matrix, right: Matrix) -> Matrix:
    x, y, z = (_times(left, column) for column in _transposed(right))
    return _transposed((x, y, z))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    size = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / size, (c * h - b * i) / size, (b * f - c * e) / size),
        ((f * g - d * i) / size, (a * i - c * g) / size, (c * d - a * f) / size),
        ((d * h - e * g) / size, (b * g - a * h) / size, (a * e - b * d) / size),
    )


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(value: Vector) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, value))


def _gamma_curve(gamma: float) -> bytes:
    return struct.pack(">4sIIH", b"curv", 0, 1, round(gamma * 256))


def _srgb_curve() -> bytes:
    points = [round(65535 * linear(step / (CURVE_POINTS - 1))) for step in range(CURVE_POINTS)]
    return struct.pack(f">4sII{CURVE_POINTS}H", b"curv", 0, CURVE_POINTS, *points)


def _description(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return struct.pack(">4sII", b"desc", 0, len(raw)) + raw + b"\0" * 78


def _head(size: int) -> bytes:
    return (
        struct.pack(">II", size, 0)
        + b"\x02\x10\0\0mntrRGB XYZ "
        + struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
        + b"acsp"
        + b"\0" * 28
        + b"".join(map(_fixed, D50))
        + b"\0" * 48
    )
