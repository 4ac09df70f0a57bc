"""Landlock: the files a process may touch, held by the kernel (5.13 and later) from here to its end and for its children."""

import ctypes
import os
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FIRST_ABI_RIGHTS = (1 << 13) - 1
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
RIGHTS_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
TCP_BIND_CONNECT = 0b11
SCOPE_SOCKETS_SIGNALS = 0b11
OPEN_PATH = os.O_PATH | os.O_CLOEXEC

READING = EXECUTE | READ_FILE | READ_DIR

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    version: int = _libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    return max(version, 0)


def restrict(reads: Iterable[str], writes: Iterable[str]) -> None:
    """Leave this process only what lies beneath `reads` (to read and run) and `writes` (to do anything).

    Raises OSError when the kernel refuses; the caller must then not go on. TCP, signals and abstract sockets are closed
    as well where the kernel knows how (versions 4 and 6).
    """
    version = abi()
    if version < 1:
        raise OSError("this kernel has no Landlock")
    handled = _handled(version)
    attribute = struct.pack(
        "=QQQ",
        handled,
        TCP_BIND_CONNECT if version >= 4 else 0,
        SCOPE_SOCKETS_SIGNALS if version >= 6 else 0,
    )[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _call(CREATE_RULESET, attribute, len(attribute), 0)
    try:
        for path in reads:
            _allow(ruleset, path, READING)
        for path in writes:
            _allow(ruleset, path, handled)
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _handled(version: int) -> int:
    rights = FIRST_ABI_RIGHTS
    for needed, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEVICE)):
        rights |= right if version >= needed else 0
    return rights


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Add one rule; a path that is not there needs none."""
    try:
        place = os.open(path, OPEN_PATH)
    except FileNotFoundError:
        return
    try:
        allowed = rights & _handled(abi())
        if not os.path.isdir(path):  # noqa: PTH112 - the launcher starts faster without pathlib
            allowed &= RIGHTS_OF_FILES
        _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", allowed, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: int | bytes) -> int:
    result: int = _libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number} was refused")
    return result
