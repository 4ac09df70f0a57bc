"""Small real files for tests, made on the spot."""

import io
import random

from PIL import Image


def jpeg(seed: int = 1, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small JPEG; another seed gives other bytes."""
    chance = random.Random(seed)
    image = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
