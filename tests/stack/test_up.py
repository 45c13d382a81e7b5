"""`manage.py up` as a user would start it: the whole product, in a state folder of its own, on a free port."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from .helpers import CHECKOUT, holders, kill, user_environment, wait_until

pytestmark = pytest.mark.stack

SERVERS = {"postgres": "bin/postgres -D", "valkey": "valkey-server unixsocket"}
CHILDREN = {**SERVERS, "web": "-m gunicorn", "worker": "config worker", "beat": "config beat"}


@dataclass
class House:
    """One state folder and port, started and ended any number of times."""

    state: Path
    port: int
    servers: dict[str, str] = field(default_factory=dict)  # external ones
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self) -> list[str]:
        """Start it; the lines it says until it serves (or ends)."""
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        environment = user_environment(self.state, **self.servers)
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.started.append(process)
        lines = []
        while (line := process.stdout.readline()) and "Press Ctrl-C" not in line:
            lines.append(line.strip())
        return lines

    @property
    def process(self) -> subprocess.Popen[str]:
        return self.started[-1]

    def processes(self) -> dict[int, str]:
        return holders(self.state / "lock")

    def child(self, name: str) -> int | None:
        """The process number of the child itself: the lowest that carries its command line."""
        return min(
            (pid for pid, line in self.processes().items() if CHILDREN[name] in line), default=None
        )

    def status(self) -> int | None:
        try:
            address = f"http://127.0.0.1:{self.port}/health/ready"
            with urllib.request.urlopen(address, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return None

    def stop(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(with_signal)
        self.process.communicate(timeout=30)
        return self.process.returncode

    def clear(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()
        wait_until(lambda: not self.processes())


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """Shared by the tests of this module: making the database is what takes long."""
    folder = Path(tempfile.mkdtemp(prefix="touchstone-up-"))
    yield folder / "var"
    shutil.rmtree(folder)
    key = hashlib.sha256(os.fsencode(folder / "var")).hexdigest()[:8]
    shutil.rmtree(Path("/var/lib/touchstone") / key, ignore_errors=True)


@pytest.fixture
def house(state: Path) -> Iterator[House]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    house = House(state, port)
    yield house
    house.clear()


def test_the_first_start_serves_and_offers_the_first_owner_a_link(house: House) -> None:
    lines = house.start()
    said = "\n".join(lines)
    assert f"Touchstone is at http://127.0.0.1:{house.port} (" in said
    assert re.search(rf"http://127\.0\.0\.1:{house.port}/\S+", lines[-1] + lines[-2]), said
    assert house.status() == 200
    assert all(house.child(name) for name in CHILDREN)
    assert house.stop() == 0
    assert not house.processes()


def test_a_later_start_serves_within_five_seconds(house: House) -> None:
    seconds = []
    for _ in range(2):
        said = "\n".join(house.start())
        seconds.append(float(re.search(r"Touchstone is at .* \(([\d.]+) s\)", said)[1]))
        assert house.status() == 200
        house.stop()
    assert min(seconds) <= 5.0


def test_a_killed_child_comes_back(house: House) -> None:
    house.start()
    for name in CHILDREN:
        killed = house.child(name)
        kill(killed)
        wait_until(lambda name=name, killed=killed: house.child(name) not in {None, killed})
        wait_until(lambda: house.status() == 200)
    log = (house.state / "log" / "supervisor.log").read_text()
    for name in CHILDREN:
        assert f"{name} ended with signal SIGKILL; starting it again in 0.3 s." in log


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_works_at_once(
    house: House,
) -> None:
    house.start()
    assert len(house.processes()) > 10
    kill(house.process.pid)
    house.process.wait()
    house.start()
    assert house.status() == 200
    kill(house.process.pid)
    house.process.wait()
    wait_until(lambda: not house.processes(), within_s=15)


def test_a_second_start_in_the_same_place_is_refused(house: House) -> None:
    house.start()
    second = House(house.state, house.port)
    (line,) = second.start()
    second.process.communicate()
    assert second.process.returncode == 2
    assert line.startswith("touchstone: Another Touchstone already runs here")
    assert house.status() == 200


def test_a_taken_port_is_one_sentence(house: House) -> None:
    with socket.create_server(("127.0.0.1", house.port)):
        (line,) = house.start()
    assert house.process.wait() == 2
    assert line.startswith(
        f"touchstone: Port {house.port} of 127.0.0.1 is taken by another program."
    )
    assert line.endswith("[port_taken]")
    assert not house.processes()


def test_a_folder_that_cannot_be_written_is_one_sentence(house: House) -> None:
    house.state = Path("/proc/no/such/folder")
    (line,) = house.start()
    assert house.process.wait() == 2
    assert line.startswith("touchstone: Cannot write to /proc/no/such/folder:")


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_ends_everything_within_seconds(
    house: House, asked: signal.Signals
) -> None:
    house.start()
    begun = time.monotonic()
    assert house.stop(asked) == 0
    assert time.monotonic() - begun < 15
    assert not house.processes()


@pytest.fixture
def external(house: House) -> Iterator[House]:
    """The house on the servers of the test cluster, in a database of its own."""
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    broker = os.environ["CELERY_BROKER_URL"].partition("?")[0]
    with psycopg.connect(f"{_for_libpq(address)}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE up_external")
        house.servers = {
            "DATABASE_URL": f"{address}/up_external",
            "CELERY_BROKER_URL": f"{broker}?virtual_host=63",
        }
        yield house
        house.clear()
        connection.execute("DROP DATABASE up_external WITH (FORCE)")


def _for_libpq(address: str) -> str:
    """django-environ takes a folder for the host as it is; libpq wants it quoted."""
    scheme, _, folder = address.partition("@/")
    return f"{scheme}@{folder.replace('/', '%2F')}" if folder.startswith("/") else address


def test_servers_named_in_the_environment_are_used_and_none_is_started(external: House) -> None:
    external.start()
    assert external.status() == 200
    assert not any(external.child(name) for name in SERVERS)
    assert all(external.child(name) for name in ("web", "worker", "beat"))
    assert external.stop() == 0
