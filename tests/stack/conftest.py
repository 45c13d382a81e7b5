"""Fixtures of the stack's tests."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.account import Account, service_account
from config.embedded.binaries import Binaries, binaries_for
from config.supervisor import Supervisor


@pytest.fixture(autouse=True)
def hang_up_is_heard() -> Iterator[None]:
    """Tests that were started by nohup ignore a hang-up, and so would the product that they start."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def ground() -> Iterator[Path]:
    """A short folder that root's system user may pass through (pytest's own are root's alone)."""
    folder = Path(tempfile.mkdtemp(prefix="touchstone-stack-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def said() -> list[str]:
    """What the supervisor said."""
    return []


@pytest.fixture
def new_supervisor(ground: Path, said: list[str]) -> Callable[[], Supervisor]:
    return lambda: Supervisor(ground, said.append)


@pytest.fixture
def supervisor(new_supervisor: Callable[[], Supervisor]) -> Iterator[Supervisor]:
    with new_supervisor() as one:
        yield one


@pytest.fixture
def account() -> Account | None:
    return service_account(lambda _line: None)


@pytest.fixture
def binaries(account: Account | None) -> Binaries:
    return binaries_for(account)
