"""Labels that raters gave to units, each once, in the order in which the methods of EM go through them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from curation.late import np
from curation.methods.arrays import Bools, Floats, Ints

ClassPrior = Literal["empirical", "uniform"]
Mirror = tuple[int, ...]

TOLERANCE = 1e-8
MOST_ITERATIONS = 500


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Distinct votes sorted by unit, rater and class; unit u has those from `start[u]` to `start[u + 1]`.

    A vote's cell is rater × classes + class. `shape` is (units, classes), `votes` the count of each
    rater. `duplicates` were left out.
    """

    start: Ints
    cells: Ints
    shape: tuple[int, int]
    votes: Ints
    duplicates: int

    @property
    def units(self) -> Ints:
        """The unit of each vote."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.start))

    @property
    def raters(self) -> Ints:
        """The rater of each vote."""
        return self.cells // self.shape[1]

    @property
    def classes(self) -> Ints:
        """The class of each vote."""
        return self.cells % self.shape[1]

    def part(self, chosen: Bools) -> Labels:
        """Those of the votes in `chosen`, of the same units and raters."""
        kept = np.concatenate([[0], np.cumsum(chosen)])
        cells = self.cells[chosen]
        classes = self.shape[1]
        return replace(
            self,
            start=kept[self.start],
            cells=cells,
            votes=_by_rater(cells, len(self.votes), classes),
        )


def distinct(
    units: Ints, raters: Ints, labels: Ints, *, n_units: int, n_raters: int, n_classes: int
) -> Labels:
    """Votes given as codes from 0; a rater who gave a unit the same label twice counts once.

    Two different labels of one rater on one unit are two votes.
    """
    keys = (np.asarray(units, dtype=np.int64) * n_raters + raters) * n_classes + labels
    keys.sort()
    fresh = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
    kept = keys[fresh]
    many = n_raters * n_classes
    cells = kept % max(many, 1)
    return Labels(
        start=np.searchsorted(kept, np.arange(n_units + 1) * many).astype(np.int64),
        cells=cells,
        shape=(n_units, n_classes),
        votes=_by_rater(cells, n_raters, n_classes),
        duplicates=len(keys) - len(kept),
    )


def counts_of(votes: Labels) -> Ints:
    """Votes by unit and class: (units, classes)."""
    units, classes = votes.shape
    cells = np.bincount(votes.units * classes + votes.classes, minlength=units * classes)
    return cells.reshape(votes.shape).astype(np.int64)


def shares(votes: Labels) -> Floats:
    """The share of each class among a unit's votes, even where it has none: (units, classes)."""
    counts = counts_of(votes)
    totals = counts.sum(axis=1, keepdims=True)
    even = np.full(votes.shape, 1 / max(votes.shape[1], 1))
    np.divide(counts, totals, out=even, where=totals > 0)
    return even


def prior_of_totals(totals: Floats, units: int, kind: ClassPrior, mirror: Mirror | None) -> Floats:
    """The class prior of an M step, from the posterior's sum over its units; with a mirror it is even on both sides."""
    if kind == "uniform" or units == 0:
        return np.full(len(totals), 1 / len(totals))
    prior: Floats = totals / units
    return prior if mirror is None else (prior + prior[list(mirror)]) / 2


def accuracy_against(posterior: Floats, truth: Ints) -> float:
    """How often the most probable class is the true one; of k classes that share the top each counts 1/k."""
    top = posterior == posterior.max(axis=1, keepdims=True)
    right = top[np.arange(len(truth)), truth] / top.sum(axis=1)
    return float(right.mean())


def _by_rater(cells: Ints, n_raters: int, n_classes: int) -> Ints:
    """How many votes each rater gave."""
    counts = np.bincount(cells, minlength=n_raters * n_classes).reshape(n_raters, n_classes)
    votes: Ints = counts.sum(axis=1).astype(np.int64)
    return votes
