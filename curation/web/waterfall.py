"""The geometry of a run's waterfall: numbers for an SVG drawn by a template, coloured by classes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.models import Run, RunStage
from curation.stages import STAGES_BY_NAME

LEFT, RIGHT, TOP, STEP, THICK = 210.0, 1176.0, 31.0, 30.0, 20.0
TICKS = 4
CLOSE = 60.0  # two ticks nearer than this would run into each other


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale and its number."""

    x: str
    words: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: what it is called, what went on (`on`), what was held here (`held`), and where its number stands."""

    title: str
    y: str
    middle: str
    next_y: str
    on: str
    held_from: str
    held: str
    words_at: str
    number: int


@dataclass(frozen=True, slots=True)
class Share:
    """A bar in a table: what went on, and behind it what was held, in hundredths of all pairs."""

    on: str
    held: str


def share_of(out: int, held: int, pairs: int) -> Share:
    """The bar of a stage; empty without a pair."""
    on, gone = (100 * number / max(pairs, 1) for number in (out, held))
    return Share(f"{on:.2f}", f"{gone:.2f}")


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing; `first` and `last` are the bars of pairs in and pairs out."""

    height: int
    foot: int
    ticks: list[Tick]
    first: Bar
    steps: list[Bar]
    last: Bar


def waterfall_chart(run: Run, stages: Sequence[RunStage]) -> Chart:
    """Pairs in, the stages that held some, pairs out; a stage that held nothing has no bar, only its line in the table."""
    holding = [stage for stage in stages if stage.n_held]
    scale = _Scale(run.n_pairs)
    steps = [_step(scale, number, stage) for number, stage in enumerate(holding, start=1)]
    rows = len(steps) + 2
    return Chart(
        height=int(TOP + rows * STEP),
        foot=int(TOP + rows * STEP - STEP + THICK + 4),
        ticks=list(_ticks(scale)),
        first=_whole(scale, "Pairs in", 0, run.n_pairs),
        steps=steps,
        last=_whole(scale, "Pairs out", rows - 1, run.n_out),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    most: int

    def width(self, pairs: int) -> float:
        return (RIGHT - LEFT) * pairs / max(1, self.most)

    def x(self, pairs: int) -> float:
        return LEFT + self.width(pairs)


def _step(scale: _Scale, number: int, stage: RunStage) -> Bar:
    y = TOP + number * STEP
    return Bar(
        title=STAGES_BY_NAME[stage.stage].title,
        y=_said(y),
        middle=_said(y + 14),
        next_y=_said(y + STEP),
        on=_said(scale.width(stage.n_out)),
        held_from=_said(scale.x(stage.n_out)),
        held=_said(max(1.0, scale.width(stage.n_held))),
        words_at=_said(scale.x(stage.n_in) + 8),
        number=stage.n_held,
    )


def _whole(scale: _Scale, title: str, number: int, pairs: int) -> Bar:
    y = TOP + number * STEP
    width, end = _said(scale.width(pairs)), _said(scale.x(pairs) + 8)
    return Bar(title, _said(y), _said(y + 14), _said(y + STEP), width, "0", "0", end, pairs)


def _ticks(scale: _Scale) -> Iterator[Tick]:
    """Round numbers from 0, and the number of pairs in."""
    step = round_step(scale.most)
    for number in range(0, scale.most, step):
        if scale.x(scale.most) - scale.x(number) >= CLOSE:
            yield Tick(_said(scale.x(number)), number)
    yield Tick(_said(scale.x(scale.most)), scale.most)


def round_step(most: int) -> int:
    """A round number that divides 0 to `most` into about four parts."""
    rough = max(1.0, most / TICKS)
    size: float = 10 ** math.floor(math.log10(rough))
    return math.ceil(next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough))


def _said(value: float) -> str:
    """A coordinate as SVG writes it."""
    return f"{value:.1f}"
