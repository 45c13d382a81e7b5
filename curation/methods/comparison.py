"""Which method foretells votes best: each vote is held out once, and foretold from the others by every method.

The target is the class of the held-out vote (first, tie, second); the loss is −ln of the chance that
the method gave it, so no gold is needed. A method counts as better than smoothed majority only where the
95 % interval of the difference, its error clustered by pair, lies on its side: else majority stays. Below
LEAST_PAIRS pairs there is no interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from curation.late import np
from curation.methods.arrays import Bools, Floats, Ints, rounded
from curation.methods.dawid_skene import DawidSkene, fit_dawid_skene
from curation.methods.labels import (
    TOLERANCE,
    ClassPrior,
    Labels,
    Mirror,
    accuracy_against,
    counts_of,
)
from curation.methods.majority import FIRST, TIE, fit_strength, jeffreys, next_vote
from curation.methods.one_coin import OneCoin, fit_one_coin
from curation.methods.smoothing import fit_classes

MAJORITY, ONE_COIN, DAWID_SKENE = METHODS = ("majority", "one_coin", "dawid_skene")
VERSIONS = {MAJORITY: 1, ONE_COIN: 2, DAWID_SKENE: 2}

FOLDS = 5
THREADS = 2
FOLD_TOLERANCE = (
    1e-4  # of fits that only foretell: far below what an interval of their losses can tell apart
)
LEAST_PAIRS = 30
LEAST_CHANCE = 1e-6
SURE = 1.959964
EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Forecasts between `low` and `high` towards the side they favour: how many, their mean, and how often it came true.

    A tie counts ½. `least` and `most` bound 95 % of that share (Jeffreys).
    """

    low: float
    high: float
    n: int
    said: float
    seen: float
    least: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Gold:
    """Against known answers of `n` pairs: accuracy (a shared top counts its share), loss, bins of P(first) + ½ P(tie)."""

    n: int
    accuracy: float
    log_loss: float
    bins: list[Bin]


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one method did. `gain` is the loss of smoothed majority less its own, in nats a vote, with 95 % bounds."""

    method: str
    version: int
    log_loss: float
    gain: float
    gain_low: float | None
    gain_high: float | None
    iterations: int
    converged: bool
    bins: list[Bin]
    gold: Gold | None

    @property
    def beats(self) -> bool:
        """Whether it surely foretells better than smoothed majority."""
        return self.gain_low is not None and self.gain_low > 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Every method on the same `held_out` votes; `best` is the one to use. No votes could be held out: no scores.

    `next_bins` is the calibration of `p_next`, fitted anew in each fold. `readings` are the fits of EM to all votes, which
    need not be made again.
    """

    best: str
    held_out: int
    pairs: int
    next_bins: list[Bin]
    scores: list[Score]
    readings: Mapping[str, OneCoin | DawidSkene]

    def document(self) -> dict[str, Any]:
        """What is kept of it: plain figures."""
        return {
            "best": self.best,
            "held_out": self.held_out,
            "pairs": self.pairs,
            "next_bins": [asdict(each) for each in self.next_bins],
            "scores": [asdict(score) for score in self.scores],
        }


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A method's reading of some votes: (units, classes), and P(label | truth) (raters, truths, labels) if it has raters.

    `reading` is what EM found.
    """

    posterior: Floats
    confusion: Floats | None
    iterations: int = 0
    converged: bool = True
    reading: OneCoin | DawidSkene | None = None

    def foretell(self, units: Ints, raters: Ints) -> Floats:
        """The chance of each class for a vote of a rater on a unit: (votes, classes)."""
        believed = self.posterior[units]
        if self.confusion is None:
            return believed
        told: Floats = np.einsum("vt,vtl->vl", believed, self.confusion[raters])
        return told


Fit = Callable[[Labels, float], Fitted]


def compare(
    votes: Labels,
    *,
    class_prior: ClassPrior,
    mirror: Mirror,
    truth: tuple[Ints, Ints] | None = None,
) -> Comparison:
    """Hold out, foretell and score. `truth` are units with a known answer and its class; they may have votes like any."""
    fits = _fits(class_prior, mirror)
    held = _held_out(votes)
    if not len(held.units):
        return Comparison(best=MAJORITY, held_out=0, pairs=0, next_bins=[], scores=[], readings={})
    chances, wholes = _each(fits, held, votes)
    plain = _losses(chances[MAJORITY], held.classes)
    known = _known(votes, truth)
    scores = []
    for name, whole in wholes.items():
        losses = _losses(chances[name], held.classes)
        gain, low, high = _gain(plain - losses, held.units)
        scores.append(
            Score(
                method=name,
                version=VERSIONS[name],
                log_loss=_round(losses.mean()),
                gain=gain,
                gain_low=low,
                gain_high=high,
                iterations=whole.iterations,
                converged=whole.converged,
                bins=bins_of(_toward_first(chances[name]), _won(held.classes)),
                gold=_against(whole.posterior, *known) if known else None,
            )
        )
    surely = [score for score in scores if score.beats]
    best = min(surely, key=lambda score: score.log_loss).method if surely else MAJORITY
    return Comparison(
        best=best,
        held_out=len(held.units),
        pairs=len(np.unique(held.units)),
        next_bins=bins_of(
            _toward_first(held.foretold_by([*map(_next, held.rest)])), _won(held.classes)
        ),
        scores=scores,
        readings={name: each.reading for name, each in wholes.items() if each.reading},
    )


def _each(
    fits: dict[str, Fit], held: _HeldOut, votes: Labels
) -> tuple[dict[str, Floats], dict[str, Fitted]]:
    """What each method foretells of the held-out votes, and its fit to all votes. The kernels let go of the
    interpreter, so a few fits go side by side; none of them knows of another.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        wholes = {name: pool.submit(fit, votes, TOLERANCE) for name, fit in fits.items()}
        folds = {
            name: [pool.submit(fit, rest, FOLD_TOLERANCE) for rest in held.rest]
            for name, fit in fits.items()
        }
        chances = {name: held.foretold_by([each.result() for each in folds[name]]) for name in fits}
        return chances, {name: whole.result() for name, whole in wholes.items()}


