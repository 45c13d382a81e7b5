"""What pages and API read of recipes, runs and pairs; querysets where there are many rows, plain figures elsewhere."""

from __future__ import annotations
