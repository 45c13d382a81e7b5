"""Very long texts in pieces that a browser sets one by one as they come into view, so that none freezes the page."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from .unseen import marked, visible

LONG = 20_000  # characters without a blank line
PIECE = 8_000  # at least this; then to the next line or word, if one comes soon
SOON = 2_000


def in_pieces(text: str) -> SafeString:
    """A text as HTML like `visible`; a long one in blocks."""
    if len(text) <= LONG:
        return visible(text)
    inner = "".join(f'<span class="piece">{escape(each)}</span>' for each in _pieces(text))
    return marked(mark_safe(inner))  # noqa: S308  (escaped above)


def word_about(text: str) -> SafeString:
    """What is to be said above a text that `in_pieces` cuts inside a line; empty for every other."""
    longest = max(map(len, text.split("\n"))) if len(text) > LONG else 0
    if longest <= PIECE + SOON:
        return SafeString()
    said = f"A line of {longest:,} characters, shown in pieces of about {PIECE:,}. Nothing is left out."
    return format_html('<p class="warned">{}</p>', said)


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > PIECE + SOON:
        at, until = start + PIECE, start + PIECE + SOON
        found = [text.find(sign, at, until) for sign in ("\n", " ")]
        end = next((place + 1 for place in found if place >= 0), at)
        yield text[start:end]
        start = end
    yield text[start:]
