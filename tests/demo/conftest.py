"""A real worker for the demonstration's tests."""

from __future__ import annotations

from tests.workers import worker

__all__ = ["worker"]
