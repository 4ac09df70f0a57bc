"""The launcher and its tools in this process, with the kernel's part played by a recorder: what is asked for, and in which order."""

import json
import os
import struct

import pytest

from archive.sandbox import canary, landlock, launcher, seccomp

ABI = 6


class Kernel:
    """Records every call; `refuses` names the one it answers with -1."""

    def __init__(self, refuses=None):
        self.calls = []
        self.refuses = refuses

    def _answer(self, name, result=0):
        self.calls.append(name)
        return -1 if name == self.refuses else result

    def prctl(self, option, *_):
        if option == launcher.DROP_FROM_BOUND:
            return 0
        names = {38: "no-new-privileges", 22: "seccomp", 1: "death-signal"}
        return self._answer(names[option])

    def capset(self, *_):
        return self._answer("capset")

    def syscall(self, number, *arguments):
        if number == landlock.CREATE_RULESET and arguments[0] is None:
            return ABI
        if number == landlock.CREATE_RULESET:
            self.attribute = arguments[0]
            return os.open("/dev/null", os.O_RDONLY)
        names = {landlock.ADD_RULE: "rule", landlock.RESTRICT_SELF: "landlock"}
        return self._answer(names[number])


@pytest.fixture
def kernel(monkeypatch):
    made = Kernel()
    monkeypatch.setattr(launcher, "_libc", made)
    monkeypatch.setattr(landlock, "_libc", made)
    monkeypatch.setattr(seccomp.ctypes, "CDLL", lambda *_, **__: made)
    monkeypatch.setattr(launcher.resource, "setrlimit", lambda *_: made.calls.append("limit"))
    monkeypatch.setattr(launcher.os, "execve", lambda *given: made.calls.append(given))
    return made


def plan(**changes):
    return json.dumps(
        {
            "program": ["/bin/true", "x"],
            "limits": {"CPU": 1, "CORE": 0},
            "forks": False,
            "landlock": {"reads": ["/usr", "/dev/null", "/nowhere"], "writes": ["/tmp"]},
            "parent": os.getppid(),
            "environment": {"A": "b"},
        }
        | changes
    )


def test_everything_is_tied_before_the_program_starts(kernel):
    launcher.main([plan()])
    assert kernel.calls == [
        *("limit", "limit", "no-new-privileges", "rule", "rule", "rule", "landlock"),
        *("capset", "seccomp", "death-signal"),
        ("/bin/true", ["/bin/true", "x"], {"A": "b"}),
    ]
    assert struct.unpack("=QQQ", kernel.attribute)[1:] == (3, 3)


def test_older_kernels_are_asked_for_what_they_know(kernel, monkeypatch):
    for version, length in ((1, 8), (3, 8), (4, 16), (7, 24)):
        monkeypatch.setattr(landlock, "abi", lambda version=version: version)
        landlock.restrict(["/usr"], [])
        assert len(kernel.attribute) == length


def test_bubblewrap_is_handed_the_filter_as_a_file(kernel):
    launcher.main([plan(landlock=None, program=["/usr/bin/bwrap", "--", "x"])])
    program, arguments, _ = kernel.calls[-1]
    assert (program, arguments[1], arguments[3:]) == ("/usr/bin/bwrap", "--seccomp", ["--", "x"])
    place = int(arguments[2])
    assert os.read(place, 1 << 16) == seccomp.program()
    os.close(place)


@pytest.mark.parametrize("refused", ["no-new-privileges", "landlock", "rule", "capset", "seccomp"])
def test_a_refusal_of_the_kernel_stops_the_start(kernel, capsys, refused):
    kernel.refuses = refused
    assert launcher.main([plan()]) == launcher.CANNOT_CONFINE
    assert "cannot confine" in capsys.readouterr().err
    assert not isinstance(kernel.calls[-1], tuple)


def test_a_limit_never_rises_above_the_ceiling(monkeypatch):
    asked = []
    monkeypatch.setattr(launcher.resource, "getrlimit", lambda _: (10, 10))
    monkeypatch.setattr(launcher.resource, "setrlimit", lambda _, pair: asked.append(pair))
    launcher.limit({"NOFILE": 256, "CORE": 0})
    assert asked == [(10, 10), (0, 0)]


def test_a_program_that_does_not_start_is_said(kernel, monkeypatch, capsys):
    def missing(*_):
        raise FileNotFoundError

    monkeypatch.setattr(launcher.os, "execve", missing)
    assert launcher.main([plan()]) == launcher.NO_SUCH_PROGRAM
    assert "cannot run /bin/true" in capsys.readouterr().err


def test_the_canary_tells_what_it_can_reach(tmp_path, capsys):
    given = tmp_path / "given"
    given.write_text("x")
    assert canary.main(["try", str(given), str(tmp_path / "none"), "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"reads": True, "secret": False, "connected": False}
