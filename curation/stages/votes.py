"""Reads every pair's votes: counts, shares, chances, the chosen side and how strongly it won.

Parameters (smoothing, raters' accuracies, class prior) are fitted for each question on the pairs
that no earlier stage has held, with the votes of repeated pairs pooled into their head. Rows held
earlier keep plain counts of their own votes, for people to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from curation.methods import majority
from curation.methods.arrays import Bools, Floats, Ints, rounded
from curation.methods.majority import FIRST, NO_VOTES, SECOND, TIE
from curation.methods.one_coin import OneCoin, one_coin, vote_weight
from curation.stages.base import Facts, Param, Params, Stage, outcomes, still_in, texts

MIRROR = (SECOND, TIE, FIRST)
LEAST_FOR_CHANCES = 2
COUNTED = ("n_votes", "n_first", "n_tie", "n_second")
SHARES = ("vote_share", "vote_share_lo", "vote_share_hi", "margin", "strength")
FITTED = ("p_next", "p_true", "p_basis", "n_eff", "entropy")
RATER_COLUMNS = ("question", "rater", "accuracy", "low", "high", "votes", "shared")


@dataclass(frozen=True, kw_only=True)
class Ballots:
    """Distinct votes by row: place of the pair, code of the rater, outcome; sorted by content.

    `duplicates` equal votes of one rater on one row were left out.
    """

    rows: Ints
    raters: Ints
    outcomes: Ints
    names: list[str]
    duplicates: int

    def of(self, chosen: Bools) -> Ballots:
        """Those of the rows in `chosen`."""
        at = chosen[self.rows]
        return replace(self, rows=self.rows[at], raters=self.raters[at], outcomes=self.outcomes[at])


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What one question's votes say: `rows` are the places of its pairs, in order of their hashes."""

    question: str
    rows: Ints
    ballots: Ballots
    places: Ints
    smoothing: majority.Smoothing | None
    coin: OneCoin

    @property
    def raters(self) -> pd.DataFrame:
        seen = np.flatnonzero(self.coin.votes)
        return pd.DataFrame(
            {
                "question": self.question,
                "rater": [self.ballots.names[code] for code in seen],
                "accuracy": self.coin.accuracy[seen],
                "low": self.coin.low[seen],
                "high": self.coin.high[seen],
                "votes": self.coin.votes[seen],
                "shared": self._shared()[seen],
            }
        )

    def _shared(self) -> Ints:
        """Each rater's votes on pairs that have at least one vote more."""
        at = self.places[self.ballots.rows]
        company = np.bincount(at, minlength=len(self.rows))[at] > 1
        counts = np.bincount(self.ballots.raters[company], minlength=len(self.ballots.names))
        return counts.astype(np.int64)


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    ballots = ballots_of(pairs, facts.votes)
    counts = majority.class_counts(ballots.rows, majority.class_of(ballots.outcomes), len(pairs))
    n = counts.sum(axis=1)
    winner = majority.plurality(counts)
    chances = _Chances.unknown(n)
    for fit in fits(pairs, ballots, params):
        chances.learn(fit, counts, params)
        if params["method"] == "one_coin":
            voted = n[fit.rows] > 0
            winner[fit.rows] = np.where(voted, majority.plurality(fit.coin.posterior), NO_VOTES)
    turned = winner == SECOND
    return pairs.assign(
        **_counted(ballots, counts, turned),
        **chances.columns(pairs, turned),
        chosen=_sides(pairs, winner),
    )


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


def fits(pairs: pd.DataFrame, ballots: Ballots, params: Params) -> Iterator[Fit]:
    """One fit for each question that has pairs still in, in order of the questions' names."""
    counted = still_in(pairs)
    hashes = pairs["pair"].to_numpy(dtype=object)
    questions = pairs["question"].to_numpy(dtype=object)
    for question in sorted(set(questions[counted])):
        rows = np.flatnonzero(counted & (questions == question))
        rows = rows[np.argsort(hashes[rows], kind="stable")]
        yield _fitted(question, rows, ballots, len(pairs), params)


