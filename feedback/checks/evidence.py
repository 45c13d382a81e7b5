"""The tests that came with the item failed, and the response is let stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .base import Case, Finding

NAME = "tests_failed"
_EXIT = re.compile(r"\W*(?:process )?exit(?:ed)?(?: with)?(?: code| status)?[:=]?\s*(-?\d{1,10})\b", re.IGNORECASE)  # fmt: skip
MOST_LINE = 2000


def tests_failed(case: Case) -> Iterator[Finding]:
    """One for each run with an exit code other than 0. With several responses nobody knows whose run it is."""
    if case.stands is None or len(case.responses) != 1:
        return
    for number, document in enumerate(case.context):
        if document.kind != "test_run":
            continue
        last = "\n".join(text for text, _ in document.texts).rstrip().rpartition("\n")[2]
        found = _EXIT.match(last[:MOST_LINE])
        if found and int(found[1]):
            yield Finding(NAME, case.stands, {"document": number, "exit": int(found[1])})
