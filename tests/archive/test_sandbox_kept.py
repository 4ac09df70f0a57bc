"""A sandbox that is kept open: one process each, nothing of one run is there in the next, and it is closed when it must be."""

import os
import signal
import sys

import pytest

from archive.errors import OverBudget
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
    then = run(sandbox, look, Input(""), Output(), output=made, other=other)
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


def test_a_folder_that_cannot_be_emptied_is_not_lent_again(sandbox, keeping, tmp_path):
    run(sandbox, "pass")
    first = resident_of(keeping)
    code = "import os, sys; os.mkdir(sys.argv[1]); open(sys.argv[1] + '/x', 'w'); os.chmod(sys.argv[1], 0)"
    run(sandbox, code, Output("locked"))
    if os.getuid() == 0:
        assert run(sandbox, "print(1)").stdout == b"1\n"  # nothing is locked for root
    else:
        assert resident_of(keeping) != first


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
