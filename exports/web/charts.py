"""The geometry of the strength chart: numbers for an SVG drawn by a template, coloured by classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.models import RunPair
from exports.queries import Strength

WIDTH, TOP, FOOT = 440.0, 28.0, 132.0
GAP = 16.0
WORDS = {1: "slightly", 2: "better", 3: "much"}


@dataclass(frozen=True, slots=True)
class Bar:
    """How many pairs, and where their bar stands; `side` is a or b, the letter's hue."""

    side: str
    words: str
    pairs: int
    x: str
    y: str
    width: str
    height: str
    middle: str
    number_y: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, and how often the first and the second response of an item was chosen."""

    bars: list[Bar]
    first: int
    second: int


def strength_chart(strengths: Sequence[Strength], *, graded: bool) -> Chart:
    """A bar for each side and strength; votes that are not graded have one for each side."""
    first = sum(each.pairs for each in strengths if _side(each) == "a")
    second = sum(each.pairs for each in strengths if _side(each) == "b")
    counted = [
        (_side(each), f"{_letter(each)} {WORDS[each.steps]}", each.pairs) for each in strengths
    ]
    shown = counted if graded else [("a", "A better", first), ("b", "B better", second)]
    most = max(1, *(pairs for _, _, pairs in shown))
    room = WIDTH / len(shown)
    return Chart([_bar(n, room, most, *each) for n, each in enumerate(shown)], first, second)


def _bar(number: int, room: float, most: int, side: str, words: str, pairs: int) -> Bar:
    height = (FOOT - TOP) * pairs / most
    x = room * number + GAP / 2
    return Bar(
        side,
        words,
        pairs,
        _said(x),
        _said(FOOT - height),
        _said(room - GAP),
        _said(height),
        _said(x + (room - GAP) / 2),
        _said(FOOT - height - 6),
    )


def _side(each: Strength) -> str:
    return "a" if each.side == RunPair.Chosen.FIRST else "b"


def _letter(each: Strength) -> str:
    return _side(each).upper()


def _said(value: float) -> str:
    """A coordinate as SVG writes it."""
    return f"{value:.1f}"
