"""Unified diffs as tables: hunks with line numbers, syntax colours, and inside a changed line what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, Line, PatchedFile, PatchSet

from .syntax import Piece, lexer_by_file, lines
from .unseen import marked, visible

MOST_LINES = 20_000
MOST_HEADER = 2_000  # the patterns that read headers are slower than linear
SAME_ENOUGH = 0.4  # of the longer line; less, and marking the rest says nothing
HUNK = re.compile(r"^@@ -\d", re.MULTILINE)
_WORDS = re.compile(r"\w+|\s+|.")
# What may stand outside the hunks; anything else is a text that would be lost.
_AROUND = re.compile(
    r"\s*$|diff --git |index |--- |\+\+\+ |@@ -\d|(new|deleted) file mode |(old|new) mode |(dis)?similarity index "
    r"|(rename|copy) (from|to) |Binary files? |Index: |=+$|\\ No newline|-- $|\d+(\.\d+)+\s*$"
    r"|GIT binary patch$|(literal|delta) \d+$"
)
_BINARY = re.compile(r"[A-Za-z][!-~]{1,65}$")  # a line of git's base 85, which is not shown
_BEGINNING = re.compile(r"^(diff --git |--- |Index: |@@ -\d|Binary files? )", re.MULTILINE)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """How large a patch is."""

    files: int
    added: int
    removed: int


def is_diff(text: str) -> bool:
    """Whether there is a hunk in it."""
    return HUNK.search(text) is not None


def render_diff(text: str, name: str = "") -> SafeString:
    """A unified diff as HTML; what cannot be read as one is shown as text under a warning. Never raises.

    A patch that begins with a hunk, as review data sets hold them, is one of the file `name`. What stands before the
    first file (a commit message) is shown above. At most 20,000 lines; headers of at most 2,000 characters.
    """
    before, patch = _parse(text, name)
    if patch is None:
        return _as_text(text)
    intro = format_html('<pre class="raw">{}</pre>', visible(before)) if before else ""
    files = "".join(_file(each) for each in patch)
    return format_html('<div class="hunks">{}{}</div>', intro, mark_safe(files))  # noqa: S308


def count_diff(text: str) -> Counts | None:
    """Files and lines of a diff, or None for what is none."""
    _, patch = _parse(text, "")
    return Counts(len(patch), patch.added, patch.removed) if patch is not None else None


def _parse(text: str, name: str) -> tuple[str, PatchSet | None]:
    """What stands before the patch, and the patch; None when it is none."""
    text = text.replace("\r\n", "\n")
    start = _BEGINNING.search(text)
    if start is None or _too_large(text):
        return "", None
    before, body = text[: start.start()], text[start.start() :]
    if body.startswith("@@"):
        body = f"--- {name}\n+++ {name}\n{body}"
    # Lines end at LF alone: splitlines() would also cut at form feeds and separators inside a line.
    rows = re.findall(r"[^\n]*\n|[^\n]+", body)
    try:
        patch = PatchSet(rows)
    except (UnidiffParseError, ValueError, AssertionError):
        return "", None
    return before.strip("\n"), patch if len(patch) and _is_whole(patch, rows) else None


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


def _as_text(text: str) -> SafeString:
    return format_html(
        '<p class="warned"><strong>This cannot be read as a diff.</strong> It is shown as the text it is; you can still '
        'judge it.</p><pre class="raw">{}</pre>',
        visible(text),
    )


def _file(file: PatchedFile) -> str:
    lexer = lexer_by_file(file.path) if file.path else None
    path = visible(_title(file))
    head = (
        f'<header><span class="path">{path}</span><span class="plusminus"><ins>+{file.added}</ins> '
        f"<del>−{file.removed}</del></span></header>"
        if path
        else ""
    )
    note = f'<p class="second nothing">{_nothing(file)}</p>' if not len(file) else ""
    rows, shown = [], 0
    for hunk in file:
        rows.append(_gap(hunk, hunk.source_start - 1 - shown))
        rows.extend(_rows(hunk, lexer))
        shown = max(shown, hunk.source_start + hunk.source_length - 1)
    table = (
        '<table class="diff"><colgroup><col class="ln"><col class="ln"><col></colgroup>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        if rows
        else ""
    )
    return f'<section class="hunk-file">{head}{note}{table}</section>'


def _title(file: PatchedFile) -> str:
    path: str = file.path
    if file.is_rename and len(file.source_file) > 2:
        return f"{_plain(file.source_file)} → {path}"
    if file.source_file == "/dev/null":
        return f"{path} (new)"
    if file.target_file == "/dev/null":
        return f"{path} (deleted)"
    return path


def _plain(path: str) -> str:
    return path[2:] if path[:2] in ("a/", "b/") else path


def _nothing(file: PatchedFile) -> str:
    if file.is_binary_file:
        return "A binary file, which is not shown."
    return "No lines change: a new name or mode, or an empty file."


def _gap(hunk: Hunk, unchanged: int) -> str:
    section = (
        f' <span class="quiet">{visible(hunk.section_header)}</span>' if hunk.section_header else ""
    )
    if unchanged > 0:
        said = f"{unchanged} unchanged line{'s' if unchanged > 1 else ''}"
    else:
        said = f"Line {hunk.target_start}"
    return f'<tr class="fold"><td colspan="3">{said}{section}</td></tr>'


def _rows(hunk: Hunk, lexer: object) -> Iterator[str]:
    old, new = _side(hunk, "-", lexer), _side(hunk, "+", lexer)
    spans = _changed(hunk)
    for line, where in zip(hunk, spans, strict=True):
        if line.is_removed:
            yield _row(line, "del", "−", _compose(next(old), where))
        elif line.is_added:
            yield _row(line, "add", "+", _compose(next(new), where))
        elif line.is_context:
            next(old)
            yield _row(line, "", "", _compose(next(new), where))
        elif line.value.strip():
            yield f'<tr><td class="ln" colspan="2"></td><td class="c quiet">{visible(line.value.strip())}</td></tr>'


def _side(hunk: Hunk, sign: str, lexer: object) -> Iterator[list[Piece]]:
    """The lines of one side of a hunk, coloured together so that a text over several lines is known as one."""
    side = [_text(line) for line in hunk if line.is_context or line.line_type == sign]
    return iter(lines("\n".join(side), lexer))  # type: ignore[arg-type]  # a lexer or None


def _text(line: Line) -> str:
    value: str = line.value
    return value.removesuffix("\n")


def _row(line: Line, kind: str, sign: str, code: str) -> str:
    css = f" {kind}" if kind else ""
    signed = f' data-sign="{sign}"' if sign else ""
    return (
        f'<tr><td class="ln{css}">{line.source_line_no or ""}</td><td class="ln{css}">{line.target_line_no or ""}</td>'
        f'<td class="c{css}"{signed}>{code}</td></tr>'
    )


def _compose(pieces: Sequence[Piece], spans: Sequence[Span]) -> str:
    """The pieces of one line as HTML, with the spans that changed in <b>."""
    cut = [(css, text, bold) for css, text, bold in _cut(pieces, spans) if text]
    out = []
    for bold, group in groupby(cut, key=lambda piece: piece[2]):
        inner = "".join(
            f'<span class="{css}">{escape(text)}</span>' if css else escape(text)
            for css, text, _ in group
        )
        out.append(f"<b>{inner}</b>" if bold else inner)
    return marked("".join(out))


def _cut(pieces: Sequence[Piece], spans: Sequence[Span]) -> Iterator[tuple[str, str, bool]]:
    """Pieces cut at the ends of the spans, each knowing whether it lies inside one."""
    edges = [edge for span in spans for edge in span]
    at = 0
    for css, text in pieces:
        end = at + len(text)
        points = [at, *(edge for edge in edges if at < edge < end), end]
        for start, stop in pairwise(points):
            inside = any(first <= start < last for first, last in spans)
            yield css, text[start - at : stop - at], inside
        at = end


def _changed(hunk: Hunk) -> list[list[Span]]:
    """For each line of a hunk the spans that changed in it.

    A run of removed lines followed by as many added lines is taken as so many changed lines, in order.
    """
    spans: list[list[Span]] = [[] for _ in hunk]
    at = 0
    runs = [
        (kind, len(list(group))) for kind, group in groupby(hunk, key=lambda line: line.line_type)
    ]
    for number, (kind, length) in enumerate(runs):
        after = runs[number + 1] if number + 1 < len(runs) else ("", 0)
        if kind == "-" and after == ("+", length):
            for old in range(at, at + length):
                spans[old], spans[old + length] = _intraline(
                    _text(hunk[old]), _text(hunk[old + length])
                )
        at += length
    return spans


def _intraline(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """What changed between two lines: what is left in each without the words both begin and both end with.

    Nothing where the lines have little in common. Linear, so that no patch is slow.
    """
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    shorter = min(len(before), len(after))
    head = _alike(before, after, shorter)
    tail = _alike(before[::-1], after[::-1], shorter - head)
    first = sum(map(len, before[:head]))
    last = sum(map(len, before[len(before) - tail :]))
    if first + last < SAME_ENOUGH * max(len(old), len(new)):
        return [], []
    return _middle(first, len(old) - last), _middle(first, len(new) - last)


def _alike(before: Sequence[str], after: Sequence[str], most: int) -> int:
    """How many words two sequences have in common from the start."""
    same = 0
    while same < most and before[same] == after[same]:
        same += 1
    return same


def _middle(start: int, stop: int) -> list[Span]:
    return [(start, stop)] if start < stop else []
