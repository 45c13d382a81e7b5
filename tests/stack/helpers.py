"""What the tests of the stack share: children made of small scripts, and a look at who is alive."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config.supervisor import Child, Supervisor

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# What tests/cluster.py names for the product's own tests; a start as a user would do it must not see it.
_OF_THE_CLUSTER = {
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "CELERY_QUEUE",
    "CACHE_URL",
    "SECRET_KEY",
    "DJANGO_SETTINGS_MODULE",
    "TOUCHSTONE_TEST_BASE",
}


def user_environment(state: Path, **more: str) -> dict[str, str]:
    """The environment of somebody who has just opened a terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_CLUSTER}
    return {**kept, "TOUCHSTONE_STATE": str(state), **more}


def script(name: str, text: str, **more: object) -> Child:
    """A child that runs a piece of Python."""
    argv = (sys.executable, "-c", text)
    return Child(name=name, argv=argv, environment=dict(os.environ), folder=Path("/"), **more)


def sleeper(name: str, **more: object) -> Child:
    return script(name, "import time; time.sleep(600)", **more)


def tend(supervisor: Supervisor, until: Callable[[], bool], within_s: float = 20.0) -> None:
    """Let the supervisor work until the condition holds."""
    deadline = time.monotonic() + within_s
    while not until():
        assert time.monotonic() < deadline, "it did not happen in time"
        supervisor.tend(0.02)


def wait_until(condition: Callable[[], object], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def pids_of(supervisor: Supervisor) -> dict[str, int]:
    return {
        one.child.name: one.process.pid
        for one in supervisor._running
        if one.process is not None and one.process.poll() is None
    }


def holders(lock: Path) -> dict[int, str]:
    """Every process that has the lock file open (so: every process of that start), with its command line."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            opened = {
                os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")
            }
            if str(lock) in opened:
                found[int(pid)] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:  # ended meanwhile, or another user's
            continue
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
