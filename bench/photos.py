"""60 photos of 24 megapixels in one batch: the CPU of every process of the house against bare tools that make the same two sizes."""

import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from making import noisy_upscale_to
from PIL import Image
from running_house import running_house

from bench.ground import MEDIA, NORMAL, ingest
from transcode.still import child

PHOTOS, SEEDS, MEGAPIXELS = 60, 8, 24
SHARP = "sharp@0.34"
TWICE = """
import sharp from "sharp";
import { basename } from "node:path";
sharp.concurrency(1);
const [out, ...files] = process.argv.slice(2);
for (const file of files) {
  for (const side of [1440, 320]) {
    await sharp(file).rotate().resize(side, side, { fit: "inside" }).jpeg({ quality: 82 }).toFile(`${out}/${side}-${basename(file)}`);
  }
}
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mediateka-photos-") as name:
        folder = Path(name)
        files = _photos(folder / "photos")
        print(f"{len(files)} photos, {sum(file.stat().st_size for file in files) / 1e6:.0f} MB")
        bare = _own(lambda: [_cascade(file, folder) for file in files])
        room = _own(lambda: [_room(file, folder) for file in files])
        print(f"bare Pillow cascade with draft: {bare:.1f} CPU s")
        print(f"stills room alone: {room:.1f} CPU s, {room / bare:.2f} x the cascade (goal 1.1)")
        sharp = _sharp(files, folder)
        print(
            f"sharp, two thumbnails: {sharp:.1f} CPU s; the room is {room / sharp:.2f} x (goal 1.0)"
            if sharp
            else "sharp could not be had"
        )
        whole, seconds = _house(folder, files)
        print(f"the whole house: {whole:.1f} CPU s, {whole / bare:.2f} x the cascade (goal 1.6)")
        print(f"{len(files) / seconds:.2f} photos a second, deposit to ready")


def _photos(folder: Path) -> list[Path]:
    """60 different files of 24 megapixels, made from 8 of the set by upscaling with noise."""
    folder.mkdir()
    chance = random.Random(20261124)
    sources = sorted((MEDIA / "press").glob("*.[jJ]*[gG]"))[:SEEDS]
    made = [noisy_upscale_to(source, chance, MEGAPIXELS * 1_000_000) for source in sources]
    files = []
    for number in range(PHOTOS):
        data = made[number % SEEDS]
        file = folder / f"{number:02}.jpg"
        file.write_bytes(data + f"photo {number}".encode())
        files.append(file)
    return files


def _own(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _cascade(file: Path, folder: Path) -> None:
    """What anybody writes with Pillow who knows `draft`: decoded at twice the size wanted or more, then scaled twice."""
    with Image.open(file) as picture:
        scale = min(1.0, 2 * child.PREVIEW_SIDE / max(picture.size))
        picture.draft("RGB", (int(picture.width * scale), int(picture.height * scale)))
        picture.thumbnail((child.PREVIEW_SIDE, child.PREVIEW_SIDE), reducing_gap=None)
        picture.save(folder / "bare-1440.jpg", quality=82)
        picture.thumbnail((child.THUMBNAIL_SIDE, child.THUMBNAIL_SIDE))
        picture.save(folder / "bare-320.jpg", quality=82)


def _room(file: Path, folder: Path) -> None:
    report = child.make(str(file), "JPEG", str(folder))
    assert report["files"], report


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sharp(files: list[Path], folder: Path) -> float | None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return None
    home = folder / "sharp"
    home.mkdir()
    (home / "package.json").write_text('{"type": "module"}')
    (home / "twice.mjs").write_text(TWICE)
    had = subprocess.run([npm, "install", "--silent", SHARP], cwd=home, check=False)
    if had.returncode:
        return None
    before = _children()
    subprocess.run([node, home / "twice.mjs", folder, *files], cwd=home, check=True)
    return _children() - before


def _house(folder: Path, files: list[Path]) -> tuple[float, float]:
    """CPU of all the house's processes for the batch, without its start and stop; wall seconds of the batch."""
    idle = _lived(folder / "idle", None)[0]
    used, seconds = _lived(folder / "house", files)
    return used - idle, seconds


def _lived(home: Path, files: list[Path] | None) -> tuple[float, float]:
    before = _children()
    # In the other rung the kernel does not tell parents what their children used.
    with running_house(home, MEDIATEKA_SANDBOX="landlock", **NORMAL) as running:
        begun = time.monotonic()
        if files:
            lines = ingest(running, *files)
            assert {line["state"] for line in lines.values()} == {"ready"}, lines
        seconds = time.monotonic() - begun
        assert running.stop() == 0
    return _children() - before, seconds


if __name__ == "__main__":
    sys.exit(main())
