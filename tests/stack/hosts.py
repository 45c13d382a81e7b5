"""Two hosts on one machine: network namespaces behind a bridge, each with an address of its own, and servers that listen on the bridge's."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded.account import Account, owned_folder, plain_environment
from config.embedded.binaries import Binaries
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.places import DATABASE_NAME, DATABASE_USER
from config.supervisor import Supervisor

NETWORK = "10.203.77"
SERVERS = f"{NETWORK}.1"
VALKEY_PORT = 6379
BRIDGE = "touchstone-br"


@dataclass(frozen=True)
class Host:
    """A namespace: what is started in it sees no network but its own end of a cable."""

    name: str
    address: str

    @property
    def entered(self) -> tuple[str, ...]:
        """In front of a command: run there."""
        return "ip", "netns", "exec", self.name


def why_not() -> str:
    """Why there can be no second host here; empty where there can."""
    if shutil.which("ip") is None:
        return "`ip` is missing (Debian: apt install iproute2)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    probe = f"touchstone-probe-{os.getpid()}"
    made = subprocess.run(
        ["ip", "netns", "add", probe], capture_output=True, text=True, check=False
    )
    if made.returncode:
        return f"the kernel forbids network namespaces: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", probe], check=True)
    bridge = ["ip", "link", "add", BRIDGE, "type", "bridge"]
    made = subprocess.run(bridge, capture_output=True, text=True, check=False)
    if made.returncode and "exists" not in made.stderr:
        return f"the kernel forbids bridges: {made.stderr.strip()}"
    subprocess.run(["ip", "link", "del", BRIDGE], check=True)
    return ""


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """Two namespaces, each wired to the bridge. Everything is taken down at the end, leftovers of a killed test at the start."""
    one, two = (Host(f"touchstone-{n}", f"{NETWORK}.1{n}") for n in (1, 2))
    _take_down(one, two)
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{SERVERS}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for number, host in enumerate((one, two), start=1):
            _wire(number, host)
        yield one, two
    finally:
        _take_down(one, two)


def _wire(number: int, host: Host) -> None:
    ours, theirs = f"touchstone-v{number}", "eth0"
    _ip("netns", "add", host.name)
    _ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", host.name)
    _ip("link", "set", ours, "master", BRIDGE, "up")
    _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", theirs)
    _ip("-n", host.name, "link", "set", theirs, "up")
    _ip("-n", host.name, "link", "set", "lo", "up")


def _take_down(*hosts: Host) -> None:
    """A namespace takes its end of the cable with it, and so the other end."""
    for host in hosts:
        subprocess.run(["ip", "netns", "del", host.name], capture_output=True, check=False)
    subprocess.run(["ip", "link", "del", BRIDGE], capture_output=True, check=False)


def _ip(*words: str) -> None:
    made = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"ip {' '.join(words)}: {made.stderr}"


def serve(
    supervisor: Supervisor, ground: Path, binaries: Binaries, account: Account | None
) -> dict[str, str]:
    """PostgreSQL and Valkey on the bridge's address. Returns the environment of a process on any host."""
    home = owned_folder(ground / "servers", account)
    sockets = owned_folder(home / "run", account)
    plain = plain_environment(ground)
    postgres = Postgres(binaries, home / "pg", sockets, plain, account, throw_away=True)
    valkey = Valkey(binaries, home, sockets / "valkey.sock", plain, account, throw_away=True)
    postgres.create(supervisor)
    _allow_network(postgres.data / "pg_hba.conf")
    listening = ("-c", f"listen_addresses={SERVERS}")
    at_bridge = ("--port", str(VALKEY_PORT), "--bind", SERVERS, "--protected-mode", "no")
    database, broker = postgres.child(), valkey.child()
    supervisor.start(
        dataclasses.replace(database, argv=(*database.argv, *listening)),
        dataclasses.replace(broker, argv=(*broker.argv, *at_bridge)),
    )
    postgres.create_database()
    server = f"postgres://{DATABASE_USER}@{SERVERS}"
    return {
        "DATABASE_URL": f"{server}/{DATABASE_NAME}",
        "CELERY_BROKER_URL": f"redis://{SERVERS}:{VALKEY_PORT}/0",
        "CACHE_URL": f"redis://{SERVERS}:{VALKEY_PORT}/1",
        "FILES_ROOT": str(ground / "files"),
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
    }


def _allow_network(rules: Path) -> None:
    """The first rule that fits counts, and the cluster was made to refuse every network."""
    lines = rules.read_text().splitlines()
    rules.write_text("\n".join([f"host all all {NETWORK}.0/24 trust", *lines]) + "\n")
