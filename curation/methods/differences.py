"""Where two texts differ, word by word: what is marked when somebody compares them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
PARAGRAPHS = re.compile(r"[^\n]*\n+|[^\n]+")
LINE, BEFORE = 90, 30
MOST_WORDS = 4_000  # in a passage without a common paragraph; longer ones are marked whole

Piece = tuple[str, bool]


def differences(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Each text as pieces (text, whether the other text lacks it); the pieces joined are the text.

    Paragraphs first, then words inside what differs: briefs of a hundred pages take a second.
    """
    left: list[Piece] = []
    right: list[Piece] = []
    for mine, theirs, same in _matched(PARAGRAPHS.findall(one), PARAGRAPHS.findall(other)):
        if same:
            left.append(("".join(mine), False))
            right.append(("".join(theirs), False))
            continue
        ours, others = _words("".join(mine), "".join(theirs))
        left += ours
        right += others
    return _merged(left), _merged(right)


def where_they_part(one: str, other: str) -> tuple[str, str]:
    """A line of each, of LINE characters at the most, from shortly before the first place where they differ."""
    mine, theirs = " ".join(one.split()), " ".join(other.split())
    pairs = enumerate(zip(mine, theirs, strict=False))
    common = next((at for at, (a, b) in pairs if a != b), min(len(mine), len(theirs)))
    # Near-equal texts mostly open with the same words, which would tell nobody which is which.
    start = 0 if mine == theirs else mine.rfind(" ", 0, max(common - BEFORE, 0)) + 1
    return _line(mine, start), _line(theirs, start)


def _line(text: str, start: int) -> str:
    rest = ("…" if start else "") + text[start:]
    return rest if len(rest) <= LINE else rest[: LINE - 1].rstrip() + "…"


def _words(mine: str, theirs: str) -> tuple[list[Piece], list[Piece]]:
    a, b = WORDS.findall(mine), WORDS.findall(theirs)
    if len(a) + len(b) > 2 * MOST_WORDS:
        return [(mine, True)], [(theirs, True)]
    left: list[Piece] = []
    right: list[Piece] = []
    for ours, others, same in _matched(a, b):
        left.append(("".join(ours), not same))
        right.append(("".join(others), not same))
    return left, right


def _matched(
    mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], bool]]:
    for what, a, b, c, d in SequenceMatcher(None, mine, theirs, False).get_opcodes():
        yield mine[a:b], theirs[c:d], what == "equal"


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece, none empty."""
    merged: list[Piece] = []
    for text, marked in pieces:
        if merged and merged[-1][1] == marked:
            merged[-1] = (merged[-1][0] + text, marked)
        elif text:
            merged.append((text, marked))
    return merged
