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


def noisy_upscale(path, chance: random.Random, smallest_bytes: int) -> bytes:
    """A photo enlarged, with noise, so that it is as large as a camera's."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    exif, factor = opened.info.get("exif", b""), 2.0
    while True:
        size = (round(image.width * factor), round(image.height * factor))
        large = image.resize(size)
        noise = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
        buffer = io.BytesIO()
        Image.blend(large, noise, 0.08).save(buffer, "JPEG", quality=90, exif=exif)
        if buffer.tell() >= smallest_bytes:
            return buffer.getvalue()
        factor *= 1.3
