"""The geometry of the progress chart: numbers for an SVG drawn by a template, coloured by classes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from feedback.policy.forecast import Forecast
from feedback.queries.overview import Day

LEFT, RIGHT, TOP, BOTTOM = 56.0, 904.0, 24.0, 242.0
TICKS = 4
APART = 70.0  # two dates nearer than this would run into each other


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick of an axis: where, and what it says."""

    at: float
    words: str | int


@dataclass(frozen=True, slots=True)
class Chart:
    """Points of the lines as SVG writes them; `plan` and `fan` are empty without a forecast."""

    line: str
    last: tuple[float, float]
    received: int
    wanted: int
    plan: str
    fan: str
    across: list[Mark]
    dates: list[Mark]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days and reviews to the drawing."""

    days: int
    most: int

    def x(self, day: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * min(day / max(1, self.days), 1), 1)

    def y(self, reviews: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(reviews / max(1, self.most), 1), 1)

    def points(self, pairs: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{self.x(day)},{self.y(reviews)}" for day, reviews in pairs)


def progress_chart(days: Sequence[Day], wanted: int, ahead: Forecast | None) -> Chart | None:
    """Reviews received day by day and, if there is one, the forecast; None for less than two days."""
    if len(days) < 2:
        return None
    today = len(days) - 1
    given = days[-1].together
    room = max(14, today)  # the future gets at most as much room as the past
    end = today if ahead is None else today + min(ahead.latest or room, ahead.days + room, 2 * room)
    scale = _Scale(end, max(wanted, given))
    return Chart(
        line=scale.points([(number, day.together) for number, day in enumerate(days)]),
        last=(scale.x(today), scale.y(given)),
        received=given,
        wanted=wanted,
        plan=_plan(scale, today, given, ahead),
        fan=_fan(scale, today, given, ahead),
        across=[Mark(scale.y(n), n) for n in _steps(scale.most)],
        dates=_dates(scale, days, ahead),
    )


def _reach(scale: _Scale, today: int, given: int, days: int | None) -> tuple[float, float]:
    """Where a straight line to the end of the work leaves the drawing, in days and reviews."""
    if days is None:
        return scale.days, given
    if today + days <= scale.days:
        return today + days, scale.most
    return scale.days, given + (scale.most - given) * (scale.days - today) / days


def _plan(scale: _Scale, today: int, given: int, ahead: Forecast | None) -> str:
    if ahead is None:
        return ""
    return scale.points([(today, given), _reach(scale, today, given, ahead.days)])


def _fan(scale: _Scale, today: int, given: int, ahead: Forecast | None) -> str:
    if ahead is None:
        return ""
    early = _reach(scale, today, given, ahead.soonest)
    late = _reach(scale, today, given, ahead.latest)
    corner = [(float(scale.days), float(scale.most))] if late[1] < scale.most else []
    return scale.points([(today, given), early, *corner, late])


def _steps(most: int) -> list[int]:
    """Round numbers from 0 to below the top, at most five."""
    rough = max(1, most / TICKS)
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough)
    whole = max(1, math.ceil(step))
    return [n for n in range(0, most, whole) if n <= most - whole / 4]


def _dates(scale: _Scale, days: Sequence[Day], ahead: Forecast | None) -> list[Mark]:
    """The first day, today, the likely end, and what fits between."""
    today = len(days) - 1
    marks = [Mark(scale.x(today), "today")]
    if ahead is not None and today + ahead.days <= scale.days:
        _add(marks, scale.x(today + ahead.days), days[-1].date + dt.timedelta(days=ahead.days))
    for number in (0, today // 2, today // 4, 3 * today // 4):
        _add(marks, scale.x(number), days[number].date)
    return sorted(marks, key=lambda mark: mark.at)


def _add(marks: list[Mark], at: float, date: dt.date) -> None:
    if all(abs(at - mark.at) >= APART for mark in marks):
        marks.append(Mark(at, f"{date.day} {date:%b}"))
