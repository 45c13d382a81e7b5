"""The embedded PostgreSQL: made once, then run as a child on a private socket."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.places import DATABASE_NAME, DATABASE_USER, Refusal
from config.supervisor import Child, Supervisor

from .account import Account
from .binaries import Binaries

MAJOR = "18"
_MIB = 1024 * 1024
_READY_LINE = 8  # of postmaster.pid; what pg_ctl waits for
# Recovery after a power cut replays up to max_wal_size; it may take minutes, and ends by itself.
_RECOVERY_WITHIN_S = 900.0


@dataclass(frozen=True)
class Postgres:
    """One cluster: its data, its socket's folder, and whom it runs as."""

    binaries: Binaries
    data: Path
    sockets: Path
    environment: Mapping[str, str]
    account: Account | None = None
    throw_away: bool = False  # for tests: nothing needs to survive

    def create(self, supervisor: Supervisor) -> None:
        """Make the cluster if there is none: whole under its name, or not at all."""
        if self.data.exists():
            self._refuse_other_version()
            return
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        command = self.initdb(fresh)
        if status := supervisor.run(command):
            reason = supervisor.last_words(command)
            raise Refusal(
                "database_not_made", f"PostgreSQL could not be set up (status {status}): {reason}"
            )
        fresh.replace(self.data)

    def child(self) -> Child:
        """The server, in the foreground: SIGINT, from us or from the kernel when we die, is its fast shutdown."""
        settings = self._settings()
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Child(
            name="postgres",
            argv=(str(self.binaries.postgres), "-D", str(self.data), *options),
            environment=self.environment,
            folder=Path("/"),
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            grace_s=20.0,
            ready=self.is_ready,
            ready_within_s=_RECOVERY_WITHIN_S,
            account=self.account,
        )

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this process number takes connections (it writes so into postmaster.pid)."""
        lines = _lines(self.data / "postmaster.pid")
        return (
            len(lines) >= _READY_LINE
            and lines[0] == str(pid)
            and lines[_READY_LINE - 1].strip() == "ready"
        )

    def forget_stale_locks(self) -> None:
        """Remove lock files that name a process which is not this server.

        PostgreSQL itself ignores the number of a dead process, but not one that another process of the same user got
        meanwhile (usual in containers, where numbers start again). Call it only while holding the state's lock: then
        no process of an earlier server is alive.
        """
        for path in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            lines = _lines(path)
            if lines and not _works_in(lines[0].strip("- "), self.data):
                path.unlink(missing_ok=True)

    def create_database(self) -> None:
        """Make our database if it is missing (a first start may have been killed between the cluster and this)."""
        with psycopg.connect(
            host=str(self.sockets), user=DATABASE_USER, dbname="postgres", autocommit=True
        ) as connection:
            there = connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [DATABASE_NAME]
            )
            if there.fetchone() is None:
                connection.execute(f'CREATE DATABASE "{DATABASE_NAME}"')

    def initdb(self, target: Path) -> Child:
        """The one-shot command that makes a cluster in the folder."""
        # The builtin provider sorts the same on every machine; the wheel has no ICU. Only the private socket is
        # served, and its 0700 folder decides who may connect, hence "trust".
        options = [
            "-U",
            DATABASE_USER,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
        ]
        options += ["--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject"]
        if self.throw_away:
            options.append("--no-sync")
        return Child(
            name="initdb",
            argv=(str(self.binaries.initdb), "-D", str(target), *options),
            environment=self.environment,
            folder=Path("/"),
            account=self.account,
        )

    def _settings(self) -> dict[str, str]:
        quoted = str(self.sockets).replace('"', '""')
        return {
            "listen_addresses": "",
            "unix_socket_directories": f'"{quoted}"',  # a list: quotes keep spaces and commas
            "unix_socket_permissions": "0700",
            "cluster_name": "touchstone",
            # An error's details and its statement repeat the texts of the row it is about; logs hold none.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            **(_throw_away_settings() if self.throw_away else _product_settings()),
        }

    def _refuse_other_version(self) -> None:
        found = "".join(_lines(self.data / "PG_VERSION")).strip()
        if found != MAJOR:
            raise Refusal(
                "other_database_version",
                f"{self.data} was made by PostgreSQL {found or '?'}, and this Touchstone brings {MAJOR}. "
                "Move the folder away, or dump and restore it with the Touchstone that made it.",
            )


def _product_settings() -> dict[str, str]:
    """What differs from PostgreSQL's defaults: memory by the machine's, and rarer checkpoints for big imports."""
    return {
        "shared_buffers": f"{_shared_buffers_mib()}MB",
        "max_wal_size": "4GB",
        "random_page_cost": "1.1",
    }


def _throw_away_settings() -> dict[str, str]:
    return {
        "shared_buffers": "128MB",
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": "60",
        # Between two tests every table is empty; a vacuum that falls there would have the next test's rows joined as if one.
        "autovacuum": "off",
    }


def _shared_buffers_mib() -> int:
    """An eighth of the memory, between 128 MiB and 1 GiB."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(1024, max(128, memory // 8 // _MIB))


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text().splitlines()
    return []


def _works_in(pid: str, folder: Path) -> bool:
    """Whether the process runs in the folder: a PostgreSQL server changes into its data."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    except OSError:
        return False
