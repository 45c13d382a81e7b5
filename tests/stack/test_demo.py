"""`manage.py demo --once` as a user would start it, twice: loaded by its own workers, then found there."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .helpers import CHECKOUT, holders, user_environment

pytestmark = pytest.mark.stack


@pytest.fixture
def state() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="touchstone-demo-"))
    yield folder / "var"
    shutil.rmtree(folder)
    key = hashlib.sha256(os.fsencode(folder / "var")).hexdigest()[:8]
    shutil.rmtree(Path("/var/lib/touchstone") / key, ignore_errors=True)


def demo(state: Path) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ended = subprocess.run(
        [sys.executable, "manage.py", "demo", "--once", "--port", str(port)],
        cwd=CHECKOUT,
        env=user_environment(state),
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert f"Sign in at http://127.0.0.1:{port}\n" in said
    assert not holders(state / "lock")
    return said


def test_the_demonstration_is_loaded_once_and_leaves_with_its_errand(state: Path) -> None:
    first, second = demo(state), demo(state)
    hashes = re.findall(r"sha256 ([0-9a-f]{64})", first)
    assert len(hashes) == 2
    assert re.findall(r"sha256 ([0-9a-f]{64})", second) == hashes
    password = re.compile(r"@demo\.example +\S{19}$", re.MULTILINE)
    assert (len(password.findall(first)), len(password.findall(second))) == (5, 0)
    assert '{"' not in first + second
