"""How a worker's memory is handed back: large blocks go to the system when they are free, and threads share two heaps."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Event
from typing import Any

TRIM_THRESHOLD, MMAP_THRESHOLD, MOST_ARENAS = -1, -3, -8  # names of glibc's mallopt
LARGE = 128 * 1024
HUGE = 32 * 1024 * 1024  # the most that glibc keeps


_told = Event()


def give_back() -> None:
    """Tell the allocator, where there is one that listens (glibc); elsewhere nothing happens."""
    _told.set()
    _set(LARGE)
    _option(MOST_ARENAS, 2)


@contextmanager
def at_hand() -> Iterator[None]:
    """In a worker: what is let go of is kept for the next one meanwhile, and given back afterwards, circles of objects too.

    For a short task that makes many objects and asks again and again for a little memory, which the system would clear anew
    each time.
    """
    if not _told.is_set():
        yield
        return
    gc.disable()
    _set(HUGE)
    try:
        yield
    finally:
        _set(LARGE)
        gc.enable()
        _trim()


def let_go() -> None:
    """Return what nobody uses to the system, between the parts of a long task. Arrow keeps what it has had once."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    _trim()


def _trim() -> None:
    trim = getattr(_library(), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _set(size: int) -> None:
    """From which size on free memory goes back."""
    for name in (TRIM_THRESHOLD, MMAP_THRESHOLD):
        _option(name, size)


def _option(name: int, value: int) -> None:
    mallopt = getattr(_library(), "mallopt", None)
    if mallopt is not None:
        mallopt(name, value)


@cache
def _library() -> Any:
    return ctypes.CDLL(None)
