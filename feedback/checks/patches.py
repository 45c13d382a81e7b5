"""A patch that is let stand does not fit the files that the item gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from feedback.forms.patches import HUNK, numbered

from .base import Case, Document, Finding

NAME = "patch_does_not_apply"
_HEADING = re.compile(r"^--- (\S+)[^\n]*\n\+\+\+ (\S+)[^\n]*$", re.MULTILINE)
_PATH = re.compile(r"(?!\w+://)(\S*[^\s/]\.\w+|\S+/\S+)")


def patch_does_not_apply(case: Case) -> Iterator[Finding]:
    """One for each file of the patch that differs both from what it was before and from what it would be after."""
    files = dict(_files(case.context))
    if case.stands is None or not files:
        return
    for part, (text, format) in enumerate(case.responses[case.stands]):
        if format == "diff" or HUNK.search(text):
            for start, line in _misfits(text.replace("\r\n", "\n"), files):
                yield Finding(NAME, case.stands, {"part": part, "start": start, "line": line})


def _files(context: Sequence[Document]) -> Iterator[tuple[str, list[str]]]:
    for document in context:
        name = document.title.strip().removeprefix("./")
        whole = document.kind == "file" or (document.kind == "source" and _PATH.fullmatch(name))
        if whole and len(document.texts) == 1:
            yield name, document.texts[0][0].replace("\r\n", "\n").removesuffix("\n").split("\n")


def _misfits(text: str, files: Mapping[str, list[str]]) -> Iterator[tuple[int, int]]:
    """Where the heading of a file stands whose lines are not there, and the first line that is not."""
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=False):
        rows = files.get(_plain(heading[1]), files.get(_plain(heading[2])))
        if rows is None:
            continue
        sides = numbered(text[heading.start() : end])
        wrong = [
            next((n for n, line in lines.items() if rows[n - 1 : n] != [line]), 0)
            for _, lines in sorted(sides.items(), reverse=True)
        ]
        if wrong and all(wrong):
            yield heading.start(), wrong[0]


def _plain(path: str) -> str:
    return path[2:] if path[:2] in ("a/", "b/") else path
