"""Lines of pages as a PDF or a typed text has them, without what belongs to the paper: running heads, numbers, hyphens."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

EDGE = 3  # lines at the top and the bottom of a page that may be a running head or foot
FEWEST_PAGES = 3  # a head that is on so many pages is running
NUMBER = re.compile(
    r"[\s\-–—·|]*(?:page\s+)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:/|of)\s*\d{1,4})?[\s\-–—·|]*",
    re.IGNORECASE,
)
DIGITS = re.compile(r"\d+")
BROKEN = re.compile(r"(\w*[^\W\d_])[-\u2010\u00ad]$")
WORD = re.compile(r"\w+(?:-\w+)+|\w+")


@dataclass(slots=True)
class Line:
    """One line of a page: where it begins from the left, its height from the top, its size; all in one unit of the page."""

    text: str
    x: float
    y: float
    size: float = 1.0
    bold: bool = False


Page = list[Line]


def without_running(pages: list[Page]) -> list[Page]:
    """The pages without running heads and feet and without page numbers."""
    if len(pages) < 2:
        return pages
    seen = Counter(shape for page in pages for shape in {_shape(line) for line in _edges(page)})
    return [
        [
            line
            for line in page
            if not (
                _is_edge(line, page) and (_is_number(line) or seen[_shape(line)] >= FEWEST_PAGES)
            )
        ]
        for page in pages
    ]


def _edges(page: Page) -> Page:
    return page[:EDGE] + page[max(EDGE, len(page) - EDGE) :]


def _is_edge(line: Line, page: Page) -> bool:
    return any(line is edge for edge in _edges(page))


def _is_number(line: Line) -> bool:
    return NUMBER.fullmatch(line.text) is not None


def _shape(line: Line) -> str:
    """What stays of a running head from page to page."""
    return " ".join(DIGITS.sub("#", line.text).split()).casefold()


class Joiner:
    """Puts the lines of a paragraph together; knows the document's words, and so which hyphens are its own."""

    def __init__(self, pages: list[Page]) -> None:
        words = Counter(
            word.casefold() for page in pages for line in page for word in WORD.findall(line.text)
        )
        self.words = words

    def join(self, texts: list[str]) -> str:
        whole = ""
        for text in texts:
            whole = self._and(whole, text.strip()) if whole else text.strip()
        return " ".join(whole.split())

    def _and(self, before: str, after: str) -> str:
        broken, first = BROKEN.search(before), WORD.match(after)
        if not broken or not first or not first[0][:1].islower():
            # A dash at the end of a line takes no space after it.
            return before + after if before.endswith(("—", "–")) else f"{before} {after}"
        left, right = broken[1].casefold(), first[0].casefold()
        kept = self.words[f"{left}-{right}"] > self.words[left + right]
        return before + after if kept else before[: broken.end(1)] + after
