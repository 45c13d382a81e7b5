"""The geometry of calibration: what forecasts said against how often they came true, a dot with its interval for each bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.queries.methods import Compared, Point

LEFT, RIGHT, TOP, BOTTOM = 34.0, 268.0, 12.0, 190.0
LEAST_SAID = 0.5  # forecasts are turned towards the side that they favour
SAID = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SEEN = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of a scale: where it is, and what it says."""

    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin; `off` where the diagonal lies outside its interval."""

    x: str
    y: str
    from_y: str
    to_y: str
    off: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing. `start` is the height at which the diagonal begins; the points are for the table beneath."""

    id: str
    title: str
    n: int
    start: str
    across: list[Mark]
    up: list[Mark]
    dots: list[Dot]
    points: Sequence[Point]


def plots_of(compared: Compared, number: int) -> tuple[list[Plot], list[Plot]]:
    """The drawings of a question: on held-out votes, p_next and each method; on known answers each method, if there are any."""
    held = [_plot(f"p-next-{number}", "p next", compared.next_points)] if compared.methods else []
    gold = []
    for method in compared.methods:
        held.append(_plot(f"{method.id}-{number}", method.name, method.points))
        if method.gold:
            gold.append(_plot(f"{method.id}-gold-{number}", method.name, method.gold.points))
    return held, gold


def _plot(id: str, title: str, points: Sequence[Point]) -> Plot:
    return Plot(
        id=id,
        title=title,
        n=sum(point.n for point in points),
        start=_said(_y(LEAST_SAID)),
        across=[Mark(_said(_x(value)), _words(value)) for value in SAID],
        up=[Mark(_said(_y(value)), _words(value)) for value in SEEN],
        dots=[_dot(point) for point in points],
        points=points,
    )


def _dot(point: Point) -> Dot:
    return Dot(
        x=_said(_x(point.said)),
        y=_said(_y(point.seen)),
        from_y=_said(_y(point.least)),
        to_y=_said(_y(point.most)),
        off=not point.least <= point.said <= point.most,
    )


def _x(value: float) -> float:
    return LEFT + (RIGHT - LEFT) * (value - LEAST_SAID) / (1 - LEAST_SAID)


def _y(value: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * value


def _words(value: float) -> str:
    return f"{value:g}".replace("0.", ".", 1)


def _said(value: float) -> str:
    """A coordinate as SVG writes it."""
    return f"{value:.1f}"
