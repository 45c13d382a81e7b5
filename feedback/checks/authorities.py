"""A citation in a response that is let stand is tied to no authority: nobody could look it up."""

from __future__ import annotations

from collections.abc import Iterator

from feedback.law.authorities import find_authorities

from .base import Case, Finding

NAME = "authority_not_found"
MOST = 5


def authority_not_found(case: Case) -> Iterator[Finding]:
    """One for each citation in short form, at most five, whose authority the text never gives in full."""
    if case.stands is None or case.view != "brief":
        return
    found = 0
    for part, (text, format) in enumerate(case.responses[case.stands]):
        for authority in find_authorities(text, format):
            if authority.kind != "untied" or found == MOST:
                continue
            place = authority.places[0]
            if not case.is_marked(case.stands, (part, place.start, place.end)):
                found += 1
                yield Finding(
                    NAME, case.stands, {"part": part, "start": place.start, "end": place.end}
                )
