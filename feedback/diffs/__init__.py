"""Unified diffs as tables: hunks with line numbers, syntax colours, and inside a changed line what changed."""

from __future__ import annotations

from .reading import MOST_LINES, Counts, count_diff, is_diff
from .setting import Changed, Files, Patch, render_diff, set_diff
from .whole import set_file

__all__ = [
    "MOST_LINES",
    "Changed",
    "Counts",
    "Files",
    "Patch",
    "count_diff",
    "is_diff",
    "render_diff",
    "set_diff",
    "set_file",
]
