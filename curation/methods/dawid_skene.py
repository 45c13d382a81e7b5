"""Dawid–Skene: the latent truth of each unit, and for each rater how often each truth is given each label.

Dawid and Skene 1979, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm",
with a Dirichlet prior on each row of a rater's confusions: 1 pseudo-count for the right label and
0.1 for each wrong one, added in each M step (posterior mean). EM starts at the units' vote shares,
so it needs no seed; of two classes that end equally probable neither is named.
"""

from __future__ import annotations

from dataclasses import dataclass

from curation.late import np, stats
from curation.methods.arrays import Floats, Ints, rounded
from curation.methods.em import run_em
from curation.methods.labels import TOLERANCE, ClassPrior, Labels, Mirror, distinct

RIGHT, WRONG = 1.0, 0.1


@dataclass(frozen=True, kw_only=True)
class DawidSkene:
    """`posterior` is (units, classes), `confusion` (raters, truths, labels); each row adds up to 1.

    `accuracy` is the chance that a rater's label is right on a unit drawn by the class prior; `low`
    and `high` bound 95 % of the Beta of their believed hits and misses. `duplicates` were left out.
    """

    posterior: Floats
    class_prior: Floats
    confusion: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    votes: Ints
    duplicates: int
    iterations: int
    converged: bool


def dawid_skene(
    units: Ints,
    raters: Ints,
    labels: Ints,
    *,
    n_units: int,
    n_raters: int,
    n_classes: int,
    class_prior: ClassPrior = "empirical",
    mirror: Mirror | None = None,
) -> DawidSkene:
    """Fit to votes given as codes from 0, in any order.

    With a `mirror`, for comparisons, a rater errs alike on both sides: turning a comparison round
    turns its posterior round and no more.
    """
    votes = distinct(units, raters, labels, n_units=n_units, n_raters=n_raters, n_classes=n_classes)
    return fit_dawid_skene(votes, class_prior=class_prior, mirror=mirror)


def fit_dawid_skene(
    votes: Labels,
    *,
    class_prior: ClassPrior,
    mirror: Mirror | None,
    tolerance: float = TOLERANCE,
) -> DawidSkene:
    """The same of labels that are sorted already, until no probability moves by more than `tolerance`."""
    found = run_em(
        votes,
        lambda counts: np.log(_confusion(counts, mirror)),
        class_prior=class_prior,
        mirror=mirror,
        tolerance=tolerance,
    )
    confusion = _confusion(found.counts, mirror)
    right = np.einsum("rtt,t->r", confusion, found.class_prior)
    low, high = _interval(found.counts, votes.votes)
    accuracy = rounded(right)
    return DawidSkene(
        posterior=rounded(found.posterior),
        class_prior=rounded(found.class_prior),
        confusion=rounded(confusion.transpose(0, 2, 1)),
        accuracy=accuracy,
        low=np.minimum(low, accuracy),
        high=np.maximum(high, accuracy),
        votes=votes.votes,
        duplicates=votes.duplicates,
        iterations=found.iterations,
        converged=found.converged,
    )


def bearing(confusion: Floats) -> Floats:
    """How far one vote of a rater moves the odds: the mean over truths of E[ln P(label | truth) / P(label)], in nats.

    It is the information between label and truth when every truth is as likely; 0 for a rater who
    says the same whatever is true. `confusion` is (raters, truths, labels).
    """
    even = confusion.mean(axis=1, keepdims=True)
    told = np.zeros_like(confusion)
    np.log(confusion / np.maximum(even, 1e-300), out=told, where=confusion > 0)
    information: Floats = (confusion * told).sum(axis=2).mean(axis=1)
    return rounded(np.maximum(information, 0.0))


def _confusion(counts: Floats, mirror: Mirror | None) -> Floats:
    """P(label | truth), (raters, labels, truths), of believed counts in the same shape."""
    classes = counts.shape[1]
    if mirror is not None:
        turn = np.array(mirror)
        own = turn == np.arange(classes)  # a truth that is its own image would be counted twice
        counts = (counts + counts[:, turn][:, :, turn]) * np.where(own, 0.5, 1.0)
    padded = counts + np.where(np.eye(classes, dtype=np.bool_), RIGHT, WRONG)
    shares: Floats = padded / padded.sum(axis=1, keepdims=True)
    return shares


def _interval(counts: Floats, votes: Ints) -> tuple[Floats, Floats]:
    hits = np.minimum(np.trace(counts, axis1=1, axis2=2), votes)
    a, b = RIGHT + hits, WRONG * (counts.shape[1] - 1) + votes - hits
    return rounded(np.asarray(stats.beta.ppf(0.025, a, b))), rounded(
        np.asarray(stats.beta.ppf(0.975, a, b))
    )
