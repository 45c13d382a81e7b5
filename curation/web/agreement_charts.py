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
CELL, ROW, FIRST_X, FIRST_Y = 44.0, 24.0, 134.0, 31.0
# Lowest κ of each step of heat; below the first one a cell leaves the ramp.
HEAT = ((0.55, "h4"), (0.4, "h3"), (0.2, "h2"), (0.0, "h1"))
INK = {"h4": "on-h4", "h3": "on-h3"}
LONGEST_NAME, HEAD = 22, 6
WIDEST = 40


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
    """A rater: their κ with everybody above, and the empty cell with themselves."""

    name: str
    y: str
    middle: str
    cells: list[Cell]
    own_x: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column's name."""

    x: str
    name: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The drawing of who agrees with whom; `others` raters share less and stand in the table alone."""

    width: int
    height: int
    heads: list[Head]
    rows: list[MatrixRow]
    others: int


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
    return Matrix(
        width=int(max(620, FIRST_X + CELL * len(shown) + 8)),
        height=int(FIRST_Y + ROW * len(shown)),
        heads=_heads(shown),
        rows=[_row(i, name, shown, known) for i, name in enumerate(shown)],
        others=len(names) - len(shown),
    )


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


def _heads(names: list[str]) -> list[Head]:
    """Columns by how their names begin, or by how they end where they begin the same."""
    begin = [_cut(name, HEAD) for name in names]
    if len(set(begin)) < len(names):
        begin = [name if len(name) <= HEAD else f"…{name[1 - HEAD :]}" for name in names]
    return [Head(_said(_column(i) + CELL / 2 - 1), name) for i, name in enumerate(begin)]


def _row(at: int, name: str, names: list[str], known: dict[frozenset[str], Two]) -> MatrixRow:
    y = FIRST_Y + ROW * at
    return MatrixRow(
        name=_cut(name, LONGEST_NAME),
        y=_said(y),
        middle=_said(y + 15),
        cells=[
            _cell(column, known.get(frozenset((name, other))))
            for column, other in enumerate(names[:at])
        ],
        own_x=_said(_column(at)),
    )


def _cell(column: int, two: Two | None) -> Cell:
    x = _column(column)
    value = two.kappa.value if two else None
    heat = "" if value is None else next((c for least, c in HEAT if value >= least), "hx")
    words = two.kappa.words if two else ""
    return Cell(_said(x), _said(x + CELL / 2 - 1), heat, INK.get(heat, "on-h"), words)


def _column(number: int) -> float:
    return FIRST_X + CELL * number


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else f"{words[: length - 1]}…"


def _said(value: float) -> str:
    """A coordinate as SVG writes it."""
    return f"{value:.1f}"
