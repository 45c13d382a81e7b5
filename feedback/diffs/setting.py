"""A patch as HTML: a table per file whose rows know their line numbers, and between the hunks what is left out.

One rendering serves the unified and the split view: lines that replace each other stand in one <tbody>, which the split
view lays out in two columns. Only style sheets and scripts know of views.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from pygments.lexer import Lexer
from unidiff.patch import Hunk, Line, PatchedFile

from feedback.pieces import in_pieces
from feedback.syntax import Piece, lexer_by_file, lines
from feedback.unseen import visible

from .intraline import Span, changed, compose
from .names import in_attribute, title_of
from .reading import COMBINED, Commit, modes, parse, text_of
from .whole import MOST_IN_BODY, Whole, whole_of

LONG = 20_000  # characters

Files = Mapping[
    str, str
]  # whole files that are known, by path: what is folded in a patch can be shown from them


@dataclass(frozen=True, slots=True)
class Changed:
    """A file of a patch: where it stands on the page, its name and how much of it changes."""

    anchor: str
    path: str
    added: int
    removed: int

    @property
    def folder(self) -> SafeString:
        return visible(self.path.rpartition("/")[0])

    @property
    def name(self) -> SafeString:
        return visible(self.path.rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch in type; no files where it could not be read as one."""

    html: SafeString
    files: tuple[Changed, ...] = ()


def render_diff(text: str, name: str = "") -> SafeString:
    """A diff as HTML, see `set_diff`."""
    return set_diff(text, name).html


def set_diff(text: str, name: str = "", *, at: str = "", files: Files | None = None) -> Patch:
    """A unified diff as HTML; what cannot be read as one is shown as text under a warning. Never raises.

    A patch that begins with a hunk, as review data sets hold them, is one of the file `name`. What stands before the
    first file (a commit message) is shown above. At most 20,000 lines; headers of at most 2,000 characters. With `at`
    its files have anchors that begin with it.
    """
    known = tuple(sorted((files or {}).items()))
    return _set_once(text, name, at, known) if len(text) > LONG else _set(text, name, at, known)


def _set(text: str, name: str, at: str, known: tuple[tuple[str, str], ...]) -> Patch:
    commits, files = parse(text, name), dict(known)
    if commits is None:
        return Patch(_as_text(text))
    html: list[str] = []
    changes: list[Changed] = []
    for commit in commits:
        html.append(_intro(commit))
        for file in commit.patch:
            anchor = f"{at}-{len(changes) + 1}" if at else ""
            html.append(_file(file, anchor, whole_of(file, files)))
            changes.append(Changed(anchor, title_of(file), file.added, file.removed))
    inner = mark_safe("".join(html))  # noqa: S308  (each is HTML)
    return Patch(format_html('<div class="hunks">{}</div>', inner), tuple(changes))


# A long patch is set once for all of its reviewers, its changes and its previews; a short one is faster than memory is large.
_set_once = lru_cache(maxsize=8)(_set)


def _intro(commit: Commit) -> str:
    if not commit.before:
        return ""
    return format_html('<pre class="raw">{}</pre>', visible(commit.before))


def _as_text(text: str) -> SafeString:
    why = "It is shown as the text it is; you can still judge it."
    if COMBINED.search(text):
        why = "It is a merge against several parents. " + why
    return format_html(
        '<p class="warned"><strong>This cannot be read as a diff.</strong> {}</p><pre class="raw">{}</pre>',
        why,
        in_pieces(text),
    )


def _file(file: PatchedFile, anchor: str, whole: Whole | None) -> str:
    lexer = lexer_by_file(file.path) if file.path else None
    path = visible(title_of(file))
    size = (
        f'<span class="plusminus"><ins>+{file.added}</ins> <del>−{file.removed}</del></span>'
        if file.added or file.removed
        else ""
    )
    head = f'<header><span class="path">{path}</span>{size}</header>' if path else ""
    said = "".join(f'<p class="second nothing">{words}</p>' for words in _remarks(file))
    bodies, old, new = [], 1, 1
    for hunk in file:
        bodies.append(_gap(hunk, old, new, whole))
        bodies.extend(_bodies(hunk, lexer))
        # A hunk of no lines stands after the line that it names.
        old = max(old, hunk.source_start + max(hunk.source_length, 1))
        new = max(new, hunk.target_start + max(hunk.target_length, 1))
    if whole and len(file):
        bodies.append(_end(old, new, whole))
    table = f'<table class="diff">{"".join(bodies)}</table>' if bodies else ""
    known = f' data-whole="{whole.side}"' if whole else ""
    id = f' id="{anchor}"' if anchor else ""
    name = in_attribute(file.path)
    return f'<section class="hunk-file"{id} data-file="{name}"{known}>{head}{said}{table}</section>'


