"""PDF with a text layer: its lines with their places and sizes; a scan or a locked file is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from feedback.readers.problems import ReadingFailed

from .lines import Line, Page
from .markdown import marker
from .paragraphs import to_markdown

if TYPE_CHECKING:
    from pypdf import PageObject

MOST_PAGES = 2000
FEWEST_LETTERS = 16  # a page of a scan has none; a page of a brief has a thousand
RAISED = 0.8
LIGATURES = {
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
    "\xa0": " ",
    "\xad": "-",
}
PLAIN = str.maketrans(LIGATURES)


def pdf_markdown(file: BinaryIO) -> str:
    """Raises ReadingFailed with `encrypted`, `no_text`, `too_large` or `not_readable`."""
    from pypdf.errors import LimitReachedError, PyPdfError

    try:
        pages = list(_pages(file))
    except (ReadingFailed, MemoryError):
        raise
    except LimitReachedError:
        says = "A stream of the PDF unpacks to more than is allowed."
        raise ReadingFailed("compressed_too_far", says) from None
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as error:
        # Whatever a broken file trips over inside the library is the file's fault, not the row's.
        raise ReadingFailed("not_readable", "The PDF is broken and cannot be read.") from error
    letters = sum(char.isalnum() for page in pages for line in page for char in line.text)
    if letters < FEWEST_LETTERS * max(1, len(pages)):
        says = "The PDF has no text layer: it is a scan, or pictures of pages. Run text recognition on it, or send the text."
        raise ReadingFailed("no_text", says)
    return to_markdown(pages)


def _pages(file: BinaryIO) -> Iterator[Page]:
    from pypdf import PdfReader

    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        says = "The PDF is locked with a password. Save it without one, and send it again."
        raise ReadingFailed("encrypted", says)
    if len(reader.pages) > MOST_PAGES:
        raise ReadingFailed("too_large", f"The PDF has more than {MOST_PAGES:,} pages.")
    for page in reader.pages:
        yield _lines(page)


def _lines(page: PageObject) -> Page:
    found: Page = []

    def visit(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        words = text.translate(PLAIN).replace("\n", " ")
        if not words.strip():
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = -(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])
        height = abs(size * (tm[3] or tm[1]) * (cm[3] or cm[1])) or 1.0
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        _place(found, Line(words, float(x), float(y), float(height), bold))

    page.extract_text(visitor_text=visit)
    return sorted(found, key=lambda line: line.y)


def _place(found: Page, piece: Line) -> None:
    """A piece of text on the line it stands on; a small number raised above it marks a footnote."""
    last = found[-1] if found else None
    if last is None or abs(piece.y - last.y) > 0.6 * max(piece.size, last.size):
        found.append(piece)
        return
    raised = piece.size < RAISED * last.size and piece.text.strip().isdecimal()
    if raised:
        last.text = last.text.rstrip() + marker(piece.text.strip())
        return
    glue = "" if last.text.endswith(" ") or piece.text.startswith((" ", ",", ".")) else " "
    last.text += glue + piece.text
    if piece.size > last.size:
        last.size, last.y = piece.size, piece.y
    last.bold = last.bold and piece.bold
