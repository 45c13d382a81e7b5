"""The rankings of a run as pages and the API show them: who wins, by how much, and where a model loses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.models import Run, RunReport

NAME = "leaderboard"
NOTHING: dict[str, Any] = {"votes": [], "scores": []}
POINTS, BASE = 400 / math.log(10), 1000.0  # Elo's scale: 400 points are odds of ten to one
TWICE = (
    1 / 3
)  # (2 − 1) / (2 + 1): how style is measured where one response has twice as much as the other


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and the ends of its 95 % interval, None where there are too few prompts for one."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Figure:
        return cls(row["value"], row["low"], row["high"])


@dataclass(frozen=True, slots=True)
class Standing:
    """A model in a ranking. Strengths are in points; `plain` is without style taken out; `share` of votes won, ties ½."""

    model: str
    points: Figure
    plain: float
    best: int | None
    worst: int | None
    votes: int
    share: float


@dataclass(frozen=True, slots=True)
class Effect:
    """How often the response wins that has more of it, all else equal: shown first, twice as long, twice as much Markdown."""

    name: str
    chance: Figure


@dataclass(frozen=True, slots=True)
class Board:
    """The models by strength; `is_open` where somebody won or lost everything, and a prior holds the strengths."""

    votes: int
    clusters: int
    is_open: bool
    standings: list[Standing]
    effects: list[Effect]


@dataclass(frozen=True, slots=True)
class Cell:
    """How often a model won under a tag (empty: under all)."""

    tag: str
    model: str
    votes: int
    share: Figure


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the votes on one question say of the models: over all, by tag, and as a map of tag and model."""

    question: str
    votes: int
    overall: Board
    by_tag: dict[str, Board]
    cells: dict[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True)
class Mean:
    """A model's mean score over its responses."""

    model: str
    mean: Figure
    responses: int
    scores: int


def leaderboard_of(run: Run) -> dict[str, Any]:
    """The report of a run; without rankings where an older release made it."""
    row = RunReport.objects.filter(run=run, name=NAME).first()
    found: dict[str, Any] = row.body if row else NOTHING
    return found


def rankings_of(report: Mapping[str, Any]) -> list[Ranking]:
    """The rankings in a report, by question."""
    return [
        Ranking(
            question=each["question"],
            votes=each["votes"],
            overall=_board(each["overall"]),
            by_tag={row["tag"]: _board(row) for row in each["tags"]},
            cells={
                (row["tag"], row["model"]): Cell(
                    row["tag"], row["model"], row["votes"], Figure.of(row)
                )
                for row in each["map"]
            },
        )
        for each in report["votes"]
    ]


def means_of(report: Mapping[str, Any]) -> dict[str, list[Mean]]:
    """The mean scores in a report by question, the best model first."""
    return {
        each["question"]: [
            Mean(row["model"], Figure.of(row), row["responses"], row["scores"])
            for row in each["models"]
        ]
        for each in report["scores"]
    }


def _board(row: Mapping[str, Any]) -> Board:
    return Board(
        votes=row["votes"],
        clusters=row["clusters"],
        is_open=row["open"],
        standings=[
            Standing(
                model=each["model"],
                points=_mapped(each, points),
                plain=points(each["plain"]),
                best=each["best"],
                worst=each["worst"],
                votes=each["votes"],
                share=each["share"],
            )
            for each in row["models"]
        ],
        effects=[
            Effect(each["effect"], _mapped(each, _chance(each["effect"])))
            for each in row["effects"]
        ],
    )


def points(strength: float) -> float:
    """A strength in log-odds on Elo's scale, the mean model at 1,000."""
    return BASE + POINTS * strength


def _chance(effect: str) -> Any:
    """The chance of the response with more of it: twice as much, but for the place, which it has or has not."""
    times = 1.0 if effect == "position" else TWICE
    return lambda value: 1 / (1 + math.exp(-times * value))


def _mapped(row: Mapping[str, Any], to: Any) -> Figure:
    ends = [None if row[name] is None else to(row[name]) for name in ("low", "high")]
    return Figure(to(row["value"]), *ends)
