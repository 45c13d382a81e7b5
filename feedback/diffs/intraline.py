"""What changed inside a changed line, and the pieces of a line as HTML with that part marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

from unidiff.patch import Hunk

from feedback.syntax import Piece
from feedback.unseen import marked

from .reading import text_of

# A browser reads a carriage return as the end of a line.
RETURN = '<span class="unseen" title="Invisible: carriage return, U+000D">\N{SYMBOL FOR CARRIAGE RETURN}</span>'
SAME_ENOUGH = 0.4  # of the longer line; less, and marking the rest says nothing
_WORDS = re.compile(r"\w+|\s+|.")

Span = tuple[int, int]


def changed(hunk: Hunk) -> list[list[Span]]:
    """For each line of a hunk the spans that changed in it.

    A run of removed lines followed by as many added lines is taken as so many changed lines, in order.
    """
    spans: list[list[Span]] = [[] for _ in hunk]
    at = 0
    runs = [
        (kind, len(list(group))) for kind, group in groupby(hunk, key=lambda line: line.line_type)
    ]
    for number, (kind, length) in enumerate(runs):
        after = runs[number + 1] if number + 1 < len(runs) else ("", 0)
        if kind == "-" and after == ("+", length):
            for old in range(at, at + length):
                spans[old], spans[old + length] = _between(
                    text_of(hunk[old]), text_of(hunk[old + length])
                )
        at += length
    return spans


def compose(pieces: Sequence[Piece], spans: Sequence[Span]) -> str:
    """The pieces of one line as HTML, with the spans that changed in <b>."""
    if not spans:
        return marked("".join(_coloured(css, text) for css, text in pieces if text))
    cut = [(css, text, bold) for css, text, bold in _cut(pieces, spans) if text]
    out = []
    for bold, group in groupby(cut, key=lambda piece: piece[2]):
        inner = "".join(_coloured(css, text) for css, text, _ in group)
        out.append(f"<b>{inner}</b>" if bold else inner)
    return marked("".join(out))


# A patch has tens of thousands of pieces, for which Django's own way of escaping is too slow.
def _coloured(css: str, text: str) -> str:
    if "\r" in text:
        parts = text.split("\r")
        return RETURN.join(_coloured(css, part) if part else "" for part in parts)
    return f'<span class="{css}">{escape(text)}</span>' if css else escape(text)


def _cut(pieces: Sequence[Piece], spans: Sequence[Span]) -> Iterator[tuple[str, str, bool]]:
    """Pieces cut at the ends of the spans, each knowing whether it lies inside one."""
    edges = [edge for span in spans for edge in span]
    at = 0
    for css, text in pieces:
        end = at + len(text)
        points = [at, *(edge for edge in edges if at < edge < end), end]
        for start, stop in pairwise(points):
            inside = any(first <= start < last for first, last in spans)
            yield css, text[start - at : stop - at], inside
        at = end


def _between(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """What changed between two lines: what is left in each without the words both begin and both end with.

    Nothing where the lines have little in common. Linear, so that no patch is slow.
    """
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    shorter = min(len(before), len(after))
    head = _alike(before, after, shorter)
    tail = _alike(before[::-1], after[::-1], shorter - head)
    first = sum(map(len, before[:head]))
    last = sum(map(len, before[len(before) - tail :]))
    if first + last < SAME_ENOUGH * max(len(old), len(new)):
        return [], []
    return _middle(first, len(old) - last), _middle(first, len(new) - last)


def _alike(before: Sequence[str], after: Sequence[str], most: int) -> int:
    """How many words two sequences have in common from the start."""
    same = 0
    while same < most and before[same] == after[same]:
        same += 1
    return same


def _middle(start: int, stop: int) -> list[Span]:
    return [(start, stop)] if start < stop else []
