"""Budgets: how much a child may use before it is stopped."""

from dataclasses import dataclass

MIB = 1024 * 1024
GIB = 1024 * MIB

MOST_PIXELS = 300_000_000
MOST_PIXELS_IN_ALL_FRAMES = 3_000_000_000
LONGEST_SIDE = 60_000
OPEN_FILES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of one child, held by the kernel: processor time, wall clock, address space, largest file it may write."""

    cpu_seconds: int
    wall_seconds: float
    memory_bytes: int = 3 * GIB
    output_bytes: int = 64 * MIB


READING = Budget(cpu_seconds=10, wall_seconds=10, memory_bytes=GIB, output_bytes=16 * MIB)
STILLS = Budget(cpu_seconds=30, wall_seconds=60)
PROBING = Budget(cpu_seconds=10, wall_seconds=20, memory_bytes=GIB, output_bytes=MIB)
