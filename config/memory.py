"""How a worker's memory is handed back: large blocks go to the system when they are free, and threads share two heaps."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD, MOST_ARENAS = -1, -3, -8  # names of glibc's mallopt
LARGE = 128 * 1024


def give_back() -> None:
    """Tell the allocator, where there is one that listens (glibc); elsewhere nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for name, value in ((TRIM_THRESHOLD, LARGE), (MMAP_THRESHOLD, LARGE), (MOST_ARENAS, 2)):
            mallopt(name, value)
