"""Reads files from outside into rows of one shape; what cannot be taken is named with number, code, sentence and text."""

from __future__ import annotations

from .confined import Preview, Reading, check_mapping, preview, read
from .limits import LIMITS, Limits
from .mapping import preset, preset_names
from .problems import ReadingFailed
from .rows import ItemRow, Problem, ResponseRow, ReviewRow, Row

__all__ = [
    "LIMITS",
    "ItemRow",
    "Limits",
    "Preview",
    "Problem",
    "Reading",
    "ReadingFailed",
    "ResponseRow",
    "ReviewRow",
    "Row",
    "check_mapping",
    "preset",
    "preset_names",
    "preview",
    "read",
]
