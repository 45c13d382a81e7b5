"""Takes from this process what reading a file does not need: network, memory, time, writing, other programs."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from typing import Any

from .limits import Limits

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000  # linux/sched.h
MOST_FILES = 64
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "pty.",
    "shutil.",
)


def leave_network() -> None:
    """An empty network namespace where the kernel grants one; only possible while there is one thread."""
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    if unshare is not None and unshare(NEW_NETWORK) != 0:
        unshare(NEW_USER | NEW_NETWORK)


def limit(limits: Limits, cpu_seconds: int) -> None:
    """Bounds that the kernel keeps; crossing the one on time ends the process."""
    bound(resource.RLIMIT_DATA, limits.memory_bytes)
    bound(resource.RLIMIT_AS, limits.memory_bytes * 4)  # mapped libraries count here
    bound(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 5)  # the lower one ends us by name
    bound(resource.RLIMIT_FSIZE, 0)
    bound(resource.RLIMIT_CORE, 0)
    bound(resource.RLIMIT_NOFILE, MOST_FILES)


def bound(kind: int, soft: int, hard: int | None = None) -> None:
    """Sets a limit, or keeps a lower one that is there already."""
    _, ceiling = resource.getrlimit(kind)
    high = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        high = min(high, ceiling)
    resource.setrlimit(kind, (min(soft, high), high))


def forbid() -> None:
    """Sockets, other programs and opening files to write are refused inside this interpreter from now on."""
    sys.addaudithook(refuse)


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"{event} is not allowed while a file is read")
    if event == "open":
        flags = arguments[2]
        if isinstance(flags, int) and flags & WRITING:
            raise PermissionError("writing is not allowed while a file is read")


def quiet() -> int:
    """Turns standard output away from whatever a library prints; returns the descriptor that still leads out."""
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, nowhere)
        os.dup2(nowhere, 1)
    return out
