"""A real worker for the tests of jobs."""

from __future__ import annotations

from tests.workers import worker

__all__ = ["worker"]