def raters(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    """The fitted accuracy of each rater on each question: a frame of RATER_COLUMNS.

    To be asked with the pairs as the stage received them. `low` and `high` bound 95 %. `shared`
    are the votes on pairs that somebody else judged too: with fewer than 20 of them the figure says
    more of its prior than of the person.
    """
    settings = {**VOTES.defaults, **params}
    tables = [fit.raters for fit in fits(pairs, ballots_of(pairs, facts.votes), settings)]
    if not tables:
        return pd.DataFrame(columns=list(RATER_COLUMNS))
    return pd.concat(tables, ignore_index=True)


def _addressed(pairs: pd.DataFrame, votes: pd.DataFrame) -> pd.DataFrame:
    """The votes with the row each counts for, outcomes turned where that pair lies the other way."""
    home = pd.Index(pairs["pair"]).get_indexer(pd.Index(votes["pair"]))
    votes, home = votes.loc[home >= 0], home[home >= 0]
    outcome = outcomes(votes)
    at_home = pd.DataFrame({"row": home, "rater": votes["rater"].to_numpy(), "outcome": outcome})
    if "pooled_into" not in pairs.columns:
        return at_home
    into = pd.Index(pairs["pair"]).get_indexer(pd.Index(pairs["pooled_into"]))[home]
    turned = pairs["pooled_turned"].to_numpy(dtype=bool)[home]
    moved = at_home.assign(row=into, outcome=np.where(turned, -outcome, outcome))
    both: pd.DataFrame = pd.concat([at_home, moved.loc[into >= 0]], ignore_index=True)
    return both


def _fitted(question: str, rows: Ints, ballots: Ballots, count: int, params: Params) -> Fit:
    places = np.full(count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    ours = ballots.of(places >= 0)
    classes = majority.class_of(ours.outcomes)
    counts = majority.class_counts(places[ours.rows], classes, len(rows))
    coin = one_coin(
        places[ours.rows],
        ours.raters,
        classes,
        n_units=len(rows),
        n_raters=len(ballots.names),
        n_classes=3,
        class_prior=params["class_prior"],
        mirror=MIRROR,
    )
    smoothing = majority.fit_strength(counts)
    return Fit(
        question=question, rows=rows, ballots=ours, places=places, smoothing=smoothing, coin=coin
    )


@dataclass(frozen=True, kw_only=True)
class _Chances:
    """What needs a fit, for every row; p_* towards first until `columns` turns them."""

    p_next: Floats
    p_true: Floats
    entropy: Floats
    n_eff: Floats

    @classmethod
    def unknown(cls, n: Ints) -> _Chances:
        nothing = np.full(len(n), np.nan)
        return cls(
            p_next=nothing.copy(),
            p_true=nothing.copy(),
            entropy=nothing.copy(),
            n_eff=n.astype(np.float64),
        )

    def learn(self, fit: Fit, counts: Ints, params: Params) -> None:
        known = counts[fit.rows].sum(axis=1) >= LEAST_FOR_CHANCES
        rows, posterior = fit.rows[known], fit.coin.posterior[known]
        if fit.smoothing is not None:
            strength = fit.smoothing.strength
            self.p_next[rows] = majority.next_vote(counts[rows], strength)
            shares = majority.smoothed_classes(counts[rows], strength)
            self.entropy[rows] = majority.entropy(shares)
        self.p_true[rows] = rounded(posterior[:, FIRST] + posterior[:, TIE] / 2)
        if params["method"] == "one_coin":
            self.entropy[rows] = majority.entropy(posterior)
            self.n_eff[fit.rows] = _effective(fit)

    def columns(self, pairs: pd.DataFrame, turned: Bools) -> dict[str, pd.Series | Floats]:
        basis = np.where(np.isnan(self.p_true), "prior", "votes")
        return {
            "p_next": _toward(self.p_next, turned),
            "p_true": _toward(self.p_true, turned),
            "p_basis": texts(basis, pairs),
            "n_eff": self.n_eff,
            "entropy": self.entropy,
        }


def _effective(fit: Fit) -> Floats:
    """Kish's effective number of votes, (Σw)² / Σw², each weighing its rater's log-odds."""
    weight = vote_weight(fit.coin.accuracy, 3)[fit.ballots.raters]
    at = fit.places[fit.ballots.rows]
    total = np.bincount(at, weights=weight, minlength=len(fit.rows))
    squares = np.bincount(at, weights=weight * weight, minlength=len(fit.rows))
    effective = np.zeros(len(fit.rows))
    np.divide(total * total, squares, out=effective, where=squares > 0)
    return rounded(effective)


def _counted(ballots: Ballots, counts: Ints, turned: Bools) -> dict[str, Ints | Floats]:
    n = counts.sum(axis=1)
    won = counts[:, FIRST] + counts[:, TIE] / 2
    won = np.where(turned, n - won, won)
    low, high = majority.jeffreys(won, n)
    signed = _mean(ballots.rows, ballots.outcomes, n)
    return {
        "n_votes": n,
        "n_first": counts[:, FIRST],
        "n_tie": counts[:, TIE],
        "n_second": counts[:, SECOND],
        "vote_share": _toward(majority.vote_share(counts), turned),
        "vote_share_lo": low,
        "vote_share_hi": high,
        "margin": np.where(turned, -signed, signed) + 0.0,
        "strength": _mean(ballots.rows, np.abs(ballots.outcomes), n),
    }


def _mean(rows: Ints, values: Ints, n: Ints) -> Floats:
    """The mean of each row's values; 0 where it has none."""
    total = np.bincount(rows, weights=values, minlength=len(n))
    mean = np.zeros(len(n))
    np.divide(total, n, out=mean, where=n > 0)
    return rounded(mean)


def _toward(chance: Floats, turned: Bools) -> Floats:
    return rounded(np.where(turned, 1 - chance, chance))


def _sides(pairs: pd.DataFrame, winner: Ints) -> pd.Series:
    names = {FIRST: "first", SECOND: "second"}
    return texts([names.get(each) for each in winner.tolist()], pairs)


VOTES = Stage(
    name="votes",
    title="Votes",
    says="Counts each pair's votes, and says which response they choose and how surely.",
    run=run,
    adds=(*COUNTED, *SHARES, *FITTED, "chosen"),
    params=(
        Param(
            name="method",
            title="Who decides the chosen response",
            kind="choice",
            default="majority",
            choices=("majority", "one_coin"),
        ),
        Param(
            name="class_prior",
            title="Class prior of one-coin EM",
            kind="choice",
            default="empirical",
            choices=("empirical", "uniform"),
        ),
    ),
)