def bins_of(forecast: Floats, won: Floats) -> list[Bin]:
    """Forecasts of first's share, each turned towards the side that it favours; empty bins are left out."""
    turned = forecast < 0.5
    said = rounded(np.where(turned, 1 - forecast, forecast))
    seen = np.where(turned, 1 - won, won)
    at = np.clip(np.searchsorted(EDGES, said, side="right") - 1, 0, len(EDGES) - 2)
    n = np.bincount(at, minlength=len(EDGES) - 1)
    mean_said = np.bincount(at, said, len(EDGES) - 1) / np.maximum(n, 1)
    hits = np.bincount(at, seen, len(EDGES) - 1).astype(np.float64)
    low, high = jeffreys(hits, n)
    return [
        Bin(
            low=EDGES[each],
            high=EDGES[each + 1],
            n=int(n[each]),
            said=_round(mean_said[each]),
            seen=_round(hits[each] / n[each]),
            least=float(low[each]),
            most=float(high[each]),
        )
        for each in np.flatnonzero(n)
    ]


def _next(votes: Labels) -> Fitted:
    """`p_next` as if it were a posterior without ties; nobody knows better than ½ where nothing can be fitted."""
    counts = counts_of(votes)
    fitted = fit_strength(counts)
    chance = next_vote(counts, fitted.strength) if fitted else np.full(len(counts), 0.5)
    return Fitted(
        posterior=np.stack([chance, np.zeros_like(chance), 1 - chance], axis=1), confusion=None
    )


def _fitted(found: OneCoin | DawidSkene) -> Fitted:
    return Fitted(
        posterior=found.posterior,
        confusion=found.confusion,
        iterations=found.iterations,
        converged=found.converged,
        reading=found,
    )


def _fits(class_prior: ClassPrior, mirror: Mirror) -> dict[str, Fit]:
    common: dict[str, Any] = {"class_prior": class_prior, "mirror": mirror}

    def majority(votes: Labels, _: float) -> Fitted:
        return Fitted(posterior=fit_classes(counts_of(votes), mirror), confusion=None)

    def coin(votes: Labels, tolerance: float) -> Fitted:
        return _fitted(fit_one_coin(votes, tolerance=tolerance, **common))

    def skene(votes: Labels, tolerance: float) -> Fitted:
        return _fitted(fit_dawid_skene(votes, tolerance=tolerance, **common))

    return {MAJORITY: majority, ONE_COIN: coin, DAWID_SKENE: skene}


