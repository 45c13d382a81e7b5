"""A run's comparison of its methods in words and figures: who decides and why, and where a clever method loses to majority."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curation.methods.comparison import LEAST_PAIRS, MAJORITY
from curation.methods.labels import MOST_ITERATIONS
from curation.models import Run

from .agreement import titles_of

NAMES = {
    "majority": "Smoothed majority",
    "one_coin": "One-coin",
    "dawid_skene": "Dawid–Skene",
}


ORDER_NAMES = {"schulze": "Schulze’s method", "ranked_pairs": "The method of ranked pairs"}


@dataclass(frozen=True, slots=True)
class Point:
    """One bin of forecasts: their mean, how often they came true with its 95 % interval, how many there are."""

    said: float
    seen: float
    least: float
    most: float
    n: int


@dataclass(frozen=True, slots=True)
class Gold:
    """How a method did on pairs whose answer is known."""

    n: int
    accuracy: float
    log_loss: float
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Method:
    """A row of the comparison. `gain` is the log-loss of smoothed majority less its own, in nats a vote."""

    id: str
    version: int
    log_loss: float
    gain: float
    gain_low: float | None
    gain_high: float | None
    iterations: int
    converged: bool
    points: list[Point]
    gold: Gold | None
    used: bool

    @property
    def name(self) -> str:
        return NAMES[self.id]

    @property
    def is_plain(self) -> bool:
        """Whether it is what the others are compared with."""
        return self.id == MAJORITY


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison on one question."""

    id: str
    title: str
    used: str
    version: int
    why: str
    held_out: int
    pairs: int
    class_prior: str
    strength: float | None
    next_points: list[Point]
    methods: list[Method]
    orders: dict[str, Any] | None = None

    @property
    def used_name(self) -> str:
        return NAMES[self.used]

    @property
    def has_gold(self) -> bool:
        """Whether the answer of any pair is known."""
        return any(method.gold for method in self.methods)

    @property
    def decision(self) -> str:
        """Who decides and why, in one sentence."""
        return _DECISIONS[self.why].format(name=self.used_name, pairs=self.pairs, least=LEAST_PAIRS)

    @property
    def sentences(self) -> list[str]:
        """What the figures say of each clever method."""
        plain = next((method for method in self.methods if method.is_plain), None)
        clever = [method for method in self.methods if not method.is_plain]
        said = [line for method in clever for line in _sentences(method, plain)]
        return [*said, *_of_orders(self.orders)]


_DECISIONS = {
    "asked": "{name} decides, because the recipe names it.",
    "best": "{name} decides: of the methods that surely foretell held-out votes better than smoothed majority it has the least log-loss.",
    "none_better": "{name} decides: no other method surely foretells held-out votes better.",
    "too_few": "{name} decides: votes could be held out on {pairs} pairs, and it takes {least} to tell methods apart.",
}


def comparisons_of(run: Run, report: list[dict[str, Any]]) -> list[Compared]:
    """The report `methods` of a run, question by question."""
    titles = titles_of(run.project)
    return [_compared(entry, titles) for entry in report]


def nats(value: float) -> str:
    """A difference of log-losses as people write it: .0532, −.1161."""
    return f"{value:.4f}".replace("0.", ".", 1).replace("-", "−")


def share(value: float) -> str:
    """A share likewise: .713, 1."""
    return f"{value:.3f}".replace("0.", ".", 1) if value < 1 else "1"


def _compared(entry: dict[str, Any], titles: dict[str, str]) -> Compared:
    return Compared(
        id=entry["question"],
        title=titles.get(entry["question"], entry["question"]),
        used=entry["used"],
        version=entry["version"],
        why=entry["why"],
        held_out=entry["held_out"],
        pairs=entry["pairs"],
        class_prior=entry["class_prior"],
        strength=entry["smoothing"]["strength"] if entry["smoothing"] else None,
        next_points=_points(entry["next_bins"]),
        orders=entry.get("orders"),
        methods=[_method(score, entry["used"]) for score in entry["scores"]],
    )


def _method(score: dict[str, Any], used: str) -> Method:
    gold = score["gold"]
    return Method(
        id=score["method"],
        version=score["version"],
        log_loss=score["log_loss"],
        gain=score["gain"],
        gain_low=score["gain_low"],
        gain_high=score["gain_high"],
        iterations=score["iterations"],
        converged=score["converged"],
        points=_points(score["bins"]),
        gold=Gold(gold["n"], gold["accuracy"], gold["log_loss"], _points(gold["bins"]))
        if gold
        else None,
        used=score["method"] == used,
    )


def _points(bins: list[dict[str, Any]]) -> list[Point]:
    return [
        Point(each["said"], each["seen"], each["least"], each["most"], each["n"]) for each in bins
    ]


def _sentences(method: Method, plain: Method | None) -> Iterator[str]:
    low, high = method.gain_low, method.gain_high
    if low is not None and high is not None:
        if high < 0:
            yield (
                f"{method.name} loses to majority: it foretells a held-out vote worse by "
                f"{nats(-method.gain)} nats ({nats(-high)} to {nats(-low)})."
            )
        elif low > 0:
            yield (
                f"{method.name} beats majority: it foretells a held-out vote better by "
                f"{nats(method.gain)} nats ({nats(low)} to {nats(high)})."
            )
        else:
            yield (
                f"{method.name} and majority cannot be told apart: the difference is "
                f"{nats(method.gain)} nats a vote ({nats(low)} to {nats(high)})."
            )
    if method.gold and plain and plain.gold:
        yield from _against_gold(method, method.gold, plain.gold)
    if not method.converged:
        yield f"{method.name} had not come to rest after {MOST_ITERATIONS} steps; its figures are from where it stopped."


def _of_orders(orders: dict[str, Any] | None) -> Iterator[str]:
    if orders:
        n, off, name = orders["items"], orders["cyclic"], ORDER_NAMES[orders["by"]]
        yield (
            f"Of {n:,} item{'s' if n > 1 else ''} with three responses or more, {off:,} {'contradicts itself' if off == 1 else 'contradict themselves'} "
            f"pair by pair (A over B, B over C, C over A). {name} puts each item's responses in one order and "
            f"chooses otherwise on {orders['changed']:,} pair{'' if orders['changed'] == 1 else 's'}."
        )


def _against_gold(method: Method, own: Gold, plain: Gold) -> Iterator[str]:
    said = {-1: "less often than", 0: "as often as", 1: "more often than"}
    order = (own.accuracy > plain.accuracy) - (own.accuracy < plain.accuracy)
    yield (
        f"On {own.n:,} known answer{'s' if own.n > 1 else ''} {method.name} is right {said[order]} "
        f"majority ({share(own.accuracy)} and {share(plain.accuracy)})."
    )
