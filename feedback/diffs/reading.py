"""Reads what calls itself a patch: unified diffs and git's format-patch whole, anything else not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from unidiff.errors import UnidiffParseError
from unidiff.patch import Line, PatchedFile, PatchSet

MOST_LINES = 20_000
MOST_HEADER = 2_000  # the patterns that read headers are slower than linear
HUNK = re.compile(r"^@@ -\d", re.MULTILINE)
# A merge against several parents: three columns and more, which unified diffs do not have.
COMBINED = re.compile(r"^(diff --(cc|combined) |@@@+ -\d)", re.MULTILINE)
# What may stand outside the hunks; anything else is a text that would be lost.
_AROUND = re.compile(
    r"\s*$|diff --git |index |--- |\+\+\+ |@@ -\d|(new|deleted) file mode |(old|new) mode |(dis)?similarity index "
    r"|(rename|copy) (from|to) |Binary files? |Index: |=+$|\\ No newline|-- $|\d+(\.\d+)+\s*$"
    r"|GIT binary patch$|(literal|delta) \d+$"
)
_BINARY = re.compile(r"[A-Za-z][!-~]{1,65}$")  # a line of git's base 85, which is not shown
_BEGINNING = re.compile(r"^(diff --git |--- |Index: |@@ -\d|Binary files? )", re.MULTILINE)
_MAIL = re.compile(r"^(?=From [0-9a-f]{7,64} Mon Sep 17 00:00:00 2001\s*$)", re.MULTILINE)
_FIRST_HUNK = re.compile(r"^(--- |Index: |@@ -\d)", re.MULTILINE)
_MODES = re.compile(r"^(old|new|new file|deleted file) mode (\d{6})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Counts:
    """How large a patch is."""

    files: int
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Commit:
    """What stands before a patch (who wrote it, and why), and the patch."""

    before: str
    patch: PatchSet


def is_diff(text: str) -> bool:
    """Whether there is a hunk in it."""
    return HUNK.search(text) is not None


def count_diff(text: str) -> Counts | None:
    """Files and lines of a diff, or None for what is none."""
    commits = parse(text, "")
    if commits is None:
        return None
    patches = [each.patch for each in commits]
    return Counts(
        sum(map(len, patches)),
        sum(patch.added for patch in patches),
        sum(patch.removed for patch in patches),
    )


def parse(text: str, name: str) -> list[Commit] | None:
    """The patch, commit by commit as git's format-patch writes them one after the other; None when it is none.

    A patch that begins with a hunk is one of the file `name`.
    """
    if COMBINED.search(text) or _too_large(text):
        return None
    commits = [_commit(each, name) for each in _MAIL.split(_unwrapped(text)) if each.strip()]
    whole = [each for each in commits if each is not None]
    return whole if whole and len(whole) == len(commits) else None


def _commit(text: str, name: str) -> Commit | None:
    start = _BEGINNING.search(text)
    if start is None:
        return None
    before, body = text[: start.start()], text[start.start() :]
    if body.startswith("@@"):
        body = f"--- {name}\n+++ {name}\n{body}"
    # Lines end at LF alone: splitlines() would also cut at form feeds and separators inside a line.
    rows = re.findall(r"[^\n]*\n|[^\n]+", body)
    try:
        patch = PatchSet(rows)
    except (UnidiffParseError, ValueError, AssertionError):
        return None
    return Commit(before.strip("\n"), patch) if len(patch) and _is_whole(patch, rows) else None


def text_of(line: Line) -> str:
    """What a line says, without its sign and its end."""
    value: str = line.value
    return value.removesuffix("\n")


def modes(file: PatchedFile) -> tuple[str, str] | None:
    """The modes before and after, where the patch changes them."""
    head = _FIRST_HUNK.split("".join(file.patch_info or ()), maxsplit=1)[0]
    found = dict(_MODES.findall(head))
    return (found["old"], found["new"]) if found.keys() >= {"old", "new"} else None


def _unwrapped(text: str) -> str:
    r"""The text with its lines ending at LF. A carriage return stays where a line of code has one and others have not."""
    if text.count("\r\n") == text.count("\n"):
        return text.replace("\r\n", "\n")
    return re.sub(r"^((?:---|\+\+\+|[^-+ \n])[^\n]*)\r$", r"\1", text, flags=re.MULTILINE)


def _is_whole(patch: PatchSet, rows: Sequence[str]) -> bool:
    """Whether every line was read as part of a hunk or is one that may stand around them."""
    read = {line.diff_line_no for file in patch for hunk in file for line in hunk}
    binary = "GIT binary patch\n" in rows
    return all(
        number in read or _AROUND.match(row) or (binary and _BINARY.match(row))
        for number, row in enumerate(rows, start=1)
    )


def _too_large(text: str) -> bool:
    rows = text.split("\n")
    return len(rows) > MOST_LINES or any(
        len(row) > MOST_HEADER and row[0] not in "+- \\" for row in rows
    )
