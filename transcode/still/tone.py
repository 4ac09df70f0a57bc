"""Tone: high dynamic range brought down to what a screen of ordinary range can show.

PQ (SMPTE ST 2084) and HLG (ITU-R BT.2100) to light relative to 203 nits of paper white (BT.2408), then a Möbius curve that
leaves everything below 0.7 as it is.
"""

import math

from transcode.still.profiles import encoded

PQ, HLG = 16, 18
WHITE_NITS = 203.0
PEAK_NITS = 1000.0
KNEE = 0.7
_M1, _M2 = 2610 / 16384, 2523 / 32
_C1, _C2, _C3 = 3424 / 4096, 2413 / 128, 2392 / 128
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073


def curve(transfer: int) -> list[int]:
    """For each of 256 values in this transfer (16 or 18) the value of sRGB that shows it."""
    light = _pq_nits if transfer == PQ else _hlg_nits
    shown = (mobius(light(value / 255) / WHITE_NITS) for value in range(256))
    return [round(255 * encoded(min(max(value, 0.0), 1.0))) for value in shown]


def mobius(light: float, peak: float = PEAK_NITS / WHITE_NITS) -> float:
    """Compress light so that `peak` becomes 1; the identity below the knee, smooth at it."""
    if light <= KNEE:
        return light
    a = -KNEE * KNEE * (peak - 1) / (KNEE * KNEE - 2 * KNEE + peak)
    b = (KNEE * KNEE - 2 * KNEE * peak + peak) / (peak - 1)
    return (b * b + 2 * b * KNEE + KNEE * KNEE) / (b - a) * (light + a) / (light + b)


def _pq_nits(value: float) -> float:
    power = float(value ** (1 / _M2))
    return 10000.0 * float((max(power - _C1, 0.0) / (_C2 - _C3 * power)) ** (1 / _M1))


def _hlg_nits(value: float) -> float:
    scene = value * value / 3 if value <= 0.5 else (math.exp((value - _C) / _A) + _B) / 12
    return PEAK_NITS * float(scene**1.2)
