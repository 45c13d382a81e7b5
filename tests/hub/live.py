"""A running server with published versions, and real clients as people install them, each in a process and home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from feedback.models import Scope
from tests.hub.conftest import Hub, make_hub
from tests.hub.maker import make_dataset, pandalm_package, publish
from tests.world import make_world

BIN = Path(sys.executable).parent


# The threads of pyarrow and DuckDB may abort an interpreter that takes itself apart; by then the script has done its work.
LEAVE = "\nimport os, sys\nsys.stdout.flush()\nos._exit(0)\n"


@dataclass
class Live:
    """The hub behind an address, with Mara's key and one of hers that may not load datasets."""

    hub: Hub
    url: str
    token: str
    without_scope: str
    homes: Path

    def environment(self, home: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING"))}
        more = {
            "HF_HOME": str(self.homes / home),
            "HF_ENDPOINT": f"{self.url}/hub",
            "HF_TOKEN": self.token,
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        }
        return {**kept, **more}

    def start(self, script: str, home: str, **told: Any) -> subprocess.Popen[str]:
        """A process that runs the script, which finds `told` in its first argument."""
        return subprocess.Popen(
            [sys.executable, "-c", script + LEAVE, json.dumps(told)],
            env=self.environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, script: str, home: str, **told: Any) -> Any:
        """What the script prints as JSON."""
        with self.start(script, home, **told) as client:
            output, errors = client.communicate(timeout=300)
        assert client.returncode == 0, errors
        return json.loads(output.splitlines()[-1])

    def shell(self, lines: str, home: str) -> subprocess.CompletedProcess[str]:
        """Lines of a shell in a folder of their own, with `hf` and `python` at hand."""
        folder = self.homes / home
        folder.mkdir(exist_ok=True)
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-euc", lines],
            env={**self.environment(home), "PATH": path},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def hf(self, *arguments: str, home: str) -> subprocess.CompletedProcess[str]:
        """The command `hf` with these arguments."""
        return subprocess.run(
            [BIN / "hf", *arguments],
            env=self.environment(home),
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def serving(blocker: Any, homes: Path) -> Iterator[Live]:
    """The rows are committed, since the server's threads must see them, and removed at the end."""
    with blocker.unblock():
        server = LiveServer("127.0.0.1")
        try:
            world = make_world(timezone.now())
            hub = make_hub(world)
            theirs = make_dataset(world.elsewhere, "secrets")
            publish(theirs, pandalm_package(4), now=world.now)
            yield Live(
                hub,
                server.url,
                world.key(world.mara, Scope.DATASETS_READ),
                world.key(world.mara, Scope.ITEMS_READ),
                homes,
            )
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)
