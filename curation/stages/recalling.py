"""Votes read with what is known of their raters: nothing is fitted, so a pair's figures depend on its own votes alone.

Every run reads its pairs this way, with what it has just fitted itself or with what the run knew that it goes on from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.late import np, pd
from curation.methods import majority
from curation.methods.arrays import Floats, Ints, rounded
from curation.methods.comparison import DAWID_SKENE, MAJORITY, ONE_COIN
from curation.methods.dawid_skene import DawidSkene
from curation.methods.em import recall
from curation.methods.labels import Labels
from curation.methods.lookup import ranks
from curation.methods.one_coin import PRIOR, OneCoin
from curation.stages.base import Estimate, Facts, still_in
from curation.stages.judged import CLASSES, RECALLED, Ballots, Fit, Judged
from curation.stages.judging import ballots_of, by_hash, labels_of, questions_of
from curation.stages.orders import sides_of

# Of a rater of whom nothing is known: the mode of the prior.
NOBODY = (PRIOR[0] - 1) / (PRIOR[0] + PRIOR[1] - 2)
# Of a question whose first votes came after the run that estimated: any answer is as likely, and the count decides.
NOTHING: Estimate = {
    "used": MAJORITY,
    "read": ONE_COIN,
    "strength": None,
    "class_prior": [1 / CLASSES] * CLASSES,
    "raters": {},
}


def estimates_of(judged: Judged) -> dict[str, Estimate]:
    """By question: the deciding method, the smoothing's strength (null without enough votes), the class prior, and each
    rater's accuracy or, of Dawid–Skene, confusions by truth and label; as JSON keeps them.
    """
    return {fit.question: _estimate(fit) for fit in judged.fits}


def recalled(pairs: pd.DataFrame, facts: Facts, estimates: Mapping[str, Estimate]) -> Judged:
    """The votes of pairs as the votes stage receives them. A question that nobody had voted on says nothing of its raters."""
    ballots = ballots_of(pairs, facts.votes)
    counted, hashes, sides = still_in(pairs), ranks(pairs["pair"]), sides_of(pairs)
    fits = []
    for question, ours in questions_of(pairs):
        if (counted & ours).any():
            rows = by_hash(np.flatnonzero(counted & ours), hashes)
            fits.append(_read(question, rows, ballots, sides, estimates.get(question, NOTHING)))
    return Judged(ballots=ballots, fits=tuple(fits))


def _estimate(fit: Fit) -> dict[str, Any]:
    seen = np.flatnonzero(fit.reading.votes)
    skene = isinstance(fit.reading, DawidSkene)
    known = fit.reading.confusion if isinstance(fit.reading, DawidSkene) else fit.reading.accuracy
    return {
        "used": fit.used,
        "read": DAWID_SKENE if skene else ONE_COIN,
        "strength": fit.smoothing.strength if fit.smoothing else None,
        "class_prior": fit.reading.class_prior.tolist(),
        "raters": {fit.ballots.names[code]: known[code].tolist() for code in seen},
    }


def _read(
    question: str, rows: Ints, ballots: Ballots, sides: pd.DataFrame, estimate: Estimate
) -> Fit:
    places = np.full(len(sides), -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    ours = ballots.of(places >= 0)
    strength = estimate["strength"]
    smoothing = (
        majority.Smoothing(strength=strength, log_loss=np.nan, votes=0) if strength else None
    )
    return Fit(
        question=question,
        rows=rows,
        ballots=ours,
        places=places,
        smoothing=smoothing,
        reading=_reading(labels_of(ours, places, len(rows)), ours.names, estimate),
        comparison=None,
        used=estimate["used"],
        why=RECALLED,
        sides=sides.iloc[rows],
    )


def _reading(votes: Labels, names: list[str], estimate: Estimate) -> OneCoin | DawidSkene:
    known, prior = estimate["raters"], np.array(estimate["class_prior"])
    unknown = np.full(len(names), np.nan)
    common: dict[str, Any] = {
        "class_prior": prior,
        "low": unknown,
        "high": unknown,
        "votes": votes.votes,
    }
    common |= {"duplicates": votes.duplicates, "iterations": 0, "converged": True}
    if estimate["read"] == DAWID_SKENE:
        even = _coin(np.array([NOBODY]))[0]
        confusion = np.array([known.get(name, even) for name in names]).reshape(
            -1, CLASSES, CLASSES
        )
        posterior = rounded(recall(votes, confusion, prior))
        right = np.einsum("rtt,t->r", confusion, prior)
        return DawidSkene(posterior=posterior, confusion=confusion, accuracy=right, **common)
    accuracy = np.array([known.get(name, NOBODY) for name in names], dtype=np.float64)
    posterior = rounded(recall(votes, _coin(accuracy), prior))
    return OneCoin(posterior=posterior, accuracy=accuracy, **common)


def _coin(accuracy: Floats) -> Floats:
    """P(label | truth) of raters who err evenly: (raters, truths, labels)."""
    wrong = (1 - accuracy)[:, None, None] / (CLASSES - 1)
    return np.where(np.eye(CLASSES, dtype=bool), accuracy[:, None, None], wrong)
