"""Thumbhash: a picture in at most 25 bytes, for the blur shown until it arrives (the open format of that name).

Luminance and two colour differences as a few cosine coefficients, four bits each, behind a five-byte head.
"""

import math
from collections.abc import Sequence

LUMINANCE_TERMS = 7
COLOUR_TERMS = 3

Channel = Sequence[float]


def encode(width: int, height: int, pixels: Sequence[tuple[int, int, int]]) -> bytes:
    """The hash of an opaque picture of at most 100 pixels a side, rows from the top."""
    longest = max(width, height)
    across = max(1, _round(LUMINANCE_TERMS * width / longest))
    down = max(1, _round(LUMINANCE_TERMS * height / longest))
    light = [(red + green + blue) / 765 for red, green, blue in pixels]
    warm = [(red + green) / 510 - blue / 255 for red, green, blue in pixels]
    rose = [(red - green) / 255 for red, green, blue in pixels]
    waves = _waves(width, max(LUMINANCE_TERMS, COLOUR_TERMS)), _waves(height, LUMINANCE_TERMS)
    l_mean, l_terms, l_scale = _terms(light, waves, max(3, across), max(3, down))
    p_mean, p_terms, p_scale = _terms(warm, waves, COLOUR_TERMS, COLOUR_TERMS)
    q_mean, q_terms, q_scale = _terms(rose, waves, COLOUR_TERMS, COLOUR_TERMS)
    is_landscape = width > height
    first = (
        _round(63 * l_mean)
        | _round(31.5 + 31.5 * p_mean) << 6
        | _round(31.5 + 31.5 * q_mean) << 12
        | _round(31 * l_scale) << 18
    )
    second = (
        (down if is_landscape else across)
        | _round(63 * p_scale) << 3
        | _round(63 * q_scale) << 9
        | is_landscape << 15
    )
    nibbles = [_round(15 * term) for term in (*l_terms, *p_terms, *q_terms)]
    return first.to_bytes(3, "little") + second.to_bytes(2, "little") + _pack(nibbles)


def _terms(
    channel: Channel, waves: tuple[list[Channel], list[Channel]], across: int, down: int
) -> tuple[float, list[float], float]:
    """(mean, coefficients scaled into 0…1, scale): the low triangle of the cosine transform."""
    columns, rows = waves
    width, height = len(columns[0]), len(rows[0])
    mean, terms, scale = 0.0, [], 0.0
    for y in range(down):
        # The rows are summed once per vertical frequency: the horizontal sums then cost a row, not a picture.
        summed = [
            sum(rows[y][row] * channel[row * width + column] for row in range(height))
            for column in range(width)
        ]
        for x in range(across):
            if x * down >= across * (down - y):
                break
            value = sum(map(_product, columns[x], summed)) / (width * height)
            if x or y:
                terms.append(value)
                scale = max(scale, abs(value))
            else:
                mean = value
    return mean, [0.5 + 0.5 / scale * term for term in terms] if scale else terms, scale


def _product(one: float, other: float) -> float:
    return one * other


def _waves(length: int, count: int) -> list[Channel]:
    return [
        [math.cos(math.pi / length * term * (place + 0.5)) for place in range(length)]
        for term in range(count)
    ]


def _pack(nibbles: list[int]) -> bytes:
    padded = nibbles + [0] * (len(nibbles) % 2)
    return bytes(low | high << 4 for low, high in zip(padded[::2], padded[1::2], strict=True))


def _round(value: float) -> int:
    return math.floor(value + 0.5)
