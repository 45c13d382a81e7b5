"""The lines of a unified diff by file, side and number: what an anchor of lines is made sure of against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")

Lines = dict[int, str]


def has_lines(text: str, anchor: Mapping[str, Any]) -> bool:
    """Whether a file of this diff has the quoted lines at their numbers, on their side.

    The file's name is for people: tools spell the same one in several ways, so it only has to be that of a file here.
    """
    quoted = [line.removesuffix("\r") for line in anchor["exact"].split("\n")]
    numbers = range(anchor["start"], anchor["end"] + 1)
    if len(numbers) != len(quoted):
        return False
    return any(
        [lines.get(number) for number in numbers] == quoted
        for (_, side), lines in numbered(text).items()
        if side == anchor["side"]
    )


def numbered(text: str) -> dict[tuple[int, str], Lines]:
    """The lines of each file of a diff (counted from 1) and side, by number; empty for what is none."""
    files: dict[tuple[int, str], Lines] = defaultdict(dict)
    file, old, new, left_old, left_new = 0, 0, 0, 0, 0
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        hunk = None if left_old or left_new else HUNK.match(line)
        if hunk:
            old, new = int(hunk[1]), int(hunk[3])
            left_old, left_new = (1 if hunk[n] is None else int(hunk[n]) for n in (2, 4))
            file = max(file, 1)
        elif left_old or left_new:
            sign, rest = line[:1] or " ", line[1:]
            if sign in " -" and left_old:
                files[file, "old"][old] = rest
                old, left_old = old + 1, left_old - 1
            if sign in " +" and left_new:
                files[file, "new"][new] = rest
                new, left_new = new + 1, left_new - 1
        elif line.startswith(("--- ", "diff --git ")):
            file += 1  # a file's two headings count it twice, which does no harm
    return files
