"""What a worker's memory does while it reads a chunk, and afterwards, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

READS = """
import gc
from pathlib import Path
from curation.memory import at_hand, give_back

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

if {told}:
    give_back()
before = held()
with at_hand():
    collects = gc.isenabled()
    blocks = [bytes([1]) * 60_000 for _ in range(400)]
    blocks.append(blocks)
    most = held()
    del blocks
    gc.collect()
    kept = held()
print(collects, gc.isenabled(), most - before, kept - before, held() - before)
"""


def reads(*, told: bool) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", READS.format(told=told)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc gives memory back")
def test_a_worker_keeps_freed_memory_while_it_reads_and_gives_it_back_afterwards():
    collects, again, most, kept, left = reads(told=True)
    assert (collects, again) == ("False", "True")
    assert int(most) > 20
    assert int(kept) > 10
    assert int(left) < 5


def test_a_process_that_is_no_worker_is_left_alone():
    assert reads(told=False)[:2] == ["True", "True"]


LETS_GO = """
from pathlib import Path
import numpy as np
import pyarrow as pa
from curation.memory import give_back, let_go

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

def texts():
    return pa.array(np.arange(10_000)).cast(pa.large_string())

give_back()
texts()
let_go()
before = held()
columns = [texts() for _ in range(600)]
del columns
kept = held()
let_go()
print(kept - before, held() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc gives memory back")
def test_between_the_parts_of_a_long_task_memory_that_nobody_uses_goes_back():
    done = subprocess.run(
        [sys.executable, "-c", LETS_GO],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    kept, left = map(int, done.stdout.split())
    assert kept > 40
    assert left < 10
