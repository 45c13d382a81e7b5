"""Reads JSON Lines, one row a line; a row's number is its line's, and blank lines are no rows."""

from __future__ import annotations

from collections.abc import Iterator

from .limits import MAX_ROW_BYTES
from .records import BOM, Record, json_record, large_record
from .sources import Source


def records(source: Source, skip: int = 0) -> Iterator[Record]:
    for number, line in lines(source):
        if number <= skip or not line.strip():
            continue
        if len(line) > MAX_ROW_BYTES:
            yield large_record(number, line, MAX_ROW_BYTES)
        else:
            yield json_record(number, line.strip())


def lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; of one that is too large only the start."""
    content = source.open()
    number = 0
    while line := content.readline(MAX_ROW_BYTES + 2):
        number += 1
        rest = line
        while len(rest) > MAX_ROW_BYTES and not rest.endswith(b"\n"):
            rest = content.readline(MAX_ROW_BYTES + 2)
        yield number, line.removeprefix(BOM) if number == 1 else line
