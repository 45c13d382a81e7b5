"""One-coin EM: the latent truth of each unit and one accuracy for each rater.

The model: a rater names the true class with their accuracy, and any other class evenly
otherwise. Accuracy has a Beta(8, 2) prior; its mode is taken in each M step (MAP). See Zhang et al.
2014, "Spectral Methods Meet EM", §2 for the one-coin model.
"""

from __future__ import annotations

from dataclasses import dataclass

from curation.late import np, stats
from curation.methods.arrays import Floats, Ints, rounded
from curation.methods.em import run_em
from curation.methods.labels import TOLERANCE, ClassPrior, Labels, Mirror, distinct

PRIOR = (8.0, 2.0)


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

    @property
    def confusion(self) -> Floats:
        """P(label | truth), (raters, truths, labels)."""
        return _confusion(self.accuracy, self.posterior.shape[1])


def one_coin(
    units: Ints,
    raters: Ints,
    labels: Ints,
    *,
    n_units: int,
    n_raters: int,
    n_classes: int,
    class_prior: ClassPrior = "empirical",
    mirror: Mirror | None = None,
) -> OneCoin:
    """Fit to votes given as codes from 0, in any order.

    `mirror` maps each class to its mirror image, for comparisons: with it the class prior is even
    on both sides, so turning a comparison round turns its posterior round and no more.
    """
    votes = distinct(units, raters, labels, n_units=n_units, n_raters=n_raters, n_classes=n_classes)
    return fit_one_coin(votes, class_prior=class_prior, mirror=mirror)


def fit_one_coin(
    votes: Labels,
    *,
    class_prior: ClassPrior,
    mirror: Mirror | None,
    tolerance: float = TOLERANCE,
) -> OneCoin:
    """The same of labels that are sorted already, until no probability moves by more than `tolerance`."""
    found = run_em(
        votes,
        lambda counts: np.log(_confusion(_accuracy(_hits(counts), votes.votes), votes.shape[1])),
        class_prior=class_prior,
        mirror=mirror,
        tolerance=tolerance,
    )
    hits = _hits(found.counts)
    low, high = _interval(hits, votes.votes)
    return OneCoin(
        posterior=rounded(found.posterior),
        class_prior=rounded(found.class_prior),
        accuracy=rounded(_accuracy(hits, votes.votes)),
        low=low,
        high=high,
        votes=votes.votes,
        duplicates=votes.duplicates,
        iterations=found.iterations,
        converged=found.converged,
    )


def vote_weight(accuracy: Floats, n_classes: int) -> Floats:
    """The log-odds that one vote of a rater adds to the class it names; none below chance."""
    return np.maximum(np.log(accuracy * (n_classes - 1) / (1 - accuracy)), 0.0)


def _hits(counts: Floats) -> Floats:
    """How many votes of each rater name what EM believes, by (raters, labels, truths)."""
    hits: Floats = np.trace(counts, axis1=1, axis2=2)
    return hits


def _accuracy(hits: Floats, votes: Ints) -> Floats:
    a, b = PRIOR
    accuracy: Floats = (hits + a - 1) / (votes + a + b - 2)
    return accuracy


def _confusion(accuracy: Floats, n_classes: int) -> Floats:
    """P(label | truth) of each rater, the same for every wrong label: symmetric in label and truth."""
    right = accuracy[:, None, None]
    wrong = ((1 - accuracy) / (n_classes - 1))[:, None, None]
    return np.where(np.eye(n_classes, dtype=np.bool_), right, wrong)


def _interval(hits: Floats, votes: Ints) -> tuple[Floats, Floats]:
    hits = np.minimum(hits, votes)
    a, b = PRIOR[0] + hits, PRIOR[1] + votes - hits
    return rounded(np.asarray(stats.beta.ppf(0.025, a, b))), rounded(
        np.asarray(stats.beta.ppf(0.975, a, b))
    )
