"""Where the name of a case stands before its citation: eyecite's, and what of it eyecite leaves behind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eyecite.models import CitationBase

FURTHEST = 80
# eyecite reads a name back to the first word it does not know; "of" at its head says that more belongs to it.
MORE = re.compile(
    r"(?:(?:[A-Z][\w.’'&-]*|of|the|for|&|ex|rel\.)\s+)*[A-Z][\w.’'&-]*\s+(?:(?:of|for|the|&)\s+)*$"
)
BELONGS = re.compile(r"(?:^|.*\s)(?:of|for|&)\s+(?:the\s+)?$", re.DOTALL)
HEAD = re.compile(
    r"(?:(?:of|for|the|and|in|see|cf\.|but|accord|compare|under|also|citing|quoting|e\.\s?g\.),?\s+)+",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\d")
TAIL = " ,;\n"
CASE = re.compile(r"\sv\.?\s|^(?:In re|Ex parte|Matter of)\b")


def span_of(citation: CitationBase) -> tuple[int, int]:
    """Where a citation itself stands, without name and pages pinned."""
    start, end = citation.span()  # type: ignore[no-untyped-call]
    return start, end


def name_of(citation: CitationBase, text: str) -> range:
    """The place of a case's name in the text; empty where none stands before the citation."""
    metadata = citation.metadata
    parties = [getattr(metadata, "plaintiff", None), getattr(metadata, "defendant", None)]
    start, end = citation.full_span()[0], span_of(citation)[0]
    if not any(parties) or start >= end:
        return range(0)
    head = HEAD.match(text, start, end)
    begins = head.end() if head else start
    before = text[max(0, begins - FURTHEST) : begins].rpartition("\n")[2]
    if BELONGS.match(before):
        more = MORE.search(before)
        begins -= len(more[0]) if more else 0
        head = HEAD.match(text, begins, end)
        begins = head.end() if head else begins
    while end > begins and text[end - 1] in TAIL:
        end -= 1
    said = text[begins:end]
    # “Pp. 8–13.” before a citation is no name.
    return range(begins, end) if CASE.search(said) or not FIGURE.search(said) else range(0)


def best_name(citations: Sequence[CitationBase], text: str) -> range:
    """The fullest name that a case is given: with both parties, then the longest."""
    names = [name for each in citations if (name := name_of(each, text))]
    cases = [name for name in names if CASE.search(text[name.start : name.stop])]
    return max(cases or names, key=len, default=range(0))
