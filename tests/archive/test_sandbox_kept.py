"""A sandbox that is kept open: one process each, nothing of one run is there in the next, and it is closed when it must be."""

import os
import platform
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.errors import NoSafeDecoder, OverBudget
from archive.sandbox import check, kept
from archive.sandbox.budgets import MIB, Budget
from archive.sandbox.child import Sandbox
from archive.sandbox.kept import Keeping
from archive.sandbox.rungs import Input, Output, Program, Rung, python_program

SHORT = Budget(cpu_seconds=2, wall_seconds=10, memory_bytes=256 * MIB, output_bytes=MIB)
PACKAGES = ("archive",)


@pytest.fixture(params=list(Rung), ids=str)
def keeping(request, tmp_path_factory):
    report = check.self_check(request.param, tmp_path_factory.mktemp("check"))
    if not report.holds:
        pytest.skip(f"{request.param} does not work here: {report.misses}")
    with Keeping(request.param, tmp_path_factory.mktemp("scratch")) as opened:
        yield opened


@pytest.fixture
def sandbox(keeping):
    return Sandbox(rung=keeping.rung, scratch=keeping.scratch, kept=keeping)


def script(code: str, *arguments) -> Program:
    module = python_program("archive.sandbox.canary")
    return Program(
        arguments=(sys.executable, "-S", "-P", "-s", "-c", code, *arguments),
        reads=module.reads,
        is_quick=True,
    )


def run(sandbox, code, *arguments, output=None, budget=SHORT, **files):
    return sandbox.run(script(code, *arguments), inputs=files, output=output, budget=budget)


def resident_of(keeping):
    with keeping.lend(PACKAGES) as one:
        return one._process.pid


def test_runs_share_one_sandbox(sandbox, keeping):
    run(sandbox, "pass")
    first = resident_of(keeping)
    run(sandbox, "pass")
    assert resident_of(keeping) == first


def test_a_sandbox_outlives_the_thread_that_first_used_it(sandbox, keeping):
    with ThreadPoolExecutor(max_workers=1) as reader:
        reader.submit(run, sandbox, "pass").result()
        first = reader.submit(resident_of, keeping).result()
    assert resident_of(keeping) == first


def test_once_all_are_closed_a_program_runs_in_a_sandbox_of_its_own(sandbox, keeping):
    keeping.__exit__()
    assert run(sandbox, "print('ran')").stdout == b"ran\n"


def test_a_module_of_ours_is_run_without_a_new_interpreter(sandbox, tmp_path):
    given, secret = tmp_path / "given", tmp_path / "secret"
    given.write_bytes(b"given")
    secret.write_bytes(b"secret")
    program = python_program("archive.sandbox.canary", "try", Input("given"), str(secret), "9")
    completed = sandbox.run(program, inputs={"given": given}, budget=SHORT)
    assert b'"reads": true' in completed.stdout
    assert b'"secret": false' in completed.stdout


def test_what_one_run_was_given_made_or_printed_is_gone_in_the_next(sandbox, tmp_path):
    given, made = tmp_path / "given", tmp_path / "made"
    given.write_bytes(b"secret of one depositor")
    made.mkdir()
    leave = "import sys; open(sys.argv[2], 'w').write('x'); print('long', 'words' * 50); print(open(sys.argv[1]).read())"
    run(sandbox, leave, Input("given"), Output("left"), output=made, given=given)
    look = "import os, sys; print([sorted(os.listdir(path)) for path in sys.argv[1:]])"
    other = tmp_path / "other"
    other.write_bytes(b"")
    next_made = tmp_path / "next"
    next_made.mkdir()
    then = run(sandbox, look, Input(""), Output(), output=next_made, other=other)
    assert then.stdout == b"[['other'], []]\n"
    assert (made / "left").read_text() == "x"


def test_a_process_can_neither_make_others_nor_signal_the_resident(sandbox):
    code = (
        "import os\n"
        "for act in (os.fork, lambda: os.kill(os.getppid(), 9), lambda: os.posix_spawn('/bin/true', ['true'], {})):\n"
        "    try: act()\n"
        "    except OSError: print('refused')"
    )
    assert run(sandbox, code).stdout == b"refused\n" * 3


def test_a_link_that_was_made_is_never_followed(sandbox, tmp_path):
    made, secret = tmp_path / "made", tmp_path / "secret"
    made.mkdir()
    secret.write_text("secret")
    code = "import os, sys; os.symlink(sys.argv[2], sys.argv[1])"
    run(sandbox, code, Output("linked"), str(secret), output=made)
    assert (made / "linked").is_symlink()
    assert secret.read_text() == "secret"


