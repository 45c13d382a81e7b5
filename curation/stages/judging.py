"""Judges the votes of each question: counts them, fits the methods, compares these, and settles which one decides.

Everything is fitted for each question on the pairs that no earlier stage has held, with the votes of
repeated pairs pooled into their head. Pairs with a known answer are compared on even where they are held.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from curation.late import np, pd
from curation.methods import comparison, majority
from curation.methods.arrays import Ints
from curation.methods.comparison import DAWID_SKENE, MAJORITY, Comparison
from curation.methods.dawid_skene import DawidSkene, fit_dawid_skene
from curation.methods.labels import Labels, distinct
from curation.methods.lookup import places_in
from curation.methods.majority import FIRST, SECOND, TIE
from curation.methods.one_coin import OneCoin, fit_one_coin
from curation.stages.base import Facts, Params, outcomes, still_in
from curation.stages.judged import ASKED, BEST, CLASSES, NONE_BETTER, TOO_FEW, Ballots, Fit, Judged
from curation.stages.orders import SIDES

AUTO = "auto"
MIRROR = (SECOND, TIE, FIRST)


def judge(pairs: pd.DataFrame, facts: Facts, params: Params) -> Judged:
    """Judge the votes of pairs as the votes stage receives them; every setting must be given."""
    ballots = ballots_of(pairs, facts.votes)
    return Judged(ballots=ballots, fits=tuple(_fits(pairs, facts, ballots, params)))


def ballots_of(pairs: pd.DataFrame, votes: pd.DataFrame) -> Ballots:
    """The votes as codes: those of pairs still in at their head, those of held rows at home.

    Equal votes of one rater on one pair count once. Votes on other pairs are not for us.
    """
    table = _addressed(pairs, votes)
    codes, names = pd.factorize(table["rater"], sort=True)
    hashes = pairs["pair"].to_numpy(dtype=object)
    rank = np.empty(len(pairs), dtype=np.int64)
    rank[np.argsort(hashes, kind="stable")] = np.arange(len(pairs))
    rows = table["row"].to_numpy(dtype=np.int64)
    outcome = table["outcome"].to_numpy(dtype=np.int64)
    keys = (rank[rows] * max(len(names), 1) + codes) * 7 + outcome + 3
    kept = np.unique(keys, return_index=True)[1]
    return Ballots(
        rows=rows[kept],
        raters=codes[kept].astype(np.int64),
        outcomes=outcome[kept],
        names=[str(name) for name in names],
        duplicates=len(keys) - len(kept),
    )


def _addressed(pairs: pd.DataFrame, votes: pd.DataFrame) -> pd.DataFrame:
    """The votes with the row each counts for, outcomes turned where that pair lies the other way."""
    home = places_in(pairs["pair"], votes["pair"])
    votes, home = votes.loc[home >= 0], home[home >= 0]
    outcome = outcomes(votes)
    at_home = pd.DataFrame({"row": home, "rater": votes["rater"].to_numpy(), "outcome": outcome})
    if "pooled_into" not in pairs.columns:
        return at_home
    into = places_in(pairs["pair"], pairs["pooled_into"])[home]
    turned = pairs["pooled_turned"].to_numpy(dtype=bool)[home]
    moved = at_home.assign(row=into, outcome=np.where(turned, -outcome, outcome))
    both: pd.DataFrame = pd.concat([at_home, moved.loc[into >= 0]], ignore_index=True)
    return both


def _fits(pairs: pd.DataFrame, facts: Facts, ballots: Ballots, params: Params) -> Iterator[Fit]:
    """One fit for each question that has pairs still in, in order of the questions' names."""
    counted = still_in(pairs)
    hashes = pairs["pair"].to_numpy(dtype=object)
    questions = pairs["question"].to_numpy(dtype=object)
    answers = _answers(pairs, facts)
    for question in sorted(set(questions[counted])):
        ours = questions == question
        rows = _by_hash(np.flatnonzero(counted & ours), hashes)
        known = np.flatnonzero(ours & (answers >= 0))
        beside = _by_hash(np.setdiff1d(known, rows), hashes)
        sides = pairs.iloc[rows][list(SIDES)]
        yield _fitted(question, rows, beside, answers, ballots, sides, params)


def _answers(pairs: pd.DataFrame, facts: Facts) -> Ints:
    """The class of each pair's known answer, −1 where nobody knows it."""
    known = [facts.truth.get(pair) for pair in pairs["pair"]] if facts.truth else []
    if not known:
        return np.full(len(pairs), -1, dtype=np.int64)
    classes = majority.class_of(np.array([each or 0 for each in known], dtype=np.int64))
    return np.where([each is None for each in known], -1, classes)


def _by_hash(rows: Ints, hashes: np.ndarray[Any, Any]) -> Ints:
    return rows[np.argsort(hashes[rows], kind="stable")].astype(np.int64)


def _fitted(
    question: str,
    rows: Ints,
    beside: Ints,
    answers: Ints,
    ballots: Ballots,
    sides: pd.DataFrame,
    params: Params,
) -> Fit:
    places = _places(rows, len(answers))
    ours = ballots.of(places >= 0)
    classes = majority.class_of(ours.outcomes)
    counts = majority.class_counts(places[ours.rows], classes, len(rows))
    compared = _compared(np.concatenate([rows, beside]), answers, ballots, params)
    used, why = _settled(compared, params["method"])
    return Fit(
        question=question,
        rows=rows,
        ballots=ours,
        places=places,
        smoothing=majority.fit_strength(counts),
        reading=_read(ours, places, len(rows), used, params, compared if not len(beside) else None),
        comparison=compared,
        used=used,
        why=why,
        sides=sides,
    )


def _read(
    ballots: Ballots, places: Ints, count: int, used: str, params: Params, same: Comparison | None
) -> OneCoin | DawidSkene:
    """The EM that gives `p_true`; `same` is a comparison on the very same votes, which has fitted it already."""
    name = DAWID_SKENE if used == DAWID_SKENE else comparison.ONE_COIN
    if same is not None and name in same.readings:
        return same.readings[name]
    fit = fit_dawid_skene if name == DAWID_SKENE else fit_one_coin
    labels = labels_of(ballots, places, count)
    return fit(labels, class_prior=params["class_prior"], mirror=MIRROR)


def _compared(rows: Ints, answers: Ints, ballots: Ballots, params: Params) -> Comparison:
    places = _places(rows, len(answers))
    known = np.flatnonzero(answers[rows] >= 0)
    return comparison.compare(
        labels_of(ballots.of(places >= 0), places, len(rows)),
        class_prior=params["class_prior"],
        mirror=MIRROR,
        truth=(known, answers[rows][known]),
    )


def _settled(compared: Comparison, asked: str) -> tuple[str, str]:
    if asked != AUTO:
        return asked, ASKED
    if compared.pairs < comparison.LEAST_PAIRS:
        return MAJORITY, TOO_FEW
    return compared.best, NONE_BETTER if compared.best == MAJORITY else BEST


def labels_of(ballots: Ballots, places: Ints, n_units: int) -> Labels:
    """The ballots' votes as the methods read them: units are places, rows elsewhere are left out."""
    return distinct(
        places[ballots.rows],
        ballots.raters,
        majority.class_of(ballots.outcomes),
        n_units=n_units,
        n_raters=len(ballots.names),
        n_classes=CLASSES,
    )


def _places(rows: Ints, count: int) -> Ints:
    """The place of each row among `rows`, −1 for the others."""
    places = np.full(count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    return places
