"""Text files: Markdown as it is; typed text with the line breaks of its paper undone."""

from __future__ import annotations

from statistics import median

from feedback.readers.problems import ReadingFailed

from .lines import Line, Page
from .paragraphs import to_markdown

NARROW, WIDE = 40, 110  # typed paper is between so many characters wide


def decoded(content: bytes) -> str:
    """The text with LF line ends. Raises ReadingFailed with `not_utf8` or `no_text`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReadingFailed("not_utf8", "The file is not UTF-8 text; save it as UTF-8.") from None
    if not text.strip():
        raise ReadingFailed("no_text", "The file holds no text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_document(content: bytes) -> tuple[str, str]:
    """Text and its format: typed pages become Markdown, text in whole paragraphs stays as it is."""
    text = decoded(content)
    if "\f" in text or _is_typed(text):
        return to_markdown(typed_pages(text), typed=True), "markdown"
    return text, "plain"


def typed_pages(text: str) -> list[Page]:
    return [list(_typed(page)) for page in text.split("\f")]


def _typed(page: str) -> list[Line]:
    rows = page.expandtabs(4).split("\n")
    found = [
        (at, row.strip(), len(row) - len(row.lstrip()))
        for at, row in enumerate(rows)
        if row.strip()
    ]
    # Left and right pages are bound at different edges: a page's own edge counts.
    left = sorted(indent for _, _, indent in found)[len(found) // 4] if found else 0
    return [Line(words, max(0, indent - left), at) for at, words, indent in found]


def _is_typed(text: str) -> bool:
    """Whether lines are broken by hand: most of the full ones have about one length and end in no full stop."""
    long = [line for line in (row.strip() for row in text.split("\n")) if len(line) >= NARROW]
    if len(long) < 8:
        return False
    within = sum(len(line) <= WIDE for line in long)
    open_ended = sum(not line.endswith((".", "!", "?", ":")) for line in long)
    return (
        within > 0.95 * len(long) and open_ended > 0.5 * len(long) and median(map(len, long)) < WIDE
    )
