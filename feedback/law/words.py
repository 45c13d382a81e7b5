"""The words of a text without its markup and its line breaks, and the way back to every one of them in the source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# What stands between the words: an empty line, a word broken at a line's end, white space.
BETWEEN = r"(?P<gap>[ \t]*\n(?:[ \t>]*\n)+[ \t]*)|(?P<hyphen>(?<=[^\W\d_])-[ \t]*\n[ \t>]*(?=[^\W\d_A-Z]))|(?P<space>\s+(?:>[ \t]*)?)"
PLAIN = re.compile(BETWEEN)
MARKDOWN = re.compile(
    r"(?P<mark>\[\^[^\]\s]+\]:?|^[ \t]{0,3}(?:>[ \t]?)+|^[ \t]{0,3}#{1,6}[ \t]+|(?<![\\\w*])[*_]{1,3}(?=[^\s*_])|(?<=[^\s\\*_])[*_]{1,3}(?![\w*])"
    r"|\\(?=[!-/:-@\[-`{-~]))|" + BETWEEN,
    re.MULTILINE,
)
INSTEAD = {"mark": "", "hyphen": "", "gap": "\n", "space": " "}


@dataclass(frozen=True, slots=True)
class Words:
    """`text` holds the words; paragraphs end with a line feed. `starts` and `sources` say where each piece comes from."""

    text: str
    starts: list[int]
    sources: list[int]

    def source(self, at: int) -> int:
        """The place in the source of the character at a place in the words."""
        piece = bisect_right(self.starts, at) - 1
        return self.sources[piece] + at - self.starts[piece]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the source of a span (not empty) of the words."""
        return self.source(start), self.source(end - 1) + 1


def words_of(text: str, format: str) -> Words:
    """The words of a text in one of the formats `plain` and `markdown`."""
    starts, sources, pieces, length = [0], [0], [""], 0
    for source, piece in _pieces(text, MARKDOWN if format == "markdown" else PLAIN):
        starts.append(length)
        sources.append(source)
        pieces.append(piece)
        length += len(piece)
    return Words("".join(pieces), starts, sources)


def _pieces(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    at = 0
    for found in pattern.finditer(text):
        if found.start() > at:
            yield at, text[at : found.start()]
        instead = INSTEAD[found.lastgroup or "space"]
        if instead:
            yield found.start(), instead
        at = found.end()
    if at < len(text):
        yield at, text[at:]
