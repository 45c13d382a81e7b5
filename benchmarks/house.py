"""A throw-away Touchstone for measuring: its own PostgreSQL (fsync on, as in production), Valkey and gunicorn."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def servers() -> Iterator[Path]:
    """PostgreSQL and Valkey on private sockets in a temporary folder; the environment names them. Migrated."""
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as name, ExitStack() as stack:
        base = Path(name)
        base.chmod(0o711)
        os.environ["TOUCHSTONE_STATE"] = str(base / "state")
        from config.embedded.account import owned_folder, plain_environment, service_account
        from config.embedded.binaries import binaries_for
        from config.embedded.postgres import Postgres
        from config.embedded.valkey import Valkey

        account = service_account(print)
        binaries, plain = binaries_for(account), plain_environment(base)
        home = owned_folder(base / "servers", account)
        sockets = owned_folder(home / "run", account)
        database = Postgres(binaries, home / "pg", sockets, plain, account)
        broker = Valkey(binaries, home, sockets / "valkey.sock", plain, account)
        _run(database.initdb(database.data), base)
        for child in (database.child(), broker.child()):
            stack.enter_context(_serving(child, base))
        database.create_database()
        os.environ.update(
            DATABASE_URL=f"postgres://postgres@/{sockets}/touchstone",
            CELERY_BROKER_URL=f"redis+socket://{sockets}/valkey.sock",
            CACHE_URL=f"unix://{sockets}/valkey.sock?db=1",
            SECRET_KEY="only-for-measuring-" + "0" * 40,
            DJANGO_SETTINGS_MODULE="config.settings",
        )
        _manage("migrate", "--no-input", "-v0")
        yield base


@contextmanager
def web(base: Path) -> Iterator[int]:
    """Gunicorn as it runs in production (two processes of four threads); yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _manage("collectstatic", "--no-input", "-v0")
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
    with (base / "web.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PORT": str(port)}, stdout=log, stderr=log
        )
        try:
            _until_ready(port, process, base)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _until_ready(port: int, process: subprocess.Popen[bytes], base: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit((base / "web.log").read_text()[-2000:])


def _manage(*arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=True)


def _run(child: object, base: Path) -> None:
    from config.supervisor import spawn

    with (base / "init.log").open("ab") as log:
        if spawn(child, log).wait():
            raise SystemExit((base / "init.log").read_text())


@contextmanager
def _serving(child: object, base: Path) -> Iterator[None]:
    from config.supervisor import spawn

    with (base / f"{child.name}.log").open("ab") as log:
        process = spawn(child, log)
    try:
        while not child.ready(process.pid):
            if process.poll() is not None:
                raise SystemExit((base / f"{child.name}.log").read_text())
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(child.stop_signal)
        process.wait(30)
