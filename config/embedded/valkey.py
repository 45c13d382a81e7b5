"""The embedded Valkey, broker and cache: run as a child on a private socket, with an append-only file."""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.supervisor import Child

from .account import Account
from .binaries import Binaries


@dataclass(frozen=True)
class Valkey:
    """One server: its data, its socket, and whom it runs as. Two servers on the same data would spoil it."""

    binaries: Binaries
    data: Path
    address: Path  # of its socket
    environment: Mapping[str, str]
    account: Account | None = None
    databases: int = 16
    throw_away: bool = False  # for tests: nothing is written to disk

    def child(self) -> Child:
        return Child(
            name="valkey",
            argv=(str(self.binaries.valkey), *self._options()),
            environment=self.environment,
            folder=Path("/"),
            death_signal=signal.SIGTERM,
            grace_s=10.0,
            ready=lambda _pid: self.answers(),
            account=self.account,
        )

    def answers(self) -> bool:
        """Whether it answers a ping (while it still loads its file it says LOADING)."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            client.connect(str(self.address))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        return False

    def _options(self) -> list[str]:
        """No port at all; each write reaches the file within a second."""
        options = {
            "--port": "0",
            "--unixsocket": str(self.address),
            "--unixsocketperm": "700",
            "--dir": str(self.data),
            "--appendonly": "no" if self.throw_away else "yes",
            "--save": "",
            "--databases": str(self.databases),
            "--daemonize": "no",
        }
        return [word for pair in options.items() for word in pair]
