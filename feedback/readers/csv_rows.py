"""Reads CSV with a header; every cell is text. Rows are numbered from 1 behind the header.

Without a mapping the header names native fields, nested ones with dots (`responses.0.text`), and an empty cell is
nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from .limits import MAX_ROW_BYTES
from .paths import is_place
from .problems import Fault, ReadingFailed, shown
from .records import Record, large_record
from .sources import Source
from .texts import MAX_FIELD_BYTES
from .values import Unfit, as_number

DELIMITERS = ",;\t|"
MOST_COLUMNS = 2000
NUMBERS = {"priority", "generation_depth", "active_seconds"}


def records(source: Source, skip: int = 0) -> Iterator[Record]:
    """One record a row: a dictionary from column name to cell."""
    csv.field_size_limit(MAX_FIELD_BYTES)
    seen = Seen(io.TextIOWrapper(source.open(), "utf-8-sig", "surrogateescape", newline=""))
    rows = csv.reader(seen, delimiter=delimiter_of(source.head), strict=True)
    names = header(rows, seen)
    number = 0
    while True:
        seen.clear()
        try:
            cells = next(rows, None)
            fault = length_fault(cells or [], names)
        except csv.Error as error:
            cells, fault = [], broken(error)
        if cells is None:
            return
        if cells or fault:
            number += 1
            if number > skip:
                yield record(number, seen, dict(zip(names, cells, strict=False)), fault)


def length_fault(cells: list[str], names: list[str]) -> Fault | None:
    if not cells or len(cells) == len(names):
        return None
    return Fault((), "bad_csv", f"has {len(cells)} cells, and the header {len(names)}")


def broken(error: csv.Error) -> Fault:
    if "field limit" in str(error):
        return Fault((), "field_too_large", f"has a cell of more than {MAX_FIELD_BYTES:,} bytes")
    return Fault((), "bad_csv", f"is broken as CSV: {error}")


class Seen:
    """The lines of a text, remembered until the next row."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self.lines = lines
        self.kept: list[str] = []
        self.size = 0

    def __iter__(self) -> Seen:
        return self

    def __next__(self) -> str:
        line = self.lines.readline()
        if not line:
            raise StopIteration
        self.kept.append(line[: max(0, MAX_ROW_BYTES - self.size)])
        self.size += len(line)
        return line

    def clear(self) -> None:
        self.kept, self.size = [], 0

    def content(self) -> bytes:
        return "".join(self.kept).rstrip("\r\n").encode("utf-8", "surrogateescape")


def record(number: int, seen: Seen, cells: dict[str, str], fault: Fault | None) -> Record:
    content = seen.content()
    if seen.size > MAX_ROW_BYTES:
        return large_record(number, content, MAX_ROW_BYTES)
    if fault is None and not is_text(content):
        fault = Fault((), "not_utf8", "is not UTF-8 text")
    if fault is not None:
        return Record(number, content, None, (fault,))
    return Record(number, content, cells)


def is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def header(rows: Any, seen: Seen) -> list[str]:
    """The column names. Raises ReadingFailed where a column could not be told from another."""
    try:
        names: list[str] = next(rows, [])
    except csv.Error as error:
        raise ReadingFailed("bad_header", f"The header is broken as CSV: {error}.") from None
    if not is_text(seen.content()):
        raise ReadingFailed("not_utf8", "The header is not UTF-8 text.")
    names = [name.strip() for name in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not any(names) or twice or len(names) > MOST_COLUMNS:
        wrong = f"names {shown(twice[0])} twice" if twice else "is missing or too long"
        raise ReadingFailed("bad_header", f"The CSV's header {wrong}.")
    return names


def delimiter_of(head: bytes) -> str:
    """The sign that cuts the header into most columns."""
    lines = head.decode("utf-8-sig", "replace").splitlines()
    first = next((line for line in lines if line.strip()), "")
    found = {sign: len(next(csv.reader([first], delimiter=sign), [])) for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: found[sign])


def nested(cells: dict[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """The row that a header of native names gives: `responses.0.text` becomes the text of the first response."""
    row: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, cell in cells.items():
        steps = name.split(".")
        if cell == "":
            continue
        try:
            put(row, steps, as_number(cell) if steps[-1] in NUMBERS else cell)
        except Unfit as unfit:
            faults.append(Fault((name,), unfit.code, unfit.says))
    return {name: as_list(value) for name, value in row.items()}, faults


def put(row: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        inner = row.setdefault(step, {})
        if not isinstance(inner, dict):
            raise Unfit("bad_csv", "stands beside a column for all of it")
        row = inner
    row[steps[-1]] = value


def as_list(value: Any) -> Any:
    """An object whose names are all numbers is a list in their order, without gaps for empty cells."""
    if not isinstance(value, dict):
        return value
    inner = {name: as_list(each) for name, each in value.items()}
    if all(is_place(name) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
