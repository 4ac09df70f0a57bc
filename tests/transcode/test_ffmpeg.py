"""Running ffmpeg: progress as it is told, standing still, failures by their reason, watching that ends a child."""

import os
import shutil
import signal
import time

import pytest
from running_house import command_of, descendants_of

from archive.errors import Interrupted, LostLease, NoRoom, OverBudget, UnreadableMedia
from archive.sandbox.budgets import PROBING, Budget
from archive.sandbox.rungs import Program
from transcode import ffmpeg

WORK = ffmpeg.Work(
    arguments=(), seconds=10.0, frames=300, budget=Budget(cpu_seconds=10, wall_seconds=10)
)


@pytest.fixture
def told(tmp_path):
    return tmp_path / "stdout"


def watcher(heard, work=WORK):
    return ffmpeg.Watcher(work=work, report=lambda share, left: heard.append((share, left)))


def test_progress_follows_the_frames_and_never_falls(told):
    heard = []
    watch = watcher(heard)
    for text in ("frame=30\nout_time_us=N/A\n", "frame=150\n", "frame=149\n", "frame=900\n"):
        told.write_text(text)
        watch(told)
    assert [share for share, _ in heard] == [0.1, 0.5, 0.5, 1.0]
    assert heard[0][1] >= 0


def test_without_frames_progress_follows_the_time(told):
    heard = []
    told.write_text("out_time_us=2500000\nprogress=continue\n")
    watcher(heard, ffmpeg.Work(arguments=(), seconds=10.0, frames=0, budget=WORK.budget))(told)
    assert heard[0][0] == pytest.approx(0.25)


def test_nothing_moving_for_a_minute_is_standing_still(told):
    watch = watcher([])
    told.write_text("frame=30\n")
    watch(told)
    watch.moved = time.monotonic() - ffmpeg.STALLED_SECONDS - 1
    with pytest.raises(ffmpeg.Stalled):
        watch(told)


@pytest.mark.parametrize(
    ("tail", "error"),
    [
        ("av_interleaved_write_frame(): No space left on device", NoRoom),
        ("Cannot allocate memory", OverBudget),
        ("Invalid data found", UnreadableMedia),
    ],
)
def test_a_failure_has_its_reason(tail, error):
    assert isinstance(ffmpeg._failure(tail), error)


def test_who_tells_ffmpeg_to_stop_does_not_make_the_film_damaged(sandbox, media, tmp_path):
    def stop(_share, _left):
        for pid in descendants_of(os.getpid()):
            if command_of(pid).startswith(shutil.which("ffmpeg")):
                os.kill(pid, signal.SIGTERM)

    endless = ("-f", "mov", "-stream_loop", "-1", "-i", ffmpeg.SOURCE, "-t", "3600")
    work = ffmpeg.Work(
        arguments=(*endless, "-c:v", "libx264", f"{ffmpeg.FOLDER}x.mp4"),
        seconds=3600.0,
        frames=100_000,
        budget=Budget(cpu_seconds=120, wall_seconds=60),
    )
    film = media / "videos" / "frog-h264-aac.mp4"
    with pytest.raises(Interrupted):
        ffmpeg.run(work, film, tmp_path, sandbox=sandbox, report=stop)


def test_what_a_watch_raises_ends_the_child(sandbox):
    def cancelled(_told):
        raise LostLease

    sleeper = Program(arguments=(shutil.which("sleep"), "60"))
    began = time.monotonic()
    with pytest.raises(LostLease):
        sandbox.run(sleeper, inputs={}, budget=PROBING, watch=cancelled)
    assert time.monotonic() - began < PROBING.wall_seconds / 2


def test_a_budget_grows_with_length_size_and_tone_mapping():
    plain = ffmpeg.budget_of(60, 1920 * 1080 * 30, heavy=False)
    assert plain.cpu_seconds == 60 + 12 * 60
    assert ffmpeg.budget_of(60, 3840 * 2160 * 30, heavy=False).cpu_seconds == 60 + 12 * 60 * 4
    assert ffmpeg.budget_of(60, 1920 * 1080 * 30, heavy=True).cpu_seconds == 60 + 12 * 60 * 3
