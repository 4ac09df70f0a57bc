"""The sandbox, in every rung this machine has: what a child may do, what ends it, and that nothing outlives its parent."""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from archive.errors import Interrupted, NoSafeDecoder, OverBudget, UnreadableMedia
from archive.sandbox import check, landlock, launcher, seccomp
from archive.sandbox.budgets import MIB, Budget
from archive.sandbox.child import Sandbox
from archive.sandbox.exiftool import ExifTool
from archive.sandbox.kept import Keeping
from archive.sandbox.rungs import CODE, Input, Output, Program, Rung, python_program

SHORT = Budget(cpu_seconds=2, wall_seconds=10, memory_bytes=256 * MIB, output_bytes=MIB)


@pytest.fixture(scope="module", params=list(Rung), ids=str)
def rung(request, tmp_path_factory):
    report = check.self_check(request.param, tmp_path_factory.mktemp("check"))
    if not report.holds:
        pytest.skip(f"{request.param} does not work here: {report.misses}")
    return request.param


@pytest.fixture(params=["a sandbox each", "kept open"])
def sandbox(request, rung, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Keeping(rung, scratch) as kept:
        yield Sandbox(rung=rung, scratch=scratch, kept=kept if "kept" in request.param else None)
    assert list(scratch.iterdir()) == []


def script(code: str, *arguments) -> Program:
    """A Python program given as text, confined like one of our modules."""
    module = python_program("archive.sandbox.canary")
    return Program(
        arguments=(sys.executable, "-S", "-P", "-s", "-c", code, *arguments),
        reads=module.reads,
        packages=module.packages,
        is_quick=True,
    )


def run(sandbox, code, *arguments, budget=SHORT, **files):
    return sandbox.run(script(code, *arguments), inputs=files, budget=budget)


def test_the_best_rung_that_holds_is_chosen(tmp_path):
    chosen, reports = check.choose(tmp_path)
    holding = [report.rung for report in reports if report.holds]
    assert chosen.rung == (holding[0] if holding else None)
    assert len(holding) <= 1


def test_a_forced_rung_is_the_only_one_tried(tmp_path):
    _, reports = check.choose(tmp_path, Rung.LANDLOCK)
    assert [report.rung for report in reports] == [Rung.LANDLOCK]


def test_without_a_rung_nothing_is_run(tmp_path):
    with pytest.raises(NoSafeDecoder):
        run(Sandbox(rung=None, scratch=tmp_path), "print(1)")


def test_a_missing_bubblewrap_is_a_miss_and_not_a_crash(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check.self_check(Rung.BUBBLEWRAP, tmp_path).misses == ("bwrap is not installed",)


def test_a_child_reads_its_input_and_prints(sandbox, tmp_path):
    given = tmp_path / "a name; with $signs"
    given.write_bytes(b"hello")
    completed = run(sandbox, "import sys; print(open(sys.argv[1]).read())", Input("x"), x=given)
    assert (completed.status, completed.stdout, completed.stderr) == (0, b"hello\n", "")


def test_the_name_of_the_input_is_ours(sandbox, tmp_path):
    given = tmp_path / "-rm @x|.jpg"
    given.write_bytes(b"")
    completed = run(sandbox, "import sys; print(sys.argv[1])", Input("original"), original=given)
    assert completed.stdout.decode().strip().endswith("/original")


def test_the_input_cannot_be_changed(sandbox, tmp_path):
    given = tmp_path / "original"
    given.write_bytes(b"original")
    completed = run(sandbox, "import sys; open(sys.argv[1], 'ab')", Input("x"), x=given)
    assert completed.status == 1
    assert given.read_bytes() == b"original"


def test_the_output_folder_takes_files_and_nothing_else_does(sandbox, tmp_path):
    made, outside = tmp_path / "made", tmp_path / "outside"
    made.mkdir()
    outside.mkdir()
    code = (
        "import sys\n"
        "open(sys.argv[1], 'w').write('made')\n"
        "try: open(sys.argv[2], 'w')\n"
        "except OSError: print('refused')"
    )
    completed = sandbox.run(
        script(code, Output("x.jpg"), str(outside / "x")),
        inputs={},
        output=made,
        budget=SHORT,
    )
    assert completed.stdout == b"refused\n"
    assert (made / "x.jpg").read_text() == "made"
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/etc/hostname", "/proc/1/environ", str(CODE / "pyproject.toml")]
)
def test_files_outside_are_out_of_reach(sandbox, path):
    code = "import os, sys; p = sys.argv[1]; os.listdir(p) if os.path.isdir(p) else open(p).read()"
    assert run(sandbox, code, path).status == 1


def test_other_folders_of_the_house_are_out_of_reach(sandbox, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    code = "import sys; print(open(sys.argv[1]).read())"
    completed = run(sandbox, code, str(secret))
    assert completed.status == 1
    assert b"secret" not in completed.stdout


def test_no_listener_is_reached(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1)"
        assert run(sandbox, code, str(listener.getsockname()[1])).status == 1
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "act",
    [
        "os.fork()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "os.kill(os.getppid(), 0)",
        "check(libc.ptrace(0, 0, 0, 0))",
        "check(libc.unshare(0x10000000))",
        "check(libc.mount(b'x', b'/tmp', b'tmpfs', 0, 0))",
        "check(libc.syscall(IO_URING, 8, 0))",
        "check(libc.syscall(KEYCTL, 0, 0))",
    ],
)
def test_system_calls_no_decoder_needs_are_refused(sandbox, act):
    code = (
        "import ctypes, os, platform, socket, sys\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "IO_URING, KEYCTL = 425, 250 if platform.machine() == 'x86_64' else 219\n"
        "def check(value):\n"
        "    if value < 0: raise OSError(ctypes.get_errno(), 'refused')\n"
        f"try: {act}\n"
        "except OSError as error: print(error.errno)\n"
        "else: print('done')"
    )
    assert run(sandbox, code).stdout == b"1\n"  # EPERM


def test_threads_are_allowed(sandbox):
    code = "import threading; t = threading.Thread(target=print, args=(1,)); t.start(); t.join()"
    assert run(sandbox, code).stdout == b"1\n"


def test_the_environment_is_ours(sandbox, monkeypatch):
    monkeypatch.setenv("MEDIATEKA_SECRET_KEY", "secret")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    names = set(json.loads(run(sandbox, code).stdout))
    assert names <= {
        "PATH", "HOME", "TMPDIR", "LANG", "PYTHONPATH", "MALLOC_ARENA_MAX", "PWD", "LC_CTYPE",
    }  # fmt: skip


def test_nobody_is_root_in_there(sandbox):
    code = (
        "import ctypes\n"
        "data = (ctypes.c_uint32 * 6)()\n"
        "ctypes.CDLL(None).capget((ctypes.c_uint32 * 2)(0x20080522, 0), data)\n"
        "print(list(data))"
    )
    assert run(sandbox, code).stdout == b"[0, 0, 0, 0, 0, 0]\n"


def test_standard_input_is_given(sandbox):
    completed = sandbox.run(
        script("import sys; print(sys.stdin.read())"), inputs={}, budget=SHORT, stdin=b"given"
    )
    assert completed.stdout == b"given\n"


def test_a_busy_child_is_over_its_time(sandbox):
    with pytest.raises(OverBudget) as caught:
        run(sandbox, "while True: pass", budget=Budget(cpu_seconds=1, wall_seconds=20))
    assert caught.value.detail == "time"


def test_a_child_that_hangs_is_ended_by_the_wall_clock(sandbox):
    began = time.monotonic()
    with pytest.raises(OverBudget) as caught:
        run(
            sandbox,
            "import select; select.select([], [], [], 60)",
            budget=Budget(cpu_seconds=5, wall_seconds=0.5),
        )
    assert caught.value.detail == "time"
    assert time.monotonic() - began < 8


def test_a_child_that_ignores_the_request_is_made_to_end(sandbox, monkeypatch):
    monkeypatch.setattr("archive.sandbox.child.GRACE_SECONDS", 0.2)
    code = "import select, signal; signal.signal(15, signal.SIG_IGN); select.select([], [], [], 60)"
    with pytest.raises(OverBudget):
        run(sandbox, code, budget=Budget(cpu_seconds=5, wall_seconds=0.5))


def test_memory_is_held_by_the_kernel(sandbox):
    completed = run(sandbox, "x = bytearray(1 << 30)")
    assert completed.status == 1
    assert "MemoryError" in completed.stderr


def test_output_is_held_by_the_kernel(sandbox):
    code = (
        "import signal, sys; signal.signal(25, signal.SIG_DFL); sys.stdout.write('x' * (4 << 20))"
    )
    with pytest.raises(OverBudget) as caught:
        run(sandbox, code)
    assert caught.value.detail == "output"


def test_a_child_that_dies_twice_is_damage(sandbox):
    with pytest.raises(UnreadableMedia) as caught:
        run(sandbox, "import ctypes; ctypes.string_at(0)")
    assert (caught.value.reason, caught.value.detail) == ("damaged", "decoder-failed")


def test_a_child_that_dies_once_is_tried_again(sandbox, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    code = (
        "import ctypes, os, sys\n"
        "if os.path.exists(sys.argv[1]): print('second')\n"
        "else: open(sys.argv[1], 'w'); ctypes.string_at(0)"
    )
    program = script(code, Output("mark"))
    completed = sandbox.run(program, inputs={}, output=made, budget=SHORT)
    assert completed.stdout == b"second\n"


def test_a_child_that_was_killed_once_is_tried_again(sandbox, tmp_path):
    """By somebody's hand, or by a machine short of memory: that says nothing about the file."""
    made = tmp_path / "made"
    made.mkdir()
    code = (
        "import os, signal, sys\n"
        "if os.path.exists(sys.argv[1]): print('second')\n"
        "else: open(sys.argv[1], 'w'); signal.raise_signal(9)"
    )
    alone = replace(sandbox, kept=None)  # in one that is kept open nobody may send signals
    completed = alone.run(script(code, Output("mark")), inputs={}, output=made, budget=SHORT)
    assert completed.stdout == b"second\n"


def test_a_child_that_was_killed_twice_wants_too_much(sandbox):
    with pytest.raises(OverBudget) as caught:
        run(replace(sandbox, kept=None), "import signal; signal.raise_signal(9)")
    assert caught.value.detail == "memory"


def test_a_program_finds_what_lies_in_its_output_folder(sandbox, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    (made / "candidate").write_text("made before")
    program = script("import sys; print(open(sys.argv[1]).read())", Output("candidate"))
    completed = sandbox.run(program, inputs={}, output=made, budget=SHORT)
    assert completed.stdout == b"made before\n"


def test_only_the_tail_of_complaints_is_kept(sandbox):
    code = "import sys; sys.stderr.write('x' * 100000 + 'end')"
    assert run(sandbox, code).stderr.endswith("xend")
    assert len(run(sandbox, code).stderr) == 4096


def test_nothing_is_left_in_the_scratch_folder(sandbox):
    run(sandbox, "open('left', 'w')")
    assert [path for path in sandbox.scratch.rglob("*") if path.is_file()] == []


def test_a_program_that_is_not_there_is_no_decoder(sandbox):
    with pytest.raises(NoSafeDecoder):
        sandbox.run(Program(arguments=("/nowhere/decoder",)), inputs={}, budget=SHORT)


def test_a_dead_parent_is_noticed_before_the_program_starts(sandbox):
    plan = {
        "program": ["/bin/true"],
        "limits": {},
        "forks": False,
        "landlock": {"reads": [], "writes": []},
        "parent": 1 if os.getpid() != 1 else 2,
        "environment": {},
    }
    done = subprocess.run(
        [sys.executable, "-m", launcher.__name__, json.dumps(plan)],
        capture_output=True,
        cwd=CODE,
        check=False,
    )
    assert done.returncode == launcher.CANNOT_CONFINE
    assert b"the parent is gone" in done.stderr


def test_exiftool_reads_in_the_sandbox(sandbox, tmp_path):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    text = tmp_path / "x"
    text.write_bytes(b"\xff\xd8\xff\xfe\x00\x06abcd\xff\xd9")
    assert ExifTool.find(sandbox).read(text)["File:MIMEType"] == "image/jpeg"


def test_exiftool_that_is_not_installed_is_said(sandbox, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSafeDecoder):
        ExifTool.find(sandbox)


def test_exiftool_without_an_answer_is_unreadable(sandbox):
    silent = ExifTool(sandbox=sandbox, program="/bin/true")
    with pytest.raises(UnreadableMedia) as caught:
        silent.read(Path("/etc/hostname"))
    assert caught.value.detail == "metadata-unread"


def test_the_filter_only_jumps_forward_and_ends_in_a_verdict():
    program = seccomp.program(1234)
    steps = [struct.unpack("=HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]
    assert len(steps) < 256
    for index, (operation, yes, no, _) in enumerate(steps):
        if operation in {seccomp.JUMP_EQUAL, seccomp.JUMP_AT_LEAST, seccomp.JUMP_ANY_BIT}:
            assert index + 1 + max(yes, no) < len(steps)
    assert steps[-1][0] == seccomp.RETURN


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_every_known_processor_has_its_own_filter(monkeypatch, machine):
    monkeypatch.setattr("platform.machine", lambda: machine)
    audit = struct.pack("=I", seccomp.MACHINES[machine].audit)
    assert audit in seccomp.program()


def test_an_unknown_processor_has_no_filter(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "z80")
    with pytest.raises(OSError, match="z80"):
        seccomp.program()


def test_a_kernel_without_landlock_is_refused(monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(OSError, match="no Landlock"):
        landlock.restrict([], [])


def test_a_child_that_somebody_ended_is_interrupted_and_not_damaged(sandbox):
    with pytest.raises(Interrupted):
        run(sandbox, "import signal; signal.raise_signal(signal.SIGTERM)")
