"""Where two texts differ, word by word: what is marked when somebody compares them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

WORD = re.compile(r"\w")
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
PARAGRAPHS = re.compile(r"[^\n]*\n+|[^\n]+")
LINE, BEFORE = 90, 30
MOST_WORDS = 4_000  # in a passage without a common paragraph; longer ones are marked whole

# What stands in one text and in the other, and whether that is the same.
Stretch = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of a text and whether the other lacks it; `stop` counts the places of difference, 0 where none begins."""

    text: str
    differs: bool
    stop: int = 0


def differences(one: str, other: str) -> tuple[list[Marked], list[Marked], int]:
    """Each text as pieces in which the places of difference are numbered alike, from 1; and how many there are.

    Differences without a word between them are one place. Where one text has nothing, its piece is empty: both have
    every place. The pieces joined are the text. Paragraphs are compared first, then words inside what differs: briefs of
    a hundred pages take a second.
    """
    left: list[Marked] = []
    right: list[Marked] = []
    count, apart = 0, True
    for mine, theirs, same in _stretches(one, other):
        count += not same and apart
        stop = count if not same and apart else 0
        apart = same and (apart or bool(WORD.search(mine)))
        left += [Marked(mine, not same, stop)] if mine or stop else []
        right += [Marked(theirs, not same, stop)] if theirs or stop else []
    return left, right, count


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


def _stretches(one: str, other: str) -> list[Stretch]:
    """The two texts side by side, neighbours of one kind as one."""
    found: list[Stretch] = []
    for mine, theirs, same in _matched(PARAGRAPHS.findall(one), PARAGRAPHS.findall(other)):
        stretch = ("".join(mine), "".join(theirs), same)
        for ours, others, alike in [stretch] if same else _words(*stretch[:2]):
            if found and found[-1][2] == alike:
                ours, others = found[-1][0] + ours, found[-1][1] + others
                found.pop()
            found.append((ours, others, alike))
    return found


def _words(mine: str, theirs: str) -> list[Stretch]:
    a, b = WORDS.findall(mine), WORDS.findall(theirs)
    if len(a) + len(b) > 2 * MOST_WORDS:
        return [(mine, theirs, False)]
    return [("".join(ours), "".join(others), same) for ours, others, same in _matched(a, b)]


def _matched(
    mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], bool]]:
    for what, a, b, c, d in SequenceMatcher(None, mine, theirs, False).get_opcodes():
        yield mine[a:b], theirs[c:d], what == "equal"
