"""Judges the votes of each question: counts them, fits the methods, compares these, and settles which one decides.

Everything is fitted for each question on the pairs that no earlier stage has held, with the votes of
repeated pairs pooled into their head. Pairs with a known answer are compared on even where they are held.
"""

from __future__ import annotations

from collections.abc import Iterator

from curation.late import np, pd
from curation.methods import comparison, majority
from curation.methods.arrays import Bools, Ints
from curation.methods.comparison import DAWID_SKENE, MAJORITY, Comparison
from curation.methods.dawid_skene import DawidSkene, fit_dawid_skene
from curation.methods.labels import Labels, distinct
from curation.methods.lookup import places_in, ranks
from curation.methods.majority import FIRST, SECOND, TIE
from curation.methods.one_coin import OneCoin, fit_one_coin
from curation.stages.base import Facts, Params, outcomes, still_in, voted_rows
from curation.stages.judged import ASKED, BEST, CLASSES, NONE_BETTER, TOO_FEW, Ballots, Fit, Judged
from curation.stages.orders import sides_of

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
    home = voted_rows(pairs, votes)
    if (home < 0).any():
        votes, home = votes.loc[home >= 0], home[home >= 0]
    codes, names = pd.factorize(votes["rater"], sort=True)
    rows, raters, outcome = _addressed(pairs, home, codes.astype(np.int64), outcomes(votes))
    keys = (ranks(pairs["pair"])[rows] * max(len(names), 1) + raters) * 7 + outcome + 3
    kept = np.unique(keys, return_index=True)[1]
    return Ballots(
        rows=rows[kept],
        raters=raters[kept],
        outcomes=outcome[kept],
        names=[str(name) for name in names],
        duplicates=len(keys) - len(kept),
    )


def _addressed(
    pairs: pd.DataFrame, home: Ints, raters: Ints, outcome: Ints
) -> tuple[Ints, Ints, Ints]:
    """The votes with the row each counts for, outcomes turned where that pair lies the other way."""
    if "pooled_into" not in pairs.columns:
        return home, raters, outcome
    into = places_in(pairs["pair"], pairs["pooled_into"])[home]
    moved = np.flatnonzero(into >= 0)
    turned = pairs["pooled_turned"].to_numpy(dtype=bool)[home[moved]]
    return (
        np.concatenate([home, into[moved]]),
        np.concatenate([raters, raters[moved]]),
        np.concatenate([outcome, np.where(turned, -outcome[moved], outcome[moved])]),
    )


def _fits(pairs: pd.DataFrame, facts: Facts, ballots: Ballots, params: Params) -> Iterator[Fit]:
    """One fit for each question that has pairs still in, in order of the questions' names."""
    counted, hashes = still_in(pairs), ranks(pairs["pair"])
    answers, sides = _answers(pairs, facts), sides_of(pairs)
    for question, ours in questions_of(pairs):
        if not (counted & ours).any():
            continue
        rows = by_hash(np.flatnonzero(counted & ours), hashes)
        known = np.flatnonzero(ours & (answers >= 0))
        beside = by_hash(np.setdiff1d(known, rows), hashes)
        yield _fitted(question, rows, beside, answers, ballots, sides.iloc[rows], params)


def questions_of(pairs: pd.DataFrame) -> Iterator[tuple[str, Bools]]:
    """Each question of the pairs, in order of their names, and which pairs are of it."""
    codes, names = pd.factorize(pairs["question"], sort=True)
    for number, name in enumerate(names):
        yield str(name), codes == number


def _answers(pairs: pd.DataFrame, facts: Facts) -> Ints:
    """The class of each pair's known answer, −1 where nobody knows it."""
    known = [facts.truth.get(pair) for pair in pairs["pair"]] if facts.truth else []
    if not known:
        return np.full(len(pairs), -1, dtype=np.int64)
    classes = majority.class_of(np.array([each or 0 for each in known], dtype=np.int64))
    return np.where([each is None for each in known], -1, classes)


def by_hash(rows: Ints, hashes: Ints) -> Ints:
    """Rows in the order of their pairs' hashes, of which all have the rank."""
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
