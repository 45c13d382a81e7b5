"""What the votes on a pair say when every vote weighs the same: counts, shares, smoothed chances.

Outcome classes are FIRST, TIE and SECOND. A tie counts half for either side wherever a single
share is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from curation.late import np, optimize, stats
from curation.methods.arrays import DECIMALS, Floats, Ints, distinct_rows, rounded

FIRST, TIE, SECOND, NO_VOTES = 0, 1, 2, -1


@cache
def strengths() -> tuple[float, ...]:
    """The strengths among which the fit looks for the best."""
    return tuple(np.geomspace(0.01, 1_000, 61).tolist())


@dataclass(frozen=True, kw_only=True)
class Smoothing:
    """The fitted strength s of a symmetric Beta(s, s), and how well it foretells a vote.

    `log_loss` is the mean over `votes` left-out votes; saying ½ each time costs .693.
    """

    strength: float
    log_loss: float
    votes: int


def class_of(outcomes: Ints) -> Ints:
    """FIRST, TIE or SECOND of signed outcomes (+ = first better)."""
    return np.where(outcomes > 0, FIRST, np.where(outcomes < 0, SECOND, TIE)).astype(np.int64)


def class_counts(units: Ints, classes: Ints, n_units: int) -> Ints:
    """Votes per unit and class: (n_units, 3)."""
    cells = np.bincount(np.asarray(units) * 3 + classes, minlength=n_units * 3)
    return cells.reshape(n_units, 3).astype(np.int64)


def plurality(scores: Ints | Floats) -> Ints:
    """The class with the highest score; TIE where the highest is shared, NO_VOTES where all are 0.

    Broken by row order, a shared top would favour whoever was imported first; so nobody wins.
    """
    top = scores.max(axis=1, initial=0)
    shared = (scores == top[:, None]).sum(axis=1) > 1
    winner = np.where(shared, TIE, scores.argmax(axis=1))
    return np.where(top > 0, winner, NO_VOTES).astype(np.int64)


def vote_share(counts: Ints) -> Floats:
    """First's share of the votes, ties ½; NaN without votes."""
    n = counts.sum(axis=1)
    share = np.full(len(counts), np.nan)
    np.divide(counts[:, FIRST] + counts[:, TIE] / 2, n, out=share, where=n > 0)
    return rounded(share)


def jeffreys(won: Floats, n: Ints, level: float = 0.95) -> tuple[Floats, Floats]:
    """The Jeffreys interval of a share: quantiles of Beta(won + ½, n − won + ½).

    As Brown, Cai and DasGupta define it (2001, "Interval Estimation for a Binomial Proportion",
    §4.3), the lower end is 0 at none won and the upper end 1 at all won. NaN without votes.
    """
    tail = (1 - level) / 2
    won, n = np.asarray(won, dtype=np.float64), np.asarray(n)
    low = np.where(won <= 0, 0.0, stats.beta.ppf(tail, won + 0.5, n - won + 0.5))
    high = np.where(won >= n, 1.0, stats.beta.ppf(1 - tail, won + 0.5, n - won + 0.5))
    return rounded(np.where(n > 0, low, np.nan)), rounded(np.where(n > 0, high, np.nan))


def fit_strength(counts: Ints) -> Smoothing | None:
    """The strength that best foretells each vote from the unit's other votes; None if no unit has two.

    Leave-one-vote-out log-loss with target 1, ½ or 0. One imagined pair of opposite votes is
    added: it weighs nothing among thousands of votes, and keeps a handful of unanimous
    ones from making certainty.
    """
    voted = counts[counts.sum(axis=1) > 1]
    sides = np.sort(voted[:, [FIRST, SECOND]], axis=1)  # which response is first must not matter
    rows = np.column_stack([sides[:, 0], voted[:, TIE], sides[:, 1]])
    if not len(rows):
        return None
    shapes, times = distinct_rows(rows)
    votes = int((shapes.sum(axis=1) * times).sum())
    strength = round(_best_strength(shapes, times), DECIMALS)
    loss = float((_left_out_loss(shapes, strength) * times).sum()) / votes
    return Smoothing(strength=strength, log_loss=round(loss, DECIMALS), votes=votes)


def next_vote(counts: Ints, strength: float) -> Floats:
    """The chance that one more vote goes to first: (s + votes for first) / (2 s + votes)."""
    won = counts[:, FIRST] + counts[:, TIE] / 2
    return rounded((strength + won) / (2 * strength + counts.sum(axis=1)))


def smoothed_classes(counts: Ints, strength: float) -> Floats:
    """Shares of FIRST, TIE and SECOND with the same 2 s of prior weight, a third for each."""
    prior = 2 * strength / 3
    shares: Floats = (counts + prior) / (counts.sum(axis=1, keepdims=True) + 3 * prior)
    return shares


def entropy(shares: Floats) -> Floats:
    """Shannon entropy of each row, in bits."""
    logs = np.zeros_like(shares)
    np.log2(shares, out=logs, where=shares > 0)
    return rounded(-(shares * logs).sum(axis=1))


def _best_strength(shapes: Ints, times: Ints) -> float:
    """The strength of least loss: a place where its slope turns upwards, or an end of `strengths`.

    Found as a root of the slope and not by search: around its least the loss is too flat to
    tell the sixth decimal, and the slope needs no logarithm.
    """

    def loss(strength: float) -> float:
        imagined = 2 * np.log(2 + 1 / strength)
        return round(float((_left_out_loss(shapes, strength) * times).sum() + imagined), DECIMALS)

    def slope(strength: float) -> float:
        imagined = 4 / (2 * strength + 1) - 2 / strength
        return float((_left_out_slope(shapes, strength) * times).sum() + imagined)

    slopes = [slope(strength) for strength in strengths()]
    turns = [
        float(optimize.brentq(slope, low, high, xtol=1e-12))
        for (low, high), (before, after) in zip(
            pairwise(strengths()), pairwise(slopes), strict=True
        )
        if before < 0 <= after
    ]
    return min([strengths()[0], *turns, strengths()[-1]], key=loss)


def _left_out(shapes: Ints) -> Iterator[tuple[float, Ints, Floats, Ints]]:
    """For each target: how many votes have it, and of the other votes the share won and the sum."""
    won = shapes[:, FIRST] + shapes[:, TIE] / 2
    others = shapes.sum(axis=1) - 1
    for target, column in ((1.0, FIRST), (0.5, TIE), (0.0, SECOND)):
        many = shapes[:, column]
        yield target, many, np.where(many > 0, won - target, others / 2), others


def _left_out_loss(shapes: Ints, strength: float) -> Floats:
    """Summed log-loss of the votes of each row of counts, each vote foretold by the others."""
    loss = np.zeros(len(shapes))
    for target, many, won, others in _left_out(shapes):
        p = (strength + won) / (2 * strength + others)
        loss -= many * (target * np.log(p) + (1 - target) * np.log1p(-p))
    return loss


def _left_out_slope(shapes: Ints, strength: float) -> Floats:
    """The derivative of `_left_out_loss` by the strength."""
    slope = np.zeros(len(shapes))
    for target, many, won, others in _left_out(shapes):
        gained = target / (strength + won) + (1 - target) / (strength + others - won)
        slope += many * (2 / (2 * strength + others) - gained)
    return slope
