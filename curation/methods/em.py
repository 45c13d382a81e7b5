"""Expectation–maximisation over labels: posterior of each unit's class, given how to read raters off beliefs.

Plain EM creeps where raters are hard to tell apart. Two of its steps say where it is going, so it leaps ahead (SQUAREM,
scheme S3 of Varadhan and Roland 2008, "Simple and Globally Convergent Methods for Accelerating the Convergence of Any EM
Algorithm"). A leap after which the next step is longer led away: it is taken back, and plain EM goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from curation.late import np
from curation.methods.arrays import Floats
from curation.methods.labels import (
    MOST_ITERATIONS,
    TOLERANCE,
    ClassPrior,
    Labels,
    Mirror,
    prior_of_totals,
    shares,
)

Gains = Callable[[Floats], Floats]
GRAINS = 2.0**40
LEAST = 1e-300
FAINT = 0.1  # a count below it says next to nothing of a rater
HIGHEST = 50.0  # logarithm of a count; nobody has so many votes


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
    """Start from each unit's shares and stop when a step moves no probability by more than `tolerance`.

    `gains_of` is the M step: from counts to log P(label | truth), both (raters, labels, truths).
    """
    em = _Steps(votes, gains_of, class_prior, mirror)
    here, longest = em.begin(), np.inf
    back = here
    while not em.ended(tolerance):
        there = em.step(here)
        if _length(there - here) > longest:
            here, longest = back, np.inf
            continue
        longest = _length(there - here)
        if em.ended(tolerance):
            here = there
            break
        back = em.step(there)
        here = back if em.ended(tolerance) else _leap(here, there, back)
    return em.beliefs(here, converged=em.moved <= tolerance)


class _Steps:
    """Steps of EM from one point to the next: what is believed of each cell's votes by truth, and below it of all units."""

    def __init__(
        self, votes: Labels, gains_of: Gains, class_prior: ClassPrior, mirror: Mirror | None
    ) -> None:
        self._votes, self._gains_of = votes, gains_of
        self._class_prior, self._mirror = class_prior, mirror
        self.posterior, self.moved, self.taken = shares(votes), np.inf, 0

    def begin(self) -> Floats:
        """The point of the units' shares."""
        from curation.methods.em_kernels import count_beliefs

        counts = np.zeros((len(self._votes.votes) * self._classes, self._classes))
        count_beliefs(self._votes.start, self._votes.cells, self.posterior, counts)
        return self._even(np.vstack([counts, self.posterior.sum(axis=0)]))

    def step(self, point: Floats) -> Floats:
        """Read raters off a point, and believe anew."""
        from curation.methods.em_kernels import believe

        counts = point[:-1]
        gains = self._gains_of(self._by_rater(counts)).reshape(counts.shape)
        after = np.zeros_like(point)
        self.moved = believe(
            self._votes.start,
            self._votes.cells,
            gains,
            _logarithms(self._prior(point)),
            self.posterior,
            after[:-1],
            after[-1],
        )
        self.taken += 1
        return self._even(after)

    def ended(self, tolerance: float) -> bool:
        """Whether the latest step moved next to nothing, or there were enough of them."""
        return self.moved <= tolerance or self.taken >= MOST_ITERATIONS

    def beliefs(self, point: Floats, *, converged: bool) -> Beliefs:
        """The point to which the latest step led."""
        return Beliefs(
            posterior=self.posterior,
            class_prior=self._prior(point),
            counts=self._by_rater(point[:-1]),
            iterations=self.taken,
            converged=converged,
        )

    @property
    def _classes(self) -> int:
        return self._votes.shape[1]

    def _prior(self, point: Floats) -> Floats:
        return prior_of_totals(point[-1], self._votes.shape[0], self._class_prior, self._mirror)

    def _even(self, point: Floats) -> Floats:
        """With a mirror a rater errs alike on both sides, and which side a comparison lies on must not be seen in a length."""
        if self._mirror is None:
            return point
        turn = list(self._mirror)
        counts = self._by_rater(point[:-1])[:, turn][:, :, turn].reshape(point[:-1].shape)
        turned: Floats = np.vstack([counts, point[-1][turn]])
        return (point + turned) / 2

    def _by_rater(self, counts: Floats) -> Floats:
        return counts.reshape(len(self._votes.votes), self._classes, self._classes)


def _leap(here: Floats, there: Floats, back: Floats) -> Floats:
    """Where three points that follow each other are going: by the logarithms of their counts, whose sums stay what they are.

    In whole grains, as what is believed: the order in which a length was summed up shall not decide where a leap ends.
    """
    start, middle, end = (np.log(point + FAINT) for point in (here, there, back))
    first, turn = middle - start, end - 2 * middle + start
    reach = round(_length(first) / max(_length(turn), LEAST), 6)
    if reach <= 1:
        return back
    aim = start + 2 * reach * first + reach * reach * turn
    found = np.maximum(np.exp(np.minimum(aim, HIGHEST)) - FAINT, 0.0)
    sums = np.maximum(found.sum(axis=1, keepdims=True), LEAST)
    leapt: Floats = np.rint(found * (back.sum(axis=1, keepdims=True) / sums) * GRAINS) / GRAINS
    return leapt


def _length(step: Floats) -> float:
    """Of a step, to nine digits."""
    return float(f"{np.sqrt((step * step).sum()):.9g}")


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
