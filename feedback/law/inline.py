"""The words inside a block with their places in the source and how they stand: emphasised, strong, as code, a footnote's mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

INLINE = re.compile(
    r"(?P<quoted>^ {0,3}>[ \t]?)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<note>\[\^[^\]\s]{1,40}\])"
    r"|`(?P<code>[^`\n]{1,2000})`"
    r"|\*\*(?=\S)(?P<strong>[^*\n](?:[^*]|\*(?!\*)){0,4000}?)(?<=\S)\*\*"
    r"|\*(?=[^\s*])(?P<em>[^*]{1,4000}?)(?<=\S)\*"
    r"|(?<!\w)_(?=[^\s_])(?P<under>[^_]{1,4000}?)(?<=\S)_(?!\w)",
    re.MULTILINE,
)
TAGS = {"strong": "strong", "em": "em", "under": "em"}


class Run(NamedTuple):
    """Words from `start` to `end` of the source under these tags; `note` is the label of a footnote's mark."""

    start: int
    end: int
    tags: tuple[str, ...] = ()
    note: str = ""


def runs_of(text: str, start: int, end: int, format: str) -> Iterator[Run]:
    """The words of a block in order; marks are left out. Plain text is one run."""
    if format == "markdown":
        yield from _runs(text, start, end, ())
    elif start < end:
        yield Run(start, end)


def _runs(text: str, start: int, end: int, tags: tuple[str, ...]) -> Iterator[Run]:
    at = start
    for found in INLINE.finditer(text, start, end):
        if found.start() > at:
            yield Run(at, found.start(), tags)
        at = found.end()
        kind = found.lastgroup or ""
        if kind == "escaped":
            yield Run(found.start("escaped"), found.end(), tags)
        elif kind == "note":
            yield Run(found.start() + 2, found.end() - 1, tags, found[0][2:-1])
        elif kind == "code":
            yield Run(*found.span("code"), (*tags, "code"))
        elif kind in TAGS:
            yield from _runs(text, *found.span(kind), (*tags, TAGS[kind]))
    if at < end:
        yield Run(at, end, tags)
