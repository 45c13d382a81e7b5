"""From lines on pages to Markdown: paragraphs over page breaks, headings, quotations set in, and footnotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from .lines import Joiner, Line, Page, without_running
from .markdown import escaped, footnote_text

ENDS = re.compile(r"[.!?:;”’\"')\]]\W*$")
TO_NOTE = re.compile(r"\s*(?:\[\^)?(\d{1,3})(?:\](?::)?|[.)]?)\s+(?=\S)")
ROMAN = re.compile(r"[IVXL]{1,6}[.)]\s")
CAPITAL = re.compile(r"[A-Z][.)]\s")
LONGEST_HEADING = 160
SHORT = 0.8  # of the usual length: a line that ends before ended its paragraph
LARGER, SMALLER = 1.12, 0.93
SET_IN = 1.5
MOST_NOTES = 0.6  # of a page
BULLET = re.compile(r"\s*[•◦▪‣·–]\s+(?=\S)")


@dataclass(slots=True)
class Paragraph:
    lines: list[Line] = field(default_factory=list)

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)

    @property
    def size(self) -> float:
        return max(line.size for line in self.lines)


@dataclass(frozen=True, slots=True)
class Measures:
    """What is usual in a document: the size of its type, the left edge, a line's length and the gap between lines."""

    size: float
    left: float
    length: float
    gap: float
    typed: bool  # typed text has one size, so that only capitals and place make a heading


def to_markdown(pages: list[Page], *, typed: bool = False) -> str:
    """The document of these pages as Markdown; empty where they hold no words."""
    pages = [page for page in without_running(pages) if page]
    if not pages:
        return ""
    measures = _measures(pages, typed=typed)
    bodies, notes = _footnotes(pages, measures)
    join = Joiner(pages).join
    blocks = [_block(paragraph, measures, join) for paragraph in _paragraphs(bodies, measures)]
    blocks += [footnote_text(label, escaped(join(texts))) for label, texts in notes]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _measures(pages: list[Page], *, typed: bool) -> Measures:
    lines = [line for page in pages for line in page]
    size = median(line.size for line in lines for _ in range(max(1, len(line.text) // 10)))
    body = [line for line in lines if abs(line.size - size) < 0.1 * size] or lines
    lengths = sorted(len(line.text) for line in body)
    gaps = [
        below.y - above.y for page in pages for above, below in pairwise(page) if below.y > above.y
    ]
    return Measures(
        size=size,
        left=sorted(line.x for line in body)[len(body) // 4],
        length=lengths[int(len(lengths) * 0.8)],
        gap=median(gaps) if gaps else size,
        typed=typed,
    )


def _footnotes(
    pages: list[Page], measures: Measures
) -> tuple[list[Page], list[tuple[str, list[str]]]]:
    """The pages without the small type at their feet, and that as notes: label and lines."""
    bodies: list[Page] = []
    notes: list[tuple[str, list[str]]] = []
    for page in pages:
        start = len(page)
        while start and page[start - 1].size < SMALLER * measures.size:
            start -= 1
        while start < len(page) and not TO_NOTE.match(page[start].text):
            start += 1  # small type that no number opens is no note
        if len(page) - start > MOST_NOTES * len(page):
            start = len(page)  # a page in small type, as of an appendix
        bodies.append(page[:start])
        for line in page[start:]:
            label = TO_NOTE.match(line.text)
            if label:
                notes.append((label[1], [line.text[label.end() :]]))
            else:
                notes[-1][1].append(line.text)
    return bodies, notes


def _paragraphs(pages: list[Page], measures: Measures) -> Iterator[Paragraph]:
    now = Paragraph()
    for page in pages:
        above: Line | None = None
        for line in page:
            if now.lines and _begins(line, above, now, measures):
                yield now
                now = Paragraph()
            now.lines.append(line)
            above = line
    if now.lines:
        yield now


def _begins(line: Line, above: Line | None, now: Paragraph, measures: Measures) -> bool:
    """Whether a line begins a paragraph; `above` is None at the top of a page."""
    last = now.lines[-1]
    if abs(line.size - last.size) > 0.1 * measures.size or line.bold != last.bold:
        return True
    if BULLET.match(line.text):
        return True
    if above is not None and line.y - above.y > 1.4 * measures.gap:
        return True
    if line.text.lstrip()[:1].islower() and not ENDS.search(last.text):
        return False
    ended = bool(ENDS.search(last.text)) or len(last.text) < SHORT * measures.length
    step = measures.size * 0.8
    if above is None:
        return ended and (len(last.text) < SHORT * measures.length or line.x > measures.left + step)
    moved = line.x > last.x + step or (len(now.lines) > 1 and line.x < last.x - step)
    return moved and ended


def _block(paragraph: Paragraph, measures: Measures, join: Callable[[list[str]], str]) -> str:
    text = join([line.text for line in paragraph.lines])
    bullet = BULLET.match(text)
    if bullet:
        return f"- {escaped(text[bullet.end() :])}"
    level = _level(paragraph, text, measures)
    if level:
        return f"{'#' * level} {escaped(text)}"
    inner = paragraph.lines[1:]
    set_in = measures.left + SET_IN * measures.size * (2 if measures.typed else 1)
    if len(inner) > 1 and all(line.x >= set_in for line in inner):
        return f"> {escaped(text)}"
    return escaped(text)


def _level(paragraph: Paragraph, text: str, measures: Measures) -> int:
    """The level of a heading; 0 for a paragraph."""
    letters = [char for char in text if char.isalpha()]
    if not letters or len(text) > LONGEST_HEADING or len(paragraph.lines) > 3:
        return 0
    capitals = all(char.isupper() for char in letters) and len(letters) > 2
    larger = paragraph.size > LARGER * measures.size
    centred = paragraph.lines[0].x > measures.left + 6 * measures.size and not ENDS.search(text)
    if not (capitals or larger or paragraph.bold or (centred and ROMAN.match(text + " "))):
        return 0
    if ROMAN.match(text):
        return 2
    return 3 if CAPITAL.match(text) else 4 if text[:1].isdigit() else 2
