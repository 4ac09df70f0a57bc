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
    """A photo enlarged, with noise, so that its file is as large as a camera's."""
    factor = 2.0
    while len(made := enlarged(path, chance, factor)) < smallest_bytes:
        factor *= 1.3
    return made


def noisy_upscale_to(path, chance: random.Random, pixels: int) -> bytes:
    """A photo enlarged, with noise, to about so many pixels."""
    with Image.open(path) as opened:
        return enlarged(path, chance, (pixels / (opened.width * opened.height)) ** 0.5)


def enlarged(path, chance: random.Random, factor: float) -> bytes:
    """A photo so many times as wide and high, with noise in it, as JPEG with its EXIF."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    size = (round(image.width * factor), round(image.height * factor))
    noise = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
    buffer = io.BytesIO()
    exif = opened.info.get("exif", b"")
    Image.blend(image.resize(size), noise, 0.08).save(buffer, "JPEG", quality=90, exif=exif)
    return buffer.getvalue()