def _remarks(file: PatchedFile) -> Iterator[str]:
    """What no line of the file says."""
    changed_modes = modes(file)
    if changed_modes:
        yield f"Mode {changed_modes[0]} → {changed_modes[1]}."
    if len(file):
        return
    if file.is_binary_file:
        yield "A binary file, which is not shown."
    elif not changed_modes:
        yield "No lines change: a new name, or an empty file."


def _gap(hunk: Hunk, old: int, new: int, whole: Whole | None) -> str:
    """What is left out before a hunk, from those lines on."""
    section = (
        f' <span class="quiet">{visible(hunk.section_header)}</span>' if hunk.section_header else ""
    )
    unchanged = hunk.source_start - old + (0 if hunk.source_length else 1)
    if unchanged <= 0:
        first = not section and hunk.target_start <= 1
        return "" if first else _fold(f"Line {hunk.target_start}{section}")
    said = f"{unchanged} unchanged line{'s' if unchanged > 1 else ''}{section}"
    return _fold(said, (old, new, unchanged) if whole else None)


def _end(old: int, new: int, whole: Whole) -> str:
    left = whole.length - ((old if whole.side == "old" else new) - 1)
    if left <= 0:
        return ""
    said = f"{left} unchanged line{'s' if left > 1 else ''} to the end of the file"
    return _fold(said, (old, new, left))


def _fold(said: str, lines: tuple[int, int, int] | None = None) -> str:
    known = ' data-old="{}" data-new="{}" data-count="{}"'.format(*lines) if lines else ""
    return f'<tbody class="fold"><tr{known}><td colspan="3">{said}</td></tr></tbody>'


def _bodies(hunk: Hunk, lexer: Lexer | None) -> Iterator[str]:
    """The lines of a hunk: runs that stay and runs that change, each in bodies of its own."""
    rows = zip(_runs(hunk), hunk, _rows(hunk, lexer), strict=True)
    for _, group in groupby(rows, key=lambda row: row[0]):
        run = list(group)
        html = [row for _, _, row in run if row]
        # A run that replaces lines stays whole, so that the split view can set its two sides beside each other.
        replaces = {"-", "+"} <= {line.line_type for _, line, _ in run}
        most = len(html) if replaces else MOST_IN_BODY
        for start in range(0, len(html), most):
            yield f"<tbody>{''.join(html[start : start + most])}</tbody>"


def _runs(hunk: Hunk) -> Iterator[int]:
    """For each line the number of its run: lines that stay, or lines removed with those added in their place."""
    number, before = 0, ""
    for line in hunk:
        kind = line.line_type
        if kind in {" ", "-", "+"}:
            number += kind != before and (before, kind) != ("-", "+")
            before = kind
        yield number


def _rows(hunk: Hunk, lexer: Lexer | None) -> Iterator[str]:
    """Each line of a hunk as a row; empty for a line that says nothing."""
    old, new = _side(hunk, "-", lexer), _side(hunk, "+", lexer)
    side = ""
    for line, spans in zip(hunk, changed(hunk), strict=True):
        if line.is_removed:
            side = "old"
            yield _row(line, "del", "−", next(old), spans)
        elif line.is_added:
            side = "new"
            yield _row(line, "add", "+", next(new), spans)
        elif line.is_context:
            side = ""
            yield _row(line, "", "", next(new), spans)
        elif line.value.strip():
            yield f'<tr><td class="c quiet {side}" colspan="3">{visible(line.value.strip())}</td></tr>'
        else:
            yield ""


def _side(hunk: Hunk, sign: str, lexer: Lexer | None) -> Iterator[list[Piece]]:
    """The lines of one side of a hunk, coloured together so that a text over several lines is known as one.

    Lines that stay are coloured as part of the new side; the old one gives only what was removed.
    """
    if sign == "-" and not hunk.removed:
        return iter(())
    side = [line for line in hunk if line.is_context or line.line_type == sign]
    coloured = lines("\n".join(map(text_of, side)), lexer)
    return iter(
        [row for line, row in zip(side, coloured, strict=True) if sign == "+" or line.is_removed]
    )


def _row(line: Line, kind: str, sign: str, pieces: Sequence[Piece], spans: Sequence[Span]) -> str:
    css = f" {kind}" if kind else ""
    signed = f' data-sign="{sign}"' if sign else ""
    old, new = line.source_line_no, line.target_line_no
    numbers = (f' data-old="{old}"' if old else "") + (f' data-new="{new}"' if new else "")
    return (
        f'<tr{numbers}><td class="ln{css}">{old or ""}</td><td class="ln{css}">{new or ""}</td>'
        f'<td class="c{css}"{signed}>{compose(pieces, spans)}</td></tr>'
    )
