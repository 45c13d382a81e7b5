"""One-coin EM: the latent truth of each unit and one accuracy for each rater.

The model: a rater names the true class with their accuracy, and any other class evenly
otherwise. Accuracy has a Beta(8, 2) prior; its mode is taken in each M step (MAP). See Zhang et al.
2014, "Spectral Methods Meet EM", §2 for the one-coin model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import beta

from curation.methods.arrays import Floats, Ints, rounded

ClassPrior = Literal["empirical", "uniform"]

PRIOR = (8.0, 2.0)
TOLERANCE = 1e-8
MOST_ITERATIONS = 500


@dataclass(frozen=True, kw_only=True)
class OneCoin:
    """`posterior` is (units, classes); rater arrays are in the order of the raters' codes.

    `low` and `high` bound 95 % of a rater's Beta posterior; `votes` is their count without exact
    duplicates. `duplicates` votes were left out.
    """

    posterior: Floats
    class_prior: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    votes: Ints
    duplicates: int
    iterations: int
    converged: bool


@dataclass(frozen=True, kw_only=True)
class _Labels:
    units: Ints
    raters: Ints
    classes: Ints
    shape: tuple[int, int]
    votes: Ints

    def hits(self, posterior: Floats) -> Floats:
        won = posterior[self.units, self.classes]
        sums: Floats = np.bincount(self.raters, won, len(self.votes)).astype(np.float64)
        return sums

    def add_up(self, weights: Floats) -> Floats:
        cells = self.units * self.shape[1] + self.classes
        sums = np.bincount(cells, weights, self.shape[0] * self.shape[1])
        return sums.astype(np.float64).reshape(self.shape)


def one_coin(
    units: Ints,
    raters: Ints,
    labels: Ints,
    *,
    n_units: int,
    n_raters: int,
    n_classes: int,
    class_prior: ClassPrior = "empirical",
    mirror: tuple[int, ...] | None = None,
) -> OneCoin:
    """Fit to votes given as codes from 0; the caller sorts rows by content, so that sums repeat.

    `mirror` maps each class to its mirror image, for comparisons: with it the class prior is even
    on both sides, so turning a comparison round turns its posterior round and no more.
    """
    votes, duplicates = _distinct(units, raters, labels, n_units, n_raters, n_classes)
    posterior = _shares(votes)
    steps, moved = 0, np.inf
    while moved > TOLERANCE and steps < MOST_ITERATIONS:
        prior = _class_prior(posterior, class_prior, mirror)
        latest = _expect(votes, _accuracy(votes, posterior), prior)
        moved = float(np.abs(latest - posterior).max(initial=0.0))
        posterior, steps = latest, steps + 1
    low, high = _interval(votes, posterior)
    return OneCoin(
        posterior=rounded(posterior),
        class_prior=rounded(_class_prior(posterior, class_prior, mirror)),
        accuracy=rounded(_accuracy(votes, posterior)),
        low=low,
        high=high,
        votes=votes.votes,
        duplicates=duplicates,
        iterations=steps,
        converged=moved <= TOLERANCE,
    )


def vote_weight(accuracy: Floats, n_classes: int) -> Floats:
    """The log-odds that one vote of a rater adds to the class it names; none below chance."""
    return np.maximum(np.log(accuracy * (n_classes - 1) / (1 - accuracy)), 0.0)


def _distinct(
    units: Ints, raters: Ints, labels: Ints, n_units: int, n_raters: int, n_classes: int
) -> tuple[_Labels, int]:
    keys = (np.asarray(units, dtype=np.int64) * n_raters + raters) * n_classes + labels
    kept = np.sort(np.unique(keys, return_index=True)[1])
    distinct = _Labels(
        units=np.asarray(units)[kept],
        raters=np.asarray(raters)[kept],
        classes=np.asarray(labels)[kept],
        shape=(n_units, n_classes),
        votes=np.bincount(np.asarray(raters)[kept], minlength=n_raters).astype(np.int64),
    )
    return distinct, len(keys) - len(kept)


def _shares(votes: _Labels) -> Floats:
    """Where EM starts: the share of each class among a unit's votes, even where it has none."""
    counts = votes.add_up(np.ones(len(votes.units)))
    totals = counts.sum(axis=1, keepdims=True)
    even = np.full(votes.shape, 1 / votes.shape[1])
    np.divide(counts, totals, out=even, where=totals > 0)
    return even


def _accuracy(votes: _Labels, posterior: Floats) -> Floats:
    a, b = PRIOR
    accuracy: Floats = (votes.hits(posterior) + a - 1) / (votes.votes + a + b - 2)
    return accuracy


def _class_prior(posterior: Floats, kind: ClassPrior, mirror: tuple[int, ...] | None) -> Floats:
    units, classes = posterior.shape
    if kind == "uniform" or units == 0:
        return np.full(classes, 1 / classes)
    prior: Floats = posterior.mean(axis=0)
    return prior if mirror is None else (prior + prior[list(mirror)]) / 2


def _expect(votes: _Labels, accuracy: Floats, prior: Floats) -> Floats:
    wrong = (1 - accuracy) / (votes.shape[1] - 1)
    gain = np.log(accuracy) - np.log(wrong)
    scores = votes.add_up(gain[votes.raters]) + np.log(np.maximum(prior, 1e-300))
    odds = np.exp(scores - scores.max(axis=1, initial=-np.inf, keepdims=True))
    chances: Floats = odds / odds.sum(axis=1, keepdims=True)
    return chances


def _interval(votes: _Labels, posterior: Floats) -> tuple[Floats, Floats]:
    hits = np.minimum(votes.hits(posterior), votes.votes)
    a, b = PRIOR[0] + hits, PRIOR[1] + votes.votes - hits
    return rounded(np.asarray(beta.ppf(0.025, a, b))), rounded(np.asarray(beta.ppf(0.975, a, b)))
