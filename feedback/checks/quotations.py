"""A quotation in a response that is let stand is in none of the sources, or not so."""

from __future__ import annotations

from collections.abc import Iterator

from feedback.law.quotations import check_quotations

from .base import Case, Finding

NAME = "quotation_missing"
MOST = 5


def quotation_missing(case: Case) -> Iterator[Finding]:
    """One for each quotation that the reviewer has not criticised, at most five. Nothing where there are no sources."""
    sources = [text for document in case.context for text in document.texts]
    if case.stands is None or not sources:
        return
    found = 0
    for part, text in enumerate(case.responses[case.stands]):
        for each in check_quotations(text, sources):
            wrong = each.state in ("near", "absent") and found < MOST
            if wrong and not case.is_marked(case.stands, (part, each.start, each.end)):
                found += 1
                place = {"part": part, "start": each.start, "end": each.end}
                yield Finding(NAME, case.stands, {**place, "near": each.state == "near"})