def test_nothing_can_be_left_anywhere_for_the_next(sandbox):
    code = (
        "import os, sys, tempfile\n"
        "places = ['/', '/tmp', '/dev', '/dev/shm', '/run', '/run/job', os.getcwd(), *sys.path,"
        " *[os.path.join(top, name) for top in [os.path.dirname(sys.argv[1])] for name in os.listdir(top)]]\n"
        "for place in places:\n"
        "    try: open(os.path.join(place, 'left.py'), 'w').write('x')\n"
        "    except OSError: continue\n"
        "    print(place)\n"
    )
    printed = run(sandbox, code, Output("")).stdout.decode().splitlines()
    assert {place.rstrip("/").rpartition("/")[2] for place in printed} <= {"out"}
    look = "import os, sys; print(os.listdir(sys.argv[1]))"
    assert run(sandbox, look, Output("")).stdout == b"[]\n"


@pytest.mark.parametrize(
    "call",
    [
        "resource.prlimit(os.getppid(), resource.RLIMIT_FSIZE, (10, 10))",
        "os.sched_setaffinity(os.getppid(), {0})",
        "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
        "raw(129, os.getppid(), 10, 0)",
        "raw(29, 0, 4096, 0o1600)",
    ],
    ids=["its limits", "its processors", "its priority", "a queued signal", "shared memory"],
)
def test_a_process_changes_nothing_of_the_resident_or_of_what_comes_after(sandbox, call):
    if platform.machine() != "x86_64" and call.startswith("raw"):
        pytest.skip("the numbers of these calls are those of x86-64")
    code = (
        "import ctypes, os, resource\n"
        "def raw(*given):\n"
        "    if ctypes.CDLL(None, use_errno=True).syscall(*given) == -1: raise OSError(ctypes.get_errno(), 'refused')\n"
        f"try: {call}\n"
        "except OSError as error: print(error.errno)"
    )
    assert run(sandbox, code).stdout == b"1\n"


def test_a_process_may_look_at_its_own_limits(sandbox):
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    assert run(sandbox, code).stdout == b"256\n"


def test_a_sandbox_in_which_a_folder_was_made_is_not_lent_again(sandbox, keeping):
    run(sandbox, "pass")
    first = resident_of(keeping)
    deep = (
        "import os, sys; os.chdir(sys.argv[1])\nfor _ in range(1500): os.mkdir('d'); os.chdir('d')"
    )
    assert run(sandbox, deep, Output("")).status == 0
    assert resident_of(keeping) != first


def test_a_program_that_is_not_there_is_no_decoder(sandbox):
    nowhere = Program(arguments=("/nowhere/at/all",), is_quick=True)
    with pytest.raises(NoSafeDecoder):
        sandbox.run(nowhere, inputs={}, budget=SHORT)


def test_a_large_file_that_cannot_be_linked_is_read_in_a_sandbox_of_its_own(
    sandbox, keeping, tmp_path, monkeypatch
):
    given = tmp_path / "given"
    given.write_bytes(b"large")
    monkeypatch.setattr(kept, "COPIED_BYTES", 4)
    monkeypatch.setattr(kept.Keeping, "_taken", None)  # nothing is lent
    there = Path("/dev/shm/mediateka-test-given")
    there.write_bytes(b"large")
    try:
        code = "import sys; print(open(sys.argv[1]).read())"
        assert run(sandbox, code, Input("x"), x=there).stdout == b"large\n"
    finally:
        there.unlink()


def test_a_run_over_its_time_closes_the_sandbox_and_the_next_gets_another(sandbox, keeping):
    run(sandbox, "pass")
    first = resident_of(keeping)
    hurried = Budget(cpu_seconds=2, wall_seconds=0.3)
    with pytest.raises(OverBudget) as trouble:
        run(sandbox, "import time; time.sleep(60)", budget=hurried)
    assert trouble.value.detail == "time"
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert run(sandbox, "print(1)").stdout == b"1\n"


def test_a_resident_that_died_is_replaced_unseen(sandbox, keeping):
    run(sandbox, "pass")
    os.killpg(resident_of(keeping), signal.SIGKILL)
    assert run(sandbox, "print(1)").stdout == b"1\n"


def test_a_resident_that_dies_in_the_middle_costs_one_more_try(sandbox, keeping, monkeypatch):
    def dying(*_):
        raise kept.Gone("the resident died")

    monkeypatch.setattr(kept.Kept, "_answer", dying)
    assert run(sandbox, "print(1)").stdout == b"1\n"


@pytest.mark.parametrize("limit", ["MOST_RUNS", "LONGEST_LIFE_SECONDS"])
def test_a_worn_sandbox_is_replaced(sandbox, keeping, monkeypatch, limit):
    run(sandbox, "pass")
    first = resident_of(keeping)
    monkeypatch.setattr(kept, limit, 0)
    assert resident_of(keeping) != first


def test_closing_leaves_neither_process_nor_folder(sandbox, keeping):
    run(sandbox, "pass")
    resident = resident_of(keeping)
    keeping.__exit__()
    with pytest.raises(ProcessLookupError):
        os.kill(resident, 0)
    assert list(keeping.scratch.iterdir()) == []
