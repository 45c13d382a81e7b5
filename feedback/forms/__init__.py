"""Review forms as versioned data: what is asked, what an answer may be, and what votes follow from it."""

from __future__ import annotations
