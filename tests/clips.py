"""Films for tests that send many: copies of one clip that differ in bytes and in nothing else."""

import subprocess
from pathlib import Path


def marked(clip: bytes, number: int) -> bytes:
    """The same MP4 with a box at its end that players pass over (ISO/IEC 14496-12, `free`)."""
    said = number.to_bytes(8, "big")
    return clip + (8 + len(said)).to_bytes(4, "big") + b"free" + said


def looped(source: Path, target: Path, *, times: int, noise: int, seed: int) -> bytes:
    """A longer and larger clip of the same picture, with noise of its own."""
    filters = f"noise=alls={noise}:all_seed={seed}"
    command = ["ffmpeg", "-v", "error", "-y", "-stream_loop", str(times - 1), "-i", str(source)]
    command += ["-vf", filters, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20"]
    subprocess.run([*command, "-c:a", "copy", str(target)], check=True, timeout=300)
    return target.read_bytes()
