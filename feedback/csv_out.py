"""CSV that people open in a spreadsheet: no cell of it can become a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: object) -> str:
    """The cell as text; one that a spreadsheet would run begins with an apostrophe."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(DANGEROUS) else text


class _Line:
    """What csv writes a row into, to be read back at once."""

    def write(self, text: str) -> str:
        return text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The head and the rows as lines of CSV, UTF-8 with a byte order mark so that spreadsheets read it as such."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow(head))
    for row in rows:
        yield str(writer.writerow([neutral(cell) for cell in row]))