@dataclass(frozen=True, kw_only=True)
class _HeldOut:
    """Votes whose unit keeps at least one other while they are away; fold by fold."""

    units: Ints
    raters: Ints
    classes: Ints
    folds: Ints
    rest: list[Labels]

    def foretold_by(self, fitted: Sequence[Fitted]) -> Floats:
        """The chances by fold, given each fold's fit to the rest."""
        chances = np.zeros((len(self.units), self.rest[0].shape[1]))
        for fold, fit in enumerate(fitted):
            at = self.folds == fold
            chances[at] = fit.foretell(self.units[at], self.raters[at])
        return chances


def _held_out(votes: Labels) -> _HeldOut:
    """Five folds in which the raters of a unit go round, beginning with another at each unit: nothing is drawn."""
    units = votes.units
    folds = (_turns(units, votes.raters) + units) % FOLDS
    n = np.diff(votes.start)
    together = np.bincount(units * FOLDS + folds, minlength=len(n) * FOLDS)
    testable = together[units * FOLDS + folds] < n[units]
    return _HeldOut(
        units=units[testable],
        raters=votes.raters[testable],
        classes=votes.classes[testable],
        folds=folds[testable],
        rest=[votes.part(folds != fold) for fold in range(FOLDS)],
    )


def _turns(units: Ints, raters: Ints) -> Ints:
    """Which of its unit's raters gave each vote, counted from 0; a rater's votes on one unit stay together."""
    other = np.ones(len(units), dtype=np.bool_)
    other[1:] = (units[1:] != units[:-1]) | (raters[1:] != raters[:-1])
    turns = np.cumsum(other) - 1
    starts = np.zeros(int(units.max(initial=-1)) + 1, dtype=np.int64)
    begin = np.ones(len(units), dtype=np.bool_)
    begin[1:] = units[1:] != units[:-1]
    starts[units[begin]] = turns[begin]
    return turns - starts[units]


def _losses(chances: Floats, classes: Ints) -> Floats:
    given = chances[np.arange(len(classes)), classes]
    losses: Floats = -np.log(np.maximum(given, LEAST_CHANCE))
    return losses


def _gain(differences: Floats, units: Ints) -> tuple[float, float | None, float | None]:
    """The mean difference and its 95 % bounds; votes on one pair are not independent, so their errors add up first."""
    mean = differences.mean()
    pairs = len(np.unique(units))
    if pairs < LEAST_PAIRS:
        return _round(mean), None, None
    sums = np.bincount(units, differences - mean)
    spread = (sums * sums).sum() * pairs / (pairs - 1)
    error = float(np.sqrt(spread) / len(differences))
    return _round(mean), _round(mean - SURE * error), _round(mean + SURE * error)


def _known(votes: Labels, truth: tuple[Ints, Ints] | None) -> tuple[Ints, Ints] | None:
    """Of the known answers those of units that somebody has voted on; None if there are none."""
    if truth is None:
        return None
    units, classes = truth
    voted: Bools = np.diff(votes.start)[units] > 0
    return (units[voted], classes[voted]) if voted.any() else None


def _against(posterior: Floats, units: Ints, classes: Ints) -> Gold:
    believed = posterior[units]
    return Gold(
        n=len(units),
        accuracy=_round(accuracy_against(rounded(believed), classes)),
        log_loss=_round(_losses(believed, classes).mean()),
        bins=bins_of(_toward_first(believed), _won(classes)),
    )


def _toward_first(chances: Floats) -> Floats:
    toward: Floats = chances[:, FIRST] + chances[:, TIE] / 2
    return toward


def _won(classes: Ints) -> Floats:
    return np.where(classes == FIRST, 1.0, np.where(classes == TIE, 0.5, 0.0))


def _round(value: float) -> float:
    return round(float(value), 6) + 0.0
