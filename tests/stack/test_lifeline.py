"""The tie between a process and its parent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .helpers import CHECKOUT, is_alive, wait_until

TIED = """
import os, sys, time
from config.lifeline import die_with_parent
parent = os.getpid()
child = os.fork()
if child == 0:
    {tie}
    time.sleep(600)
print(child, flush=True)
time.sleep(600)
"""


def start(tie: str) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, "-c", TIED.format(tie=tie)]
    parent = subprocess.Popen(command, cwd=CHECKOUT, text=True, stdout=subprocess.PIPE)
    return parent, int(parent.stdout.readline())


@pytest.mark.parametrize("tie", ["die_with_parent()", "die_with_parent(parent=parent)"])
def test_a_tied_child_dies_with_its_killed_parent(tie: str) -> None:
    parent, child = start(f"{tie}; open('/proc/self/comm', 'w').write('tied')")
    wait_until(lambda: Path(f"/proc/{child}/comm").read_text() == "tied\n")
    parent.kill()
    parent.communicate()
    wait_until(lambda: not is_alive(child))


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    parent, child = start("die_with_parent(parent=parent + 1)")
    wait_until(lambda: not is_alive(child))
    parent.kill()
    parent.communicate()
