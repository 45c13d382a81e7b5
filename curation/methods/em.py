"""Expectation–maximisation over labels: posterior of each unit's class, given how to read raters off beliefs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from curation.methods.arrays import Floats
from curation.methods.labels import (
    MOST_ITERATIONS,
    TOLERANCE,
    ClassPrior,
    Labels,
    Mirror,
    prior_of,
    prior_of_totals,
    shares,
)

Gains = Callable[[Floats], Floats]
LEAST = 1e-300


@dataclass(frozen=True, kw_only=True)
class Beliefs:
    """Where EM stopped, nothing rounded: `counts` are (raters, labels, truths), beliefs added up."""

    posterior: Floats
    class_prior: Floats
    counts: Floats
    iterations: int
    converged: bool


def run_em(
    votes: Labels,
    gains_of: Gains,
    *,
    class_prior: ClassPrior,
    mirror: Mirror | None,
    tolerance: float = TOLERANCE,
) -> Beliefs:
    """Start from each unit's shares and stop when no probability moves by more than `tolerance`.

    `gains_of` is the M step: from counts to log P(label | truth), both (raters, labels, truths).
    """
    from curation.methods.em_kernels import believe, count_beliefs

    n_raters, classes = len(votes.votes), votes.shape[1]
    posterior = shares(votes)
    believed = prior_of(posterior, class_prior, mirror)
    counts = np.zeros((n_raters * classes, classes))
    count_beliefs(votes.start, votes.cells, posterior, counts)
    steps, moved = 0, np.inf
    while moved > tolerance and steps < MOST_ITERATIONS:
        gains = gains_of(counts.reshape(n_raters, classes, classes)).reshape(counts.shape)
        prior = _logarithms(believed)
        counts, totals = np.zeros_like(counts), np.zeros(classes)
        moved = believe(votes.start, votes.cells, gains, prior, posterior, counts, totals)
        believed = prior_of_totals(totals, len(posterior), class_prior, mirror)
        steps += 1
    return Beliefs(
        posterior=posterior,
        class_prior=believed,
        counts=counts.reshape(n_raters, classes, classes),
        iterations=steps,
        converged=moved <= tolerance,
    )


def recall(votes: Labels, confusion: Floats, class_prior: Floats) -> Floats:
    """What the votes say of each unit when P(label | truth), (raters, truths, labels), and the class prior are known.

    One E step and nothing fitted, so that any part of the units is read as all of them are.
    """
    from curation.methods.em_kernels import believe

    classes = votes.shape[1]
    told = np.log(np.maximum(confusion.transpose(0, 2, 1), LEAST))
    gains = np.ascontiguousarray(told.reshape(len(votes.votes) * classes, classes))
    posterior = np.zeros(votes.shape)
    prior = _logarithms(class_prior)
    nothing = np.zeros_like(gains), np.zeros(classes)
    believe(votes.start, votes.cells, gains, prior, posterior, *nothing)
    return posterior


def _logarithms(shares: Floats) -> tuple[float, ...]:
    return tuple(np.log(np.maximum(shares, LEAST)).tolist())
