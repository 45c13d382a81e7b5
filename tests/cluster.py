"""pytest plugin: a throw-away PostgreSQL and Valkey for the whole run, shared by all xdist workers.

It is loaded with `-p`, before Django reads its settings, and names the servers in the environment; the controller
starts them a moment later and stops them at the end. `TOUCHSTONE_TEST_DATABASE_URL` names another PostgreSQL.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from config.supervisor import Child

_BASE = "TOUCHSTONE_TEST_BASE"
_DATABASES = 64
_running: list[subprocess.Popen[bytes]] = []


def _make_base() -> str:
    base = tempfile.mkdtemp(prefix="touchstone-test-")
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    return base


def _name_servers(base: Path) -> None:
    """Every process has its own state, queue and Valkey databases; xdist numbers its workers gw0, gw1, …"""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    number = int(worker[2:]) + 1 if worker.startswith("gw") else 0
    sockets = base / "servers" / "run"
    os.environ.update(
        TOUCHSTONE_STATE=str(base / worker),
        DATABASE_URL=os.environ.get("TOUCHSTONE_TEST_DATABASE_URL")
        or f"postgres://postgres@/{sockets}/touchstone",
        CELERY_BROKER_URL=f"redis+socket://{sockets}/valkey.sock?virtual_host={2 * number}",
        CELERY_QUEUE=f"touchstone-{worker}",
        CACHE_URL=f"unix://{sockets}/valkey.sock?db={2 * number + 1}",
        SECRET_KEY="only-for-tests-" + "0123456789" * 5,
    )


_is_owner = _BASE not in os.environ
_base = Path(os.environ.setdefault(_BASE, _make_base() if _is_owner else ""))
_name_servers(_base)


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Imports the product only now: its settings must see the environment made above."""
    if not _is_owner:
        return
    from config.embedded.account import owned_folder, plain_environment, service_account
    from config.embedded.binaries import binaries_for
    from config.embedded.postgres import Postgres
    from config.embedded.valkey import Valkey

    account = service_account(print)
    binaries, environment = binaries_for(account), plain_environment(_base)
    _base.chmod(0o711)
    home = owned_folder(_base / "servers", account)
    sockets = owned_folder(home / "run", account)
    broker = Valkey(
        binaries, home, sockets / "valkey.sock", environment, account, _DATABASES, throw_away=True
    )
    _start(broker.child())
    if not os.environ.get("TOUCHSTONE_TEST_DATABASE_URL"):
        database = Postgres(binaries, home / "pg", sockets, environment, account, throw_away=True)
        assert _spawn(database.initdb(database.data)).wait() == 0, _log("initdb").read_text()
        _start(database.child())


def pytest_unconfigure() -> None:
    while _running:
        server = _running.pop()
        server.send_signal(
            signal.SIGQUIT if server.args[0].endswith("postgres") else signal.SIGKILL
        )
        server.wait()


def _start(child: Child) -> None:
    server = _spawn(child)
    _running.append(server)
    deadline = time.monotonic() + 20
    assert child.ready is not None
    while not child.ready(server.pid):
        assert server.poll() is None, _log(child.name).read_text()
        assert time.monotonic() < deadline, _log(child.name).read_text()
        time.sleep(0.01)


def _spawn(child: Child) -> subprocess.Popen[bytes]:
    from config.supervisor import spawn

    with _log(child.name).open("ab") as log:
        return spawn(child, log)


def _log(name: str) -> Path:
    return _base / f"{name}.log"
