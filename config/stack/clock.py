"""When a process began, as the kernel knows it."""

from __future__ import annotations

import os
import time
from pathlib import Path


def began(pid: int) -> float | None:
    """Seconds after the machine's start; None for a process that is gone.

    Together with the process number it is never used twice, unlike the number alone.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # proc(5): the third field is the state (Z: ended, only not collected yet), the 22nd the start in clock ticks.
    return None if fields[0] == "Z" else int(fields[19]) / os.sysconf("SC_CLK_TCK")


def own_age() -> float:
    """Seconds this process has lived, its interpreter's start included."""
    mine = began(os.getpid())
    assert mine is not None
    return time.clock_gettime(time.CLOCK_BOOTTIME) - mine
