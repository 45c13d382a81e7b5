"""Reads a JSON array of rows of any length, entry by entry; a single object is one row.

The array is cut at its commas without being parsed, so that a broken entry is one bad row and its text stays exact.
(Streaming parsers give up at the first fault, and the common one puts "?" in place of half a surrogate pair.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .limits import MAX_ROW_BYTES
from .problems import ReadingFailed
from .records import BOM, Record, json_record, large_record
from .sources import Source

# Written so that no place can be reached in two ways. Possessive groups would say it shorter, but Pythons before 3.11.5,
# Debian's among them, lose their place in one that holds alternatives (CPython issue 106052).
INSIDE = rb'[^"\\]*(?:\\.[^"\\]*)*'
STRING = rb'"' + INSIDE + rb'"'
IN_STRING = re.compile(INSIDE, re.DOTALL)
IN_ENTRY = re.compile(rb'[^"\[\]{}]*(?:' + STRING + rb'[^"\[\]{}]*)*', re.DOTALL)
BETWEEN_ENTRIES = re.compile(rb'[^"\[\]{},]*(?:' + STRING + rb'[^"\[\]{},]*)*', re.DOTALL)
OPENING, CLOSING = b"[{", b"]}"


def records(source: Source, skip: int = 0) -> Iterator[Record]:
    start = source.head.removeprefix(BOM).lstrip()[:1]
    if start == b"[":
        yield from entries(source, skip)
    elif start == b"{":
        if not skip:
            yield whole(source)
    else:
        says = "The file holds neither a JSON array of rows nor one row as a JSON object."
        raise ReadingFailed("not_readable", says)


def whole(source: Source) -> Record:
    content = source.open().read(MAX_ROW_BYTES + 1)
    if len(content) > MAX_ROW_BYTES:
        return large_record(1, content, MAX_ROW_BYTES)
    return json_record(1, content.removeprefix(BOM).strip())


def entries(source: Source, skip: int) -> Iterator[Record]:
    splitter = Splitter()
    number = 0
    for chunk in source.chunks():
        for entry in splitter.feed(chunk):
            number += 1
            if number > skip:
                yield entry_record(number, entry)
    if not splitter.closed:
        says = f"The JSON array is not closed: the file ends within or behind entry {number + 1}."
        raise ReadingFailed("not_readable", says)


def entry_record(number: int, entry: bytes) -> Record:
    if len(entry) > MAX_ROW_BYTES:
        return large_record(number, entry, MAX_ROW_BYTES)
    return json_record(number, entry.strip())


class Splitter:
    """Cuts the text of one JSON array, fed in chunks, into the texts of its entries.

    Of an entry beyond MAX_ROW_BYTES only so much is kept that its size shows.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.in_string = self.escaped = self.closed = False
        self.parts: list[bytes] = []
        self.size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The entries that end in this chunk."""
        start, at = 0, self.after_escape()
        while at < len(chunk) and not self.closed:
            at = self.run(chunk, at)
            if at == len(chunk):
                break
            mark = chunk[at : at + 1]
            if self.depth == 1 and mark in b",]" and not self.in_string:
                self.keep(chunk[start:at])
                if entry := self.entry(last=mark == b"]"):
                    yield entry
                start = at + 1
            elif self.depth == 0:
                start = at + 1
            at = self.step(mark, at)
        if self.closed:
            self.refuse_more(chunk[at:])
        elif self.depth:
            self.keep(chunk[start:])

    def after_escape(self) -> int:
        """Where to go on: behind the character that a backslash at the end of the last chunk escaped."""
        skipped = int(self.escaped)
        self.escaped = False
        return skipped

    def run(self, chunk: bytes, at: int) -> int:
        """The next place where something changes: a quote, a bracket, a comma between entries, or the end."""
        outside = BETWEEN_ENTRIES if self.depth == 1 else IN_ENTRY
        found = (IN_STRING if self.in_string else outside).match(chunk, at)
        return found.end() if found else at

    def step(self, mark: bytes, at: int) -> int:
        if mark == b"\\":  # the last byte of the chunk
            self.escaped = True
        elif mark == b'"':
            self.in_string = not self.in_string
        elif mark in OPENING:
            self.depth += 1
        elif mark in CLOSING:
            if mark == b"}" and self.depth == 1:
                raise ReadingFailed("not_readable", "The JSON array is closed by a brace.")
            self.depth -= 1
            self.closed = self.depth == 0
        return at + 1

    def keep(self, part: bytes) -> None:
        if self.size <= MAX_ROW_BYTES:
            self.parts.append(part)
            self.size += len(part)

    def entry(self, *, last: bool) -> bytes:
        """The text gathered since the last comma; none behind the last entry of an empty array."""
        text = b"".join(self.parts)
        self.parts, self.size = [], 0
        if last and not text.strip():
            return b""
        return text or b" "

    def refuse_more(self, rest: bytes) -> None:
        if rest.strip():
            raise ReadingFailed("not_readable", "More text follows the end of the JSON array.")
