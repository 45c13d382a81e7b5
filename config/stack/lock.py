"""The lock on a state folder: held while any process of a running Touchstone lives."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.places import Refusal, cannot_write

from .clock import began

PATIENCE_S = 15.0


@contextmanager
def hold(path: Path, say: Callable[[str], None], patience: float = PATIENCE_S) -> Iterator[int]:
    """Lock the file for this process and every child that inherits the descriptor it yields.

    The kernel frees the lock when the last of them is gone, so whoever gets it knows that no server of an earlier
    start still writes to this folder. Raises Refusal at once when a supervisor runs, and after `patience` seconds
    when processes that one left behind do not end.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise cannot_write(path.parent, error) from error
    try:
        _wait(descriptor, path, say, patience)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _identity(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, say: Callable[[str], None], patience: float) -> None:
    deadline = time.monotonic() + patience
    told = False
    while not _try(descriptor):
        _refuse_if_supervised(path)
        if time.monotonic() > deadline:
            raise Refusal(
                "old_processes_remain",
                f"Processes of an earlier Touchstone still run here ({_holders(path)}). End them, then start again.",
            )
        if not told and time.monotonic() > deadline - patience + 1:
            say("Waiting for the processes of an earlier start to end.")
            told = True
        time.sleep(0.05)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_if_supervised(path: Path) -> None:
    written = path.read_text().strip()
    pid = written.partition(" ")[0]
    if pid.isdigit() and began(int(pid)) is not None and written == _identity(int(pid)):
        raise Refusal(
            "already_running",
            f"Another Touchstone already runs here (process {pid}, state in {path.parent}). Stop it first, "
            "or start this one elsewhere: TOUCHSTONE_STATE=/another/folder make run PORT=8001",
        )


def _identity(pid: int) -> str:
    return f"{pid} {began(pid)}"


def _holders(path: Path) -> str:
    found = [entry for entry in os.listdir("/proc") if entry.isdigit() and _has_open(entry, path)]
    others = sorted(int(pid) for pid in found if int(pid) != os.getpid())
    return f"process {', '.join(map(str, others))}" if others else "in another container"


def _has_open(pid: str, path: Path) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        return any(os.readlink(f"{folder}/{name}") == str(path) for name in os.listdir(folder))
    except OSError:  # ended meanwhile, or another user's
        return False
