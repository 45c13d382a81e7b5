"""Marks laid over a set text: on exactly the characters of the source that they are of, through whatever markup shows them.

The HTML is ours (text.py, diffs/): its runs say where in the source they stand (sourced.py), its rows which lines they are.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_PIECE = re.compile(r'<(?:[^>"]|"[^"]*")*>|[^<]+')
_AT = re.compile(r' data-at="(\d+)"')
_STANDS_FOR = re.compile(r' data-n="(\d+)"')
_NAME = re.compile(r"<(/?)(\w+)")
_FILE = re.compile(r'(?=<section class="hunk-file")')
_PATH = re.compile(r' data-file="([^"]*)"')
_ROW = re.compile(
    r'<tr(?: data-old="(?P<old>\d+)")?(?: data-new="(?P<new>\d+)")?>.*?</tr>', re.DOTALL
)
_VOID = {"br", "hr", "wbr"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the source, whose layer it is drawn in, and the number of its note."""

    start: int
    end: int
    layer: int
    number: int


@dataclass(frozen=True, slots=True)
class LineMark:
    """Lines of one side of a file of a patch, with what is said about them in a word."""

    file: str
    side: str
    start: int
    end: int
    layer: int
    number: int
    words: str


def lay_over(html: str, marks: Sequence[Mark]) -> SafeString:
    """The set text with every mark drawn, and its number before the first of its characters that one sees.

    What no run shows (a mark on markup alone) has its number at the end.
    """
    return mark_safe("".join(_Layer(marks).walk(html)))  # noqa: S308  (it was HTML, and what is added is escaped)


@dataclass
class _Layer:
    marks: Sequence[Mark]
    out: list[str] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    inside: list[tuple[str, bool]] = field(default_factory=list)  # tag, and whether it is a run's
    at: int | None = None  # in the source, while inside a run
    opaque: int = 0  # elements open inside one that stands for characters, it included
    closing: str = ""  # what ends the marks around that one
    link: int | None = None  # where in `out` the open link begins: none may stand in another

    def walk(self, html: str) -> list[str]:
        for piece in _PIECE.findall(html):
            if not piece.startswith("<"):
                self._text(piece)
            elif piece.startswith("</"):
                self._close(piece)
            else:
                self._open(piece)
        left = [each for each in self.marks if each.number not in self.begun]
        return [*self.out, *(_number(each) for each in left)]

    def _open(self, tag: str) -> None:
        found = _NAME.match(tag)
        name = found[2] if found else ""
        at, stands = _AT.search(tag), _STANDS_FOR.search(tag)
        if name == "a" and self.link is None:
            self.link = len(self.out)
        if stands and self.at is not None and not self.opaque:
            count = int(stands[1])
            self._begin(self.at, self.at + count)
            over = sorted(
                {
                    each.layer
                    for each in self.marks
                    if each.start < self.at + count and self.at < each.end
                }
            )
            self.out.append(_opened(over) + tag)
            self.inside.append((name, False))
            self.closing = "</mark>" * len(over)
            self.at += count
            self.opaque = 1
            return
        self.out.append(tag)
        if name in _VOID:
            return
        if self.opaque:
            self.opaque += 1
        self.inside.append((name, bool(at)))
        if at:
            self.at = int(at[1])

    def _close(self, tag: str) -> None:
        name, run = self.inside.pop() if self.inside else ("", False)
        self.out.append(tag)
        if name == "a":
            self.link = None
        if self.opaque:
            self.opaque -= 1
            if not self.opaque:
                self.out.append(self.closing)
        if run:
            self.at = None

    def _text(self, piece: str) -> None:
        if self.at is None or self.opaque:
            self.out.append(piece)
            return
        text = entities.unescape(piece)
        start, end = self.at, self.at + len(text)
        self.at = end
        edges = {
            edge for each in self.marks for edge in (each.start, each.end) if start < edge < end
        }
        for first, last in pairwise(sorted({start, end} | edges)):
            self._begin(first, last)
            over = self._over(first, last)
            words = escape(text[first - start : last - start]).replace("\r", "&#13;")
            self.out.append(_opened(over) + words + "</mark>" * len(over))

    def _over(self, start: int, end: int) -> list[int]:
        return sorted(
            {each.layer for each in self.marks if each.start <= start and end <= each.end}
        )

    def _begin(self, start: int, end: int) -> None:
        """The numbers of the marks that are seen here first."""
        for each in self.marks:
            if each.number not in self.begun and each.start < end and start < each.end:
                self.begun.add(each.number)
                self.out.insert(len(self.out) if self.link is None else self.link, _number(each))


def _opened(layers: Sequence[int]) -> str:
    return "".join(f'<mark data-by="{layer}">' for layer in layers)


def _number(mark: Mark | LineMark) -> SafeString:
    return format_html(
        '<a class="to-note" data-by="{0}" href="#note-{1}" aria-label="Critique {1}">{1}</a>',
        mark.layer,
        mark.number,
    )


def lay_on_lines(html: str, marks: Sequence[LineMark]) -> SafeString:
    """A set patch with every critique under the last of its lines; those of lines that it does not show stand above it."""
    sections = _FILE.split(html)
    placed: dict[int, list[LineMark]] = {}
    for mark in marks:
        placed.setdefault(_section_of(sections, mark), []).append(mark)
    done = [
        _with_rows(section, placed[number]) if number in placed else section
        for number, section in enumerate(sections)
    ]
    above = "".join(
        format_html('<p class="quiet">{} {}</p>', _number(each), each.words)
        for each in placed.get(-1, ())
    )
    return mark_safe(above + "".join(done))  # noqa: S308  (as above)


def _section_of(sections: Sequence[str], mark: LineMark) -> int:
    """The file that has the line: the one of this name, else the first; −1 for none."""
    having = [
        number
        for number, section in enumerate(sections)
        if any(int(row[mark.side] or 0) == mark.end for row in _ROW.finditer(section))
    ]
    named = [number for number in having if _path(sections[number]) == mark.file]
    return (named or having or [-1])[0]


def _path(section: str) -> str:
    found = _PATH.search(section)
    return entities.unescape(found[1]) if found else ""


def _with_rows(section: str, marks: Sequence[LineMark]) -> str:
    def row(found: re.Match[str]) -> str:
        return found[0] + "".join(_rows_under(found, marks))

    return _ROW.sub(row, section)


def _rows_under(row: re.Match[str], marks: Sequence[LineMark]) -> Iterator[str]:
    for mark in marks:
        if int(row[mark.side] or 0) == mark.end:
            yield format_html(
                '<tr class="noted" data-by="{}"><td colspan="3">{} {}</td></tr>',
                mark.layer,
                _number(mark),
                mark.words,
            )
