"""Smoothed majority over classes: what share of votes each class will have, given the votes so far.

A unit's shares are drawn towards the classes' shares over all units, as by a Dirichlet prior; its
strength is the one that best foretells each vote from the unit's other votes.
"""

from __future__ import annotations

from curation.late import np
from curation.methods.arrays import Floats, Ints, distinct_rows, rounded
from curation.methods.labels import Mirror
from curation.methods.majority import strengths


def fit_classes(counts: Ints, mirror: Mirror) -> Floats:
    """The chance of each class for one more vote on each unit, (units, classes), from its votes (units, classes).

    Classes that mirror each other have the same prior share. As in `majority.fit_strength` one imagined
    pair of opposite votes keeps a handful of unanimous ones from making certainty.
    """
    seen = counts.sum(axis=0) + 1.0
    seen = (seen + seen[list(mirror)]) / 2
    share = seen / seen.sum()
    shapes, times = _shapes(counts)
    losses = [_left_out_loss(shapes, times, strength * share) for strength in strengths()]
    prior = strengths()[int(np.argmin(losses))] * share
    chances: Floats = (counts + prior) / (counts.sum(axis=1, keepdims=True) + prior.sum())
    return chances


def _shapes(counts: Ints) -> tuple[Ints, Ints]:
    """The distinct rows of counts with two votes or more, how often each is there; the imagined pair among them."""
    opposite = np.zeros((1, counts.shape[1]), dtype=np.int64)
    opposite[0, [0, -1]] = 1
    rows = np.concatenate([counts[counts.sum(axis=1) > 1], opposite])
    return distinct_rows(rows)


def _left_out_loss(shapes: Ints, times: Ints, prior: Floats) -> float:
    others = shapes.sum(axis=1, keepdims=True) - 1 + prior.sum()
    chances = (np.maximum(shapes - 1, 0) + prior) / others
    return float(rounded(-(times @ (shapes * np.log(chances)).sum(axis=1))))
