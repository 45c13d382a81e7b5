"""The geometry of agreement: a dot with its interval for each question, and a matrix of every two raters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from curation.queries.agreement import Question, Two, coefficient

LEFT, RIGHT, TOP, STEP = 270.0, 850.0, 44.0, 32.0
# Krippendorff (2004, p. 241): from .800 on reliable, from .667 on good for tentative conclusions.
TENTATIVE, RELIABLE = 0.667, 0.8
LEAST_RATERS, MOST_RATERS = 3, 12
CELL, ROW = 44.0, 24.0
# Lowest κ of each step of heat; below the first one a cell leaves the ramp.
HEAT = ((0.55, "h4"), (0.4, "h3"), (0.2, "h2"), (0.0, "h1"))
INK = {"h4": "on-h4", "h3": "on-h3"}
LONGEST_NAME, WIDEST = 28, 40
# How wide a letter of 12 px is at most on average, and what of it remains on each axis when a name leans by 45 degrees.
LETTER, LEAN = 7.0, 0.7072


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the scale: where it is, what it says, whether it is one of the two that mean something."""

    x: str
    words: str
    meant: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A question's leading figure; `from_x` is empty without an interval."""

    y: str
    title: str
    x: str
    from_x: str
    to_x: str
    words_at: str
    words: str


@dataclass(frozen=True, slots=True)
class Dots:
    """The drawing of several questions."""

    height: int
    foot: str
    marks: list[Mark]
    dots: list[Dot]


@dataclass(frozen=True, slots=True)
class Cell:
    """Two raters' κ; empty where they share too little."""

    x: str
    middle: str
    heat: str
    ink: str
    words: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A rater: their κ with everybody above, and the empty cell with themselves. `whole` is the name uncut."""

    name: str
    whole: str
    y: str
    middle: str
    cells: list[Cell]
    own_x: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column's name, which leans to the right from its foot."""

    x: str
    name: str
    whole: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The drawing of who agrees with whom; `others` raters share less and stand in the table alone.

    `broad` is its width in rem, so that it grows with the size of text and its letters are never drawn smaller.
    """

    width: int
    height: int
    broad: str
    side: str
    foot: str
    heads: list[Head]
    rows: list[MatrixRow]
    others: int

    @property
    def is_cut(self) -> bool:
        """Whether a name was too long to stand there whole."""
        return any(row.name != row.whole for row in self.rows)


def dots_chart(questions: Sequence[Question]) -> Dots | None:
    """The leading figure of every question that has one; None if none has."""
    shown = [question for question in questions if question.measured]
    if not shown:
        return None
    least = min((q.leading.low or q.leading.value or 0.0) for q in shown)
    scale = _Scale(min(0.0, -0.2 * -(-max(0.0, -least) // 0.2)))
    end = TOP + STEP * len(shown)
    return Dots(
        height=int(end) - 8,
        foot=_said(end - 14),
        marks=_marks(scale),
        dots=[
            _dot(scale, number, title, question)
            for number, (title, question) in enumerate(zip(_titles(shown), shown, strict=True))
        ],
    )


def matrix_chart(question: Question) -> Matrix | None:
    """κ of every two of the raters who share the most; None for fewer than three, who need no drawing."""
    names = question.raters
    if len(names) < LEAST_RATERS:
        return None
    shown = names[:MOST_RATERS]
    known = {frozenset((two.first, two.second)): two for two in question.pairs}
    frame = _Frame([_shortened(name) for name in shown])
    return Matrix(
        width=frame.width,
        height=int(frame.top + ROW * len(shown)),
        broad=_said(frame.width / 16),
        side=_said(frame.left - 10),
        foot=_said(frame.top - 8),
        heads=[Head(_said(frame.head(i)), frame.names[i], name) for i, name in enumerate(shown)],
        rows=[_row(frame, i, shown, known) for i in range(len(shown))],
        others=len(names) - len(shown),
    )


class _Frame:
    """Where the cells of a matrix lie: the names on its left and leaning over it take the room that they need."""

    def __init__(self, names: list[str]) -> None:
        longest = max(len(name) for name in names) * LETTER
        self.names = names
        self.left = longest + 16
        self.top = float(round(longest * LEAN)) + 20
        ends = [self.head(i) + len(name) * LETTER * LEAN for i, name in enumerate(names)]
        self.width = int(max(*ends, self.column(len(names)))) + 8

    def column(self, number: int) -> float:
        return self.left + CELL * number

    def head(self, number: int) -> float:
        return self.column(number) + CELL / 2


@dataclass(frozen=True, slots=True)
class _Scale:
    least: float

    def x(self, value: float) -> float:
        share = (max(value, self.least) - self.least) / (1 - self.least)
        return LEFT + (RIGHT - LEFT) * share


def _marks(scale: _Scale) -> list[Mark]:
    below = [-0.2 * n for n in range(round(-scale.least / 0.2), 0, -1)]
    plain = [*below, 0.0, 0.2, 0.4, 1.0]
    meant = [TENTATIVE, RELIABLE]
    return [Mark(_said(scale.x(v)), coefficient(v), v in meant) for v in sorted([*plain, *meant])]


def _titles(questions: Sequence[Question]) -> list[str]:
    """Titles as they fit; a question whose votes and ratings both stand here says which is which."""
    often = Counter(question.title for question in questions)
    return [
        _cut(q.title, WIDEST - len(q.of) - 3) + f" ({q.of})"
        if often[q.title] > 1
        else _cut(q.title, WIDEST)
        for q in questions
    ]


def _dot(scale: _Scale, number: int, title: str, question: Question) -> Dot:
    figure, y = question.leading, TOP + STEP * number
    value = figure.value or 0.0
    has_interval = figure.low is not None and figure.high is not None
    end = scale.x(figure.high if has_interval and figure.high is not None else value)
    return Dot(
        y=_said(y),
        title=title,
        x=_said(scale.x(value)),
        from_x=_said(scale.x(figure.low)) if has_interval and figure.low is not None else "",
        to_x=_said(end),
        words_at=_said(end + 10),
        words=figure.words,
    )


def _row(frame: _Frame, at: int, names: list[str], known: dict[frozenset[str], Two]) -> MatrixRow:
    y = frame.top + ROW * at
    return MatrixRow(
        name=frame.names[at],
        whole=names[at],
        y=_said(y),
        middle=_said(y + 15),
        cells=[
            _cell(frame.column(column), known.get(frozenset((names[at], other))))
            for column, other in enumerate(names[:at])
        ],
        own_x=_said(frame.column(at)),
    )


def _cell(x: float, two: Two | None) -> Cell:
    value = two.kappa.value if two else None
    heat = "" if value is None else next((c for least, c in HEAT if value >= least), "hx")
    words = two.kappa.words if two else ""
    return Cell(_said(x), _said(x + CELL / 2 - 1), heat, INK.get(heat, "on-h"), words)


def _shortened(name: str) -> str:
    """A name as it fits. What tells long names apart is as often at their end as at their beginning: both are kept."""
    if len(name) <= LONGEST_NAME:
        return name
    half = LONGEST_NAME // 2
    return f"{name[:half].rstrip()}…{name[1 - half :].lstrip()}"


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else f"{words[: length - 1]}…"


def _said(value: float) -> str:
    """A coordinate as SVG writes it."""
    return f"{value:.1f}"
