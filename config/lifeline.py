"""Ties a process to its parent, so that killing the parent, even with -9, leaves no orphan behind."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(
    death_signal: signal.Signals = signal.SIGKILL, parent: int | None = None
) -> None:
    """Have the kernel send us the signal when our parent ends (Linux: prctl(2), PR_SET_PDEATHSIG).

    "Parent" is the thread that forked us, so fork from the main thread. The wish survives exec, but not fork: every
    process asks for itself. `parent` closes a gap: if that process is gone already, we end at once.
    """
    if _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), death_signal)


def tie(death_signal: signal.Signals) -> Callable[[], None]:
    """What a child calls between fork and exec to be tied to the process that calls `tie` now."""
    parent = os.getpid()
    return lambda: die_with_parent(death_signal, parent)
