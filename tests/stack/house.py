"""A small house for tests to kill: the real supervisor, lock, PostgreSQL and Valkey, and a worker with a pool of one.

`python -m tests.stack.house FOLDER`; says "ready" once everything runs. FOLDER/servers belongs to the servers' account.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from config.embedded.account import owned_folder, plain_environment, service_account
from config.embedded.binaries import binaries_for
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.places import Refusal, print_refusal
from config.stack.lock import hold
from config.supervisor import Child, Stop, Supervisor

WORKER = """
import os, time
from config.lifeline import die_with_parent
parent = os.getpid()
if os.fork() == 0:
    die_with_parent(parent=parent)
time.sleep(600)
"""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(folder: Path) -> None:
    with hold(folder / "lock", say) as lock, Supervisor(folder, say, lock) as supervisor:
        account = service_account(say)
        binaries, environment = binaries_for(account), plain_environment(folder)
        home = owned_folder(folder / "servers", account)
        sockets = owned_folder(home / "run", account)
        data = owned_folder(home / "valkey", account)
        postgres = Postgres(binaries, home / "pg", sockets, environment, account)
        valkey = Valkey(binaries, data, sockets / "valkey.sock", environment, account)
        postgres.create(supervisor)
        postgres.forget_stale_locks()
        supervisor.start(postgres.child(), valkey.child())
        argv = (sys.executable, "-c", WORKER)
        supervisor.start(Child("worker", argv, dict(os.environ), Path.cwd(), stop_turn=3))
        say("ready")
        supervisor.watch()


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]))
    except Stop:
        say("stopped")
    except Refusal as refusal:
        print_refusal(refusal)
        raise SystemExit(2) from None
