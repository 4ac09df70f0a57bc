"""Seccomp: the system calls a decoder never needs, refused by a filter in the kernel.

No sockets, no new processes or namespaces, no looking into, limiting or signalling others, nothing shared that outlives
a process, no keys, no io_uring, no mounts.
Numbers from the kernel's tables for x86-64 and the generic table of aarch64.
"""

import ctypes
import platform
import struct
from dataclasses import dataclass

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE, UNKNOWN_CALL = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT, SECOND_ARGUMENT_AT = 0, 4, 16, 24
THREAD = 0x00010000
X32 = 0x40000000
SET_NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER_MODE = 38, 22, 2

COMMON = (
    *range(424, 436),
    438,
    440,
    442,
    448,
)  # pidfd, io_uring, clone3, open_tree … mount_setattr, process_*
X86_64 = (
    *(41, 42, 43, 49, 50, 53, 288),  # sockets
    *(
        62,
        200,
        129,
        297,
        272,
        308,
    ),  # kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo, unshare, setns
    *(
        29,
        30,
        31,
        *range(64, 72),
        220,
        *range(240, 246),
    ),  # memory, semaphores and queues that outlive a process
    *(101, 310, 311, 248, 249, 250),  # ptrace, process_vm, keys
    *(135, 155, 161, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 175, 176, 179),
    *(227, 246, 298, 303, 304, 313, 320, 321, 323),  # clock, kexec, perf, handles, modules, bpf
)
X86_64_FORKS = (57, 58)  # fork, vfork; elsewhere there is only clone
# Calls about a process, by the argument that names it: allowed for 0, which is oneself.
X86_64_OWN = (
    (302, 0),
    (142, 0),
    (144, 0),
    (203, 0),
    (314, 0),
    (141, 1),
    (251, 1),
)  # prlimit, sched_*, priorities
AARCH64_OWN = ((261, 0), (118, 0), (119, 0), (122, 0), (274, 0), (140, 1), (30, 1))
AARCH64 = (
    *(138, 240, *range(180, 198)),
    *(198, 199, 200, 201, 202, 203, 242),
    *(129, 130, 97, 268),
    *(117, 270, 271, 217, 218, 219),
    *(39, 40, 41, 51, 60, 89, 92, 104, 105, 106, 112, 142, 161, 162, 170, 224, 225),
    *(241, 264, 265, 273, 280, 282, 294),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What differs between processors: the audit name, calls to refuse, those that only make processes, those about oneself alone, `clone`, `tgkill`, the x32 bit."""

    audit: int
    refused: tuple[int, ...]
    forks: tuple[int, ...]
    own: tuple[tuple[int, int], ...]
    clone: int
    signal_thread: int
    has_x32: bool


CLONE3 = 435
MACHINES = {
    "x86_64": Machine(0xC000003E, X86_64, X86_64_FORKS, X86_64_OWN, 56, 234, has_x32=True),
    "aarch64": Machine(0xC00000B7, AARCH64, (), AARCH64_OWN, 220, 131, has_x32=False),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One BPF instruction; `yes` and `no` name the labels to jump to, an empty one the next step."""

    operation: int
    operand: int
    yes: str = ""
    no: str = ""
    label: str = ""


def program(process_id: int | None = None, *, forks: bool = False) -> bytes:
    """The filter as an array of BPF instructions; with a process id, no other process's threads can be signalled.

    `forks` lets the process make others, which take the whole filter upon themselves.

    Raises OSError on a processor whose call numbers we do not know.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(f"no list of system calls for {platform.machine()}")
    return _assemble([*_tests(machine, process_id, forks=forks), *_blocks(process_id)])


def apply(filter_program: bytes) -> None:
    """Put this process under the filter, for good; OSError when the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(filter_program, len(filter_program))
    header = struct.pack("@HP", len(filter_program) // 8, ctypes.addressof(code))
    if libc.prctl(SET_SECCOMP, FILTER_MODE, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused the filter")


def _tests(machine: Machine, process_id: int | None, *, forks: bool) -> list[Step]:
    steps = [
        Step(LOAD, ARCHITECTURE_AT),
        Step(JUMP_EQUAL, machine.audit, no="kill"),
        Step(LOAD, NUMBER_AT),
    ]
    if machine.has_x32:
        steps.append(Step(JUMP_AT_LEAST, X32, yes="refuse"))
    # The C library falls back to `clone`, whose flags a filter can read, when `clone3` is unknown.
    steps.append(Step(JUMP_EQUAL, CLONE3, yes="unknown"))
    steps.append(Step(JUMP_EQUAL, machine.clone, yes="allow" if forks else "clone"))
    if process_id is not None:
        steps.append(Step(JUMP_EQUAL, machine.signal_thread, yes="signal"))
    steps += [
        Step(JUMP_EQUAL, number, yes="second is self" if argument else "first is self")
        for number, argument in machine.own
    ]
    making = () if forks else machine.forks
    refused = sorted({*machine.refused, *making, *COMMON} - {CLONE3})
    return [*steps, *(Step(JUMP_EQUAL, number, yes="refuse") for number in refused)]


def _blocks(process_id: int | None) -> list[Step]:
    """What the tests jump to. BPF only jumps forward, so the ends stand last."""
    return [
        Step(RETURN, ALLOW),
        Step(LOAD, FIRST_ARGUMENT_AT, label="clone"),
        Step(JUMP_ANY_BIT, THREAD, yes="allow", no="refuse"),
        Step(LOAD, FIRST_ARGUMENT_AT, label="signal"),
        Step(JUMP_EQUAL, process_id or 0, yes="allow", no="refuse"),
        Step(LOAD, FIRST_ARGUMENT_AT, label="first is self"),
        Step(JUMP_EQUAL, 0, yes="allow", no="refuse"),
        Step(LOAD, SECOND_ARGUMENT_AT, label="second is self"),
        Step(JUMP_EQUAL, 0, yes="allow", no="refuse"),
        Step(RETURN, ALLOW, label="allow"),
        Step(RETURN, REFUSE, label="refuse"),
        Step(RETURN, UNKNOWN_CALL, label="unknown"),
        Step(RETURN, KILL, label="kill"),
    ]


def _assemble(steps: list[Step]) -> bytes:
    """Turn labels into distances from the step behind the jump."""
    places = {step.label: index for index, step in enumerate(steps) if step.label}
    return b"".join(
        struct.pack(
            "=HBBI",
            step.operation,
            places[step.yes] - index - 1 if step.yes else 0,
            places[step.no] - index - 1 if step.no else 0,
            step.operand,
        )
        for index, step in enumerate(steps)
    )
