"""Cuts a text into the steps that are labelled one by one: paragraphs, lines or sentences, by rules anybody can repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Rule = Literal["paragraph", "line", "sentence"]
RULES: tuple[Rule, ...] = ("paragraph", "line", "sentence")
MOST_STEPS = 400  # whatever is left over belongs to the last one

_GAPS: dict[Rule, re.Pattern[str]] = {
    "paragraph": re.compile(r"\r?\n[^\S\n]*\r?\n\s*"),
    "line": re.compile(r"[\r\n]+"),
    # The end of a sentence, whatever closes after it, and then a space before something that is no small letter.
    "sentence": re.compile(
        r"(?<=[.!?…。！？])[\"'”’»)\]]*(?P<gap>\s+)(?=\S)|\r?\n[^\S\n]*\r?\n\s*"
    ),
}
_NO_END = re.compile(
    r"(?:\b\w|\b(?:e\.g|i\.e|cf|vs?|nos?|mr|mrs|ms|dr|prof|st|art|sec|fig|eq|inc|ltd|co|al|id|ch|pp?))\.$",
    re.IGNORECASE,
)


def split(text: str, rule: Rule) -> list[tuple[int, int]]:
    """Start and end of every step in code points, without the space around it; none is blank, none overlaps."""
    steps: list[tuple[int, int]] = []
    for start, end in _pieces(text, rule):
        piece = text[start:end]
        if piece.strip():
            at = start + len(piece) - len(piece.lstrip())
            steps.append((at, at + len(piece.strip())))
    if len(steps) > MOST_STEPS:
        steps = [*steps[: MOST_STEPS - 1], (steps[MOST_STEPS - 1][0], steps[-1][1])]
    return steps


def _pieces(text: str, rule: Rule) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _GAPS[rule].finditer(text):
        if rule == "sentence" and gap["gap"] and not _ends(text, gap):
            continue
        yield start, gap.end()
        start = gap.end()
    yield start, len(text)


def _ends(text: str, gap: re.Match[str]) -> bool:
    """Whether a sentence ends here: not before a small letter, and not after an abbreviation or an initial."""
    before = text[max(0, gap.start() - 12) : gap.start()]
    return not text[gap.end()].islower() and not _NO_END.search(before)
