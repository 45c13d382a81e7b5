"""Words as Markdown that says the words: only what would become markup is escaped."""

from __future__ import annotations

import re

# Not the brackets of altered words, nor the numbers of paragraphs: a reader of law would have to read past the escapes.
INLINE = re.compile(r"([\\`*]|<(?=[A-Za-z/!?])|(?<!\w)_(?=_*[^\W_])|!(?=\[)|\](?=\())")
STARTS = re.compile(r"(#{1,6}\s|>|[-+]\s|~~~|={3,}\s*$|-{3,}\s*$|_{3,}\s*$)")
MARKER = re.compile("\ue000([0-9]+)\ue001")


def marker(label: str) -> str:
    """A place for a footnote's mark in raw text, which no escaping touches."""
    return f"\ue000{label}\ue001"


def escaped(text: str) -> str:
    """One paragraph's words; marks of footnotes become `[^1]`."""
    safe = INLINE.sub(r"\\\1", text)
    if STARTS.match(safe):
        safe = "\\" + safe
    return MARKER.sub(r"[^\1]", safe)


def footnote_text(label: str, text: str) -> str:
    return f"[^{label}]: {text}"
