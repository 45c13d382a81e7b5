"""What makes a Python function a compiled kernel. Only functions that workers call import modules of kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compiled at its first call and kept beside the file; it lets other threads run meanwhile."""
    try:
        return cast("F", njit(cache=True, nogil=True)(function))
    except (
        RuntimeError
    ):  # neither here nor in a home may anything be kept: every process compiles anew
        return cast("F", njit(nogil=True)(function))
