"""The preferred response is much longer than the others: long answers are preferred too often."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .base import Case, Finding

NAME = "length_gap"
TIMES, WORDS = 2, 100  # twice as long, and by a hundred words
_WORD = re.compile(r"\w+")


def length_gap(case: Case) -> Iterator[Finding]:
    """At most one."""
    if case.stands is None or len(case.responses) < 2:
        return
    words = {
        position: sum(1 for text, _ in texts for _ in _WORD.finditer(text))
        for position, texts in case.responses.items()
    }
    mine = words.pop(case.stands)
    position, other = max(words.items(), key=lambda each: each[1])
    if mine >= TIMES * other and mine - other >= WORDS:
        yield Finding(NAME, case.stands, {"words": mine, "than": position, "its_words": other})
