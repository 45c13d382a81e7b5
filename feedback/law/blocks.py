"""The blocks of a brief with their places in its source: headings, paragraphs, quotations, lists, tables, footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "quote", "item", "table", "code", "note", "rule"]

HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
QUOTE = re.compile(r" {0,3}>[ \t]?")
ITEM = re.compile(r"[ \t]*[-+*][ \t]+(?=\S)")
NOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*")
RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# In plain text a line of its own: a numeral before capitalised words, or capitals throughout, and no full stop.
NUMERAL = re.compile(r"[ \t]*(?:([IVXL]{1,6})|([A-Z])|\d{1,2})[.)][ \t]+[A-Z“\"']")
LONGEST_HEADING = 160


@dataclass(frozen=True, slots=True)
class Block:
    """One block; `start` is behind its marks (`## `, `- `), `label` the mark of a footnote."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    label: str = ""


def blocks_of(text: str, format: str) -> Iterator[Block]:
    """The blocks of a text in the format `plain` or `markdown`, in order."""
    return _markdown(text) if format == "markdown" else _plain(text)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every line, without its line feed."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield at, end
        at = end + 1


def _plain(text: str) -> Iterator[Block]:
    start = end = -1
    for at, stop in [*_lines(text), (len(text), len(text))]:
        if text[at:stop].strip():
            start, end = (at if start < 0 else start), stop
        elif start >= 0:
            level = _heading_level(text[start:end])
            yield Block("heading" if level else "paragraph", start, end, level)
            start = -1


def _heading_level(words: str) -> int:
    """The level of a heading in plain text; 0 for a paragraph."""
    if (
        "\n" in words
        or len(words) > LONGEST_HEADING
        or words.rstrip().endswith((".", ",", ";", "”", '"'))
    ):
        return 0
    numeral = NUMERAL.match(words)
    if numeral:
        return 2 if numeral[1] else 3 if numeral[2] else 4
    letters = [char for char in words if char.isalpha()]
    return 2 if len(letters) > 3 and all(map(str.isupper, letters)) else 0


def _markdown(text: str) -> Iterator[Block]:
    now: Block | None = None
    fence = ""
    for at, stop in _lines(text):
        line = text[at:stop]
        if fence:
            assert now is not None
            now = Block("code", now.start, stop)
            if line.strip().startswith(fence):
                fence = ""
            continue
        begun = _begun(line, at, stop)
        if begun is None or not _goes_on(now, begun):
            if now is not None:
                yield now
            now = begun
        else:
            assert now is not None
            now = Block(now.kind, now.start, stop, now.level, now.label)
        opened = FENCE.match(line)
        fence = opened[1] if opened and now is not None and now.kind == "code" else ""
    if now is not None:
        yield now


def _begun(line: str, at: int, stop: int) -> Block | None:
    """The block that this line would begin; None for an empty one."""
    if not line.strip():
        return None
    if FENCE.match(line):
        return Block("code", at, stop)
    if RULE.match(line):
        return Block("rule", at, stop)
    found = HEADING.match(line)
    if found:
        return Block("heading", at + found.end(), stop, min(6, len(found[1])))
    found = NOTE.match(line)
    if found:
        return Block("note", at + found.end(), stop, label=found[1])
    if QUOTE.match(line):
        return Block("quote", at, stop)
    found = ITEM.match(line)
    if found:
        return Block("item", at + found.end(), stop)
    return Block("table" if line.lstrip().startswith("|") else "paragraph", at, stop)


def _goes_on(now: Block | None, begun: Block) -> bool:
    """Whether a line goes on with the block before it."""
    if now is None:
        return False
    if begun.kind == "paragraph":
        return now.kind in ("paragraph", "item", "note", "quote")
    return begun.kind == now.kind and begun.kind in ("quote", "table")
