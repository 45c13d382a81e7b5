"""The lines of a unified diff by file, side and number: what an anchor of lines is made sure of against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")

Lines = dict[int, str]


def lines_at(text: str, anchor: Mapping[str, Any]) -> str | None:
    """The lines of a diff that an anchor names, joined by line feeds; None where they are not.

    The file's name is for people: tools spell the same one in several ways. Where several files have such lines, those
    that are quoted are meant, or else those of the file with this name.
    """
    numbers = range(anchor["start"], anchor["end"] + 1)
    found: dict[str, str] = {}
    for (name, _, side), lines in numbered(text).items():
        if (
            side == anchor["side"]
            and len(numbers) <= len(lines)
            and all(n in lines for n in numbers)
        ):
            found.setdefault(name, "\n".join(lines[number] for number in numbers))
    quoted = anchor.get("exact")
    if quoted is not None:
        quoted = "\n".join(line.removesuffix("\r") for line in quoted.split("\n"))
        return quoted if quoted in found.values() else None
    return found.get(anchor["file"], next(iter(found.values()), None) if len(found) == 1 else None)


def numbered(text: str) -> dict[tuple[str, int, str], Lines]:
    """The lines of each file of a diff (its name, its count from 1) and side, by number; empty for what is none."""
    files: dict[tuple[str, int, str], Lines] = defaultdict(dict)
    name, file, old, new, left_old, left_new = "", 0, 0, 0, 0, 0
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        hunk = None if left_old or left_new else HUNK.match(line)
        if hunk:
            old, new = int(hunk[1]), int(hunk[3])
            left_old, left_new = (1 if hunk[n] is None else int(hunk[n]) for n in (2, 4))
        elif left_old or left_new:
            sign, rest = line[:1] or " ", line[1:]
            if sign in " -" and left_old:
                files[name, file, "old"][old] = rest
                old, left_old = old + 1, left_old - 1
            if sign in " +" and left_new:
                files[name, file, "new"][new] = rest
                new, left_new = new + 1, left_new - 1
        elif line.startswith(("--- ", "diff --git ")):
            file += 1  # a file's two headings count it twice, which does no harm
            name = _name(line[4:]) if line.startswith("--- ") else ""
        elif line.startswith("+++ ") and _name(line[4:]) != "/dev/null":
            name = _name(line[4:])
    return files


def _name(written: str) -> str:
    """A path as its heading has it, without the time behind it and git's `a/` or `b/` before it."""
    path = written.split("\t")[0].strip()
    return path[2:] if path.startswith(("a/", "b/")) else path
