"""The lock of a state folder: one Touchstone at a time, and none before the last process of the one before is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.places import Refusal
from config.stack.lock import hold

from .helpers import CHECKOUT

HOLD = """
import sys, subprocess
from pathlib import Path
from config.stack.lock import hold
with hold(Path(sys.argv[1]), print) as lock:
    child = subprocess.Popen(["sleep", sys.argv[2]], pass_fds=(lock,), stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def other(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """Another start that holds the lock, with a child that inherited it and lives for three seconds."""
    command = [sys.executable, "-c", HOLD, str(lock), "3"]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.child = int(process.stdout.readline())
    yield process
    process.kill()
    process.communicate()


def test_a_free_lock_is_held_until_it_is_left(lock: Path) -> None:
    with hold(lock, print):
        with pytest.raises(Refusal) as caught, hold(lock, print):
            pass
        assert caught.value.code == "already_running"
        assert f"process {os.getpid()}," in caught.value.sentence
    with hold(lock, print):
        pass


def test_a_running_touchstone_is_named_at_once(lock: Path, other: subprocess.Popen[str]) -> None:
    begun = time.monotonic()
    with pytest.raises(
        Refusal, match=rf"already runs here \(process {other.pid}, state in {lock.parent}"
    ):
        hold(lock, print).__enter__()
    assert time.monotonic() - begun < 1


def test_a_start_waits_for_what_a_killed_one_left_behind(
    lock: Path, other: subprocess.Popen[str]
) -> None:
    said: list[str] = []
    other.kill()
    other.wait()
    begun = time.monotonic()
    with hold(lock, said.append):
        assert 0.5 < time.monotonic() - begun < 10
    assert said == ["Waiting for the processes of an earlier start to end."]


def test_what_does_not_end_is_named(lock: Path, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    with pytest.raises(Refusal) as caught, hold(lock, print, patience=0.3):
        pass
    assert caught.value.code == "old_processes_remain"
    assert f"(process {other.child})" in caught.value.sentence


def test_a_process_number_used_again_is_not_taken_for_the_supervisor(
    lock: Path, other: subprocess.Popen[str]
) -> None:
    other.kill()
    other.wait()
    lock.write_text(f"{os.getpid()} 1.0")  # our number, but another start time
    with pytest.raises(Refusal) as caught, hold(lock, print, patience=0.3):
        pass
    assert caught.value.code == "old_processes_remain"


def test_of_two_starts_in_the_same_moment_one_wins(lock: Path) -> None:
    results: list[str] = []
    gate = threading.Barrier(2)
    done = threading.Event()

    def start() -> None:
        gate.wait()
        try:
            with hold(lock, print):
                results.append("held")
                done.wait(10)
        except Refusal as refusal:
            results.append(refusal.code)
            done.set()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["already_running", "held"]
