"""Reads of many rows, each with an index behind it, for pages and the API alike."""

from __future__ import annotations
