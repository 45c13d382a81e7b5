"""How a text looks, whatever it says: its length and how much Markdown it uses, for comparisons that style must not decide."""

from __future__ import annotations

import re

# Headings, list items, code, tables.
_ITEM = r"[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|[0-9]{1,3}[.)][ \t]|```|\|)"
# Asked for apart, each behind the sign that it cannot be without: most texts have neither, and one pattern of all would try every place.
_FIRST, _NEXT, _BOLD = re.compile(_ITEM), re.compile("\n" + _ITEM), re.compile(r"\*\*[^*\n]+\*\*")


def length(text: str) -> int:
    """Characters, without the space around them."""
    return len(text.strip())


def markdown(text: str) -> int:
    """Headings, list items, fences of code, rows of tables and bold passages."""
    count = 1 if _FIRST.match(text) else 0
    if "\n" in text:
        count += len(_NEXT.findall(text))
    if "**" in text:
        count += len(_BOLD.findall(text))
    return count
