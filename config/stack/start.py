"""Starts the whole product: embedded servers where none are named, one-shot commands, worker, beat and web."""

from __future__ import annotations

import errno
import signal
import socket
from dataclasses import dataclass

from config.embedded.account import Account, owned_folder, plain_environment, service_account
from config.embedded.binaries import Binaries, binaries_for
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.places import (
    STATE,
    Refusal,
    cannot_write,
    is_external,
    print_refusal,
    private_folder,
    service_home,
    socket_folder,
    valkey_socket,
)
from config.supervisor import Stop, Supervisor

from . import assets, children, migrations
from .clock import own_age
from .journal import LOGS, say
from .lock import hold

_FULL_OR_FORBIDDEN = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}


@dataclass(frozen=True)
class Errand:
    """A management command that runs once everything is up, speaking to the terminal.

    `leave`: stop everything when it ends, with its exit status. Otherwise serve on, unless it failed.
    """

    command: tuple[str, ...]
    leave: bool = False


@dataclass
class Stack:
    """One start of the product on a port of the loopback."""

    port: int
    errand: Errand
    serving: bool = False

    def serve(self) -> int:
        """Start, run the errand, serve until asked to stop. The exit status: 0 when asked while serving,
        128 and the signal's number when asked earlier, 2 (with a sentence) when it cannot start."""
        try:
            return self._serve()
        except Refusal as refusal:
            print_refusal(refusal)
        except OSError as error:
            if error.errno not in _FULL_OR_FORBIDDEN:
                raise
            print_refusal(cannot_write(STATE, error))
        except KeyboardInterrupt:  # before the supervisor listens to signals, or after
            return 128 + signal.SIGINT
        return 2

    def _serve(self) -> int:
        owned_folder(STATE, None)
        private_folder(LOGS)
        with (
            hold(STATE / "lock", say) as lock,
            listen(self.port) as door,
            Supervisor(LOGS, say, lock) as supervisor,
        ):
            try:
                self._start(supervisor, door)
                say(f"Touchstone is at http://127.0.0.1:{self.port} ({own_age():.1f} s)")
                return self._stay(supervisor)
            except Stop as stop:
                say("Stopping.")
                return 0 if self.serving else 128 + stop.number

    def _start(self, supervisor: Supervisor, door: socket.socket) -> None:
        start_servers(supervisor)
        if migrations.are_pending():
            self._must(supervisor, "migrate", "--no-input")
        if assets.are_stale():
            self._must(supervisor, "collectstatic", "--no-input")
            assets.settle()
        # One after the other: while they load, they would only take the processors from each other.
        supervisor.start(children.web(self.port, door.fileno()))
        supervisor.start(children.worker(self.port), children.beat(self.port))

    def _stay(self, supervisor: Supervisor) -> int:
        status = supervisor.run(children.command(self.port, *self.errand.command, shows=True))
        if not status and not self.errand.leave:
            self.serving = True
            say("Press Ctrl-C to stop.")
            supervisor.watch()
        return status if status >= 0 else 128 - status

    def _must(self, supervisor: Supervisor, *arguments: str) -> None:
        child = children.command(self.port, *arguments)
        if supervisor.run(child):
            words = supervisor.last_words(child)
            raise Refusal("command_failed", f"“manage.py {arguments[0]}” failed: {words}")


def start_servers(supervisor: Supervisor) -> None:
    """The embedded PostgreSQL and Valkey, each only where the environment does not name another."""
    needs_database = not is_external("DATABASE_URL")
    needs_broker = not is_external("CELERY_BROKER_URL")
    if not (needs_database or needs_broker):
        return
    account = service_account(say)
    binaries = binaries_for(account)
    home = owned_folder(service_home(), account)
    owned_folder(socket_folder(), account)
    if account:
        say(
            f"Running as root: PostgreSQL and Valkey run as the user “touchstone”, with their data in {home}"
        )
    database = _postgres(supervisor, binaries, account) if needs_database else None
    broker = _valkey(binaries, account) if needs_broker else None
    supervisor.start(*[one.child() for one in (database, broker) if one])
    if database:
        database.create_database()


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback. We hold it for as long as we run: nobody can take the port while the web
    server is restarted, and whoever comes then waits instead of being refused."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
        door.listen(1024)
    except (OSError, OverflowError) as error:
        door.close()
        raise _no_port(port, error) from error
    return door


def _no_port(port: int, error: OSError | OverflowError) -> Refusal:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        why = f"Port {port} of 127.0.0.1 is taken by another program. Stop that program, or"
        return Refusal("port_taken", f"{why} choose another port: PORT=8001 make run")
    advice = "Choose one between 1024 and 65535: PORT=8001 make run"
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    return Refusal("port_not_usable", f"Port {port} cannot be used: {reason.lower()}. {advice}")


def _postgres(supervisor: Supervisor, binaries: Binaries, account: Account | None) -> Postgres:
    database = Postgres(
        binaries, service_home() / "pg", socket_folder(), plain_environment(STATE), account
    )
    if not database.data.exists():
        say("Setting up PostgreSQL (first start).")
    database.create(supervisor)
    database.forget_stale_locks()
    return database


def _valkey(binaries: Binaries, account: Account | None) -> Valkey:
    folder = owned_folder(service_home() / "valkey", account)
    return Valkey(binaries, folder, valkey_socket(), plain_environment(STATE), account)
