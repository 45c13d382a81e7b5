"""Real Celery workers on the test database: processes of their own, as they run in production."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config.supervisor import Child, spawn

CHECKOUT = Path(__file__).resolve().parent.parent
OPTIONS = ("--pool", "prefork", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
READY = b" ready."


@pytest.fixture(scope="module")
def worker(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with two processes that listens to this test process's queue, as long as the tests of this file run.

    Only a test with `transaction=True` commits, so only there does the worker see anything. Other files that commit
    must not find it there: it would take the rows that they mean to take themselves.
    """
    with running(tmp_path_factory.mktemp("worker") / "log") as process:
        yield process


@contextmanager
def running(log: Path, processes: int = 2) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker, wait until it listens, and stop it at the end. Killing it in between is allowed."""
    options = (*OPTIONS, "--concurrency", str(processes))
    child = Child(
        name="worker",
        argv=(sys.executable, "-m", "celery", "-A", "config", "worker", *options),
        environment=environment(),
        folder=CHECKOUT,
    )
    with log.open("wb") as out:
        process = spawn(child, out)
    try:
        _until_ready(process, log)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def environment() -> dict[str, str]:
    """The environment of this process, with the test database in place of the one it was derived from."""
    address = urlsplit(os.environ["DATABASE_URL"])
    folder = address.path.rpartition("/")[0]
    name: Any = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace(address.path, f"{folder}/{name}")
    return {**os.environ, "DATABASE_URL": url, "C_FORCE_ROOT": "1", "PYTHONUNBUFFERED": "1"}


def _until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while READY not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
