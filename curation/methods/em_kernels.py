"""The compiled step that one-coin and Dawid–Skene share: read the votes once, believe anew, count beliefs by rater."""

from __future__ import annotations

import numpy as np

from curation.methods.arrays import Floats, Ints
from curation.methods.kernels import kernel

# Beliefs are whole multiples of 2^-40, ten thousand times finer than what EM stops at. Where two truths are as likely, EM
# stands on a ridge, and the last bit of a sum would decide on which side it comes down: a matter of the order of votes.
GRAINS = 2.0**40


@kernel
def count_beliefs(start: Ints, cells: Ints, posterior: Floats, counts: Floats) -> None:
    """Add to counts[cell, truth] what the posterior believes of each vote's unit."""
    n_classes = posterior.shape[1]
    for unit in range(posterior.shape[0]):
        for vote in range(start[unit], start[unit + 1]):
            for truth in range(n_classes):
                counts[cells[vote], truth] += posterior[unit, truth]


@kernel
def believe(
    start: Ints,
    cells: Ints,
    gains: Floats,
    prior: tuple[float, ...],
    posterior: Floats,
    counts: Floats,
    totals: Floats,
) -> float:
    """One E step in place; returns the farthest that a probability moved.

    gains[cell, truth] and prior[truth] are logarithms. `counts` and `totals` (truths) come in empty and go out as
    `count_beliefs` and the posterior's sum over units fill them: the votes are read once a step. The prior is a tuple, whose
    length is known when this is compiled: the inner loops unroll, which saves a third of the time.
    """
    n_classes = len(prior)
    scores = np.empty(n_classes)
    farthest = 0.0
    for unit in range(posterior.shape[0]):
        for truth in range(n_classes):
            scores[truth] = prior[truth]
        for vote in range(start[unit], start[unit + 1]):
            cell = cells[vote]
            for truth in range(n_classes):
                scores[truth] += gains[cell, truth]
        top = scores[0]
        for truth in range(1, n_classes):
            top = max(top, scores[truth])
        total = 0.0
        for truth in range(n_classes):
            scores[truth] = np.exp(scores[truth] - top)
            total += scores[truth]
        for truth in range(n_classes):
            scores[truth] = np.rint(scores[truth] / total * GRAINS) / GRAINS
            farthest = max(farthest, abs(scores[truth] - posterior[unit, truth]))
            posterior[unit, truth] = scores[truth]
            totals[truth] += scores[truth]
        for vote in range(start[unit], start[unit + 1]):
            cell = cells[vote]
            for truth in range(n_classes):
                counts[cell, truth] += scores[truth]
    return farthest
