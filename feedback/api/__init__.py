"""The doors of the API under /api/v1: they find the row through access, make one call and answer in JSON."""

from __future__ import annotations
