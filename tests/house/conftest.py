"""A real worker whose log can be read."""

from __future__ import annotations

from tests.workers import worker

__all__ = ["worker"]
