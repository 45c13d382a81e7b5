"""Two workers on two hosts, that share nothing but the servers' addresses and a folder of files, share a run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.embedded.account import Account
from config.embedded.binaries import Binaries
from config.supervisor import Supervisor

from .helpers import CHECKOUT, user_environment, wait_until
from .hosts import Host, serve, two_hosts, why_not

pytestmark = pytest.mark.stack
CELERY = (sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO")
POOL = ("--pool", "prefork", "--concurrency", "1")


def manage(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def share(environment: dict[str, str], *words: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(
        manage(environment, "-m", "tests.stack.sharing", *words).splitlines()[-1]
    )
    return said


@contextmanager
def worker(host: Host, ground: Path, environment: dict[str, str]) -> Iterator[Path]:
    """A worker of one process on a host, with a state of its own. Yields its log."""
    log = ground / f"{host.name}.log"
    own = {**environment, "TOUCHSTONE_STATE": str(ground / host.name)}
    command = [*host.entered, *CELERY, *POOL, "-n", f"worker@{host.name}"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=own, stdout=out, stderr=out)
    try:
        wait_until(lambda: b" ready." in log.read_bytes() or process.poll() is not None, 90)
        assert process.poll() is None, log.read_text()
        yield log
    finally:
        process.terminate()
        process.wait(30)


def events(log: Path, name: str) -> int:
    return log.read_text().count(f'"event": "{name}"')


def test_two_workers_on_two_hosts_share_a_run_and_come_to_the_result_of_one(
    ground: Path, supervisor: Supervisor, binaries: Binaries, account: Account | None
) -> None:
    if reason := why_not():
        pytest.skip(f"NO SECOND HOST, so two workers sharing a run is not tested here: {reason}")
    with two_hosts() as (one, two), ExitStack() as stack:
        environment = user_environment(
            ground / "state",
            **serve(supervisor, ground, binaries, account),
            C_FORCE_ROOT="1",
            DJANGO_SETTINGS_MODULE="config.settings",
        )
        manage(environment, "manage.py", "migrate", "--no-input", "-v0")
        assert share(environment, "fill") == {"items": 240}
        with worker(one, ground, environment):
            alone = share(environment, "run", "10000")
        assert alone["kinds"] == ["decide", "read"]
        in_partitions = {**environment, "JOIN_IN_MEMORY": "0"}
        logs = [stack.enter_context(worker(host, ground, in_partitions)) for host in (one, two)]
        together = share(environment, "run", "20")
    assert together["result"] == alone["result"]
    assert len(together["kinds"]) == 10
    assert together["attempts"] == [1]
    assert {one.address, two.address} <= set(together["addresses"])
    done = [events(log, "run_chunk_read") + events(log, "run_chunk_joined") for log in logs]
    assert min(done) >= 3
    assert sum(done) == together["chunks"] - 1  # and one of them has decided
    assert sum(events(log, "run_decided") for log in logs) == 1
