"""kill -9 of everything, with real servers: no orphan stays, nothing written is lost, the next start works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from .helpers import CHECKOUT, holders, kill, wait_until

pytestmark = pytest.mark.stack

Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def start(ground: Path) -> Iterator[Start]:
    """Starts the house in the folder and returns once it is ready (or has ended)."""
    houses: list[subprocess.Popen[str]] = []

    def start_one() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.stack.house", str(ground)]
        house = subprocess.Popen(
            command, cwd=CHECKOUT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        houses.append(house)
        while (line := house.stdout.readline()) and line != "ready\n":
            pass
        return house

    yield start_one
    for house in houses:
        house.kill()
        house.communicate()
    wait_until(lambda: not holders(ground / "lock"))


def database(ground: Path) -> psycopg.Connection[tuple[int]]:
    sockets = ground / "servers" / "run"
    return psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", autocommit=True)


def broker(ground: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(ground / "servers" / "run" / "valkey.sock"))


def server(ground: Path, program: str) -> int:
    """The process number of the server itself, not of one of its children."""
    return min(pid for pid, line in holders(ground / "lock").items() if f"{program} " in line)


def test_no_process_outlives_a_killed_supervisor(start: Start, ground: Path) -> None:
    house = start()
    assert (
        len(holders(ground / "lock")) >= 6
    )  # supervisor, postgres and its own, valkey, worker, its pool
    house.kill()
    wait_until(lambda: not holders(ground / "lock"), within_s=15)


def test_the_next_start_works_at_once_and_finds_what_was_written(
    start: Start, ground: Path
) -> None:
    house = start()
    with database(ground) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    broker(ground).set("kept", "42")
    time.sleep(1.1)  # Valkey writes within a second
    house.kill()
    begun = time.monotonic()
    start()
    assert time.monotonic() - begun < 15
    with database(ground) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert broker(ground).get("kept") == b"42"


@pytest.mark.parametrize("program", ["bin/postgres", "valkey-server"])
def test_a_killed_server_is_started_again_with_its_data(
    start: Start, ground: Path, program: str
) -> None:
    start()
    with database(ground) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    broker(ground).set("kept", "42")
    time.sleep(1.1)
    killed = server(ground, program)
    kill(killed)
    wait_until(lambda: any(program in line for line in holders(ground / "lock").values()))
    wait_until(lambda: _answers(ground))
    assert server(ground, program) != killed


def _answers(ground: Path) -> bool:
    try:
        with database(ground) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        return broker(ground).get("kept") == b"42"
    except (psycopg.OperationalError, redis.ConnectionError):
        return False


def test_a_second_start_in_the_same_folder_is_refused(start: Start, ground: Path) -> None:
    first = start()
    begun = time.monotonic()
    second = start()
    assert second.wait() == 2
    assert time.monotonic() - begun < 10
    error = second.stderr.read()
    assert error.startswith("touchstone: Another Touchstone already runs here")
    assert f"process {first.pid}," in error
    assert error.endswith("[already_running]\n")


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_stop_ends_everything_within_seconds(
    start: Start, ground: Path, asked: signal.Signals
) -> None:
    house = start()
    begun = time.monotonic()
    house.send_signal(asked)
    assert house.wait(20) == 0
    assert time.monotonic() - begun < 10
    assert not holders(ground / "lock")
    assert "stopped" in house.stdout.read()
    assert not (
        ground / "servers" / "pg" / "postmaster.pid"
    ).exists()  # it shut down, it was not killed


def test_a_start_killed_while_it_made_the_cluster_leaves_nothing_half_made(
    start: Start, ground: Path
) -> None:
    command = [sys.executable, "-m", "tests.stack.house", str(ground)]
    house = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    wait_until((ground / "servers" / "pg.new" / "PG_VERSION").exists)
    house.kill()
    house.wait()
    assert not (ground / "servers" / "pg").exists()
    start()
    with database(ground) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (ground / "servers" / "pg.new").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another user")
def test_roots_servers_run_as_the_system_user_in_a_folder_of_their_own(
    start: Start, ground: Path
) -> None:
    start()
    for program in ("bin/postgres", "valkey-server"):
        owner = Path(f"/proc/{server(ground, program)}").stat().st_uid
        assert owner not in {0, 65534}
        assert owner == (ground / "servers").stat().st_uid
    assert (ground / "servers").stat().st_mode & 0o777 == 0o700
