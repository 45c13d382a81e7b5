"""How a text looks, whatever it says: its length and how much Markdown it uses, for comparisons that style must not decide."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|[0-9]{1,3}[.)][ \t]|```|\|)"  # headings, list items, code, tables
    r"|\*\*[^*\n]+\*\*",  # bold
    re.MULTILINE,
)


def length(text: str) -> int:
    """Characters, without the space around them."""
    return len(text.strip())


def markdown(text: str) -> int:
    """Headings, list items, fences of code, rows of tables and bold passages."""
    return sum(1 for _ in _MARKDOWN.finditer(text))
