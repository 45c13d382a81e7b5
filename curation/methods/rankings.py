"""One order of several candidates out of many comparisons: Schulze's method and ranked pairs.

Both take a table of preferences, (n, n): the weight of those who put row above column; `schulze` and `cyclic`
take many at once, (…, n, n). Both agree
with the majorities wherever these contradict nobody, and differ in which of a cycle they give up. Neither
depends on how candidates are numbered: what is equal stays equal in the result.
"""

from __future__ import annotations

from dataclasses import dataclass

from curation.late import np
from curation.methods.arrays import Bools, Floats, Ints, rounded


@dataclass(frozen=True, kw_only=True)
class Order:
    """`above[a, b]`: a stands above b; transitive, without cycles. Candidates of one rank share it."""

    above: Bools

    @property
    def rank(self) -> Ints:
        """1 for the best, and one more for each that stands above."""
        rank: Ints = 1 + self.above.sum(axis=-2).astype(np.int64)
        return rank


def schulze(preferences: Floats) -> Order:
    """Schulze 2011, "A new monotonic … single-winner election method": winning votes, strongest paths."""
    given = rounded(np.asarray(preferences, dtype=np.float64))
    n = given.shape[-1]
    paths = np.where(given > given.mT, given, 0.0)
    for through in range(n):
        detour = np.minimum(paths[..., :, through, None], paths[..., None, through, :])
        np.maximum(paths, detour, out=paths)
    paths[..., np.arange(n), np.arange(n)] = 0.0
    return Order(above=paths > paths.mT)


def ranked_pairs(preferences: Floats) -> Order:
    """Tideman 1987, "Independence of clones": majorities are locked in, the clearest first, unless they close a cycle.

    The clearest has most votes for it, then fewest against. Those equally clear are locked in
    together, without any that lies on a cycle among them and what was locked in before.
    """
    given = rounded(np.asarray(preferences, dtype=np.float64))
    locked = np.zeros(given.shape, dtype=np.bool_)
    for level in _levels(given):
        open_ = level & ~_closed(locked).T
        locked |= open_ & ~_closed(locked | open_).T
    return Order(above=_closed(locked))


def cyclic(preferences: Floats) -> Bools:
    """Whether the majorities of each table contradict one another: some candidate beats itself over others."""
    given = rounded(np.asarray(preferences, dtype=np.float64))
    own = np.diagonal(_closed(given > given.mT), axis1=-2, axis2=-1)
    return np.asarray(own.any(axis=-1))


def _levels(given: Floats) -> list[Bools]:
    """The majorities, (n, n) for each degree of clearness."""
    wins = given > given.T
    degrees = sorted({(-x, y) for x, y in zip(given[wins], given.T[wins], strict=True)})
    return [wins & (given == -votes) & (against == given.T) for votes, against in degrees]


def _closed(above: Bools) -> Bools:
    """The transitive closure."""
    reached = above.copy()
    for through in range(reached.shape[-1]):
        reached |= reached[..., :, through, None] & reached[..., None, through, :]
    return reached
