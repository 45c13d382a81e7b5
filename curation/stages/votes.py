"""Reads every pair's votes: counts, shares, chances, the chosen side and how strongly it won.

Which method decides, and what it is fitted on, is settled in `judging`. Rows held earlier keep plain
counts of their own votes, for people to read.
"""

from __future__ import annotations

from dataclasses import dataclass

from curation.late import np, pd
from curation.methods import majority
from curation.methods.arrays import Bools, Floats, Ints, rounded
from curation.methods.comparison import MAJORITY, METHODS
from curation.methods.majority import FIRST, SECOND, TIE
from curation.stages.base import Facts, Param, Params, Stage, texts
from curation.stages.judged import Ballots, Fit, Judged, made_by
from curation.stages.judging import AUTO, judge
from curation.stages.orders import ORDERS, PAIRS, VERSIONS

LEAST_FOR_CHANCES = 2
COUNTED = ("n_votes", "n_first", "n_tie", "n_second")
SHARES = ("vote_share", "vote_share_lo", "vote_share_hi", "margin", "strength")
FITTED = ("p_next", "p_true", "p_basis", "n_eff", "entropy", "method")


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    judged = facts.judged or judge(pairs, facts, params)
    ballots = judged.ballots
    counts = majority.class_counts(ballots.rows, majority.class_of(ballots.outcomes), len(pairs))
    n = counts.sum(axis=1)
    winner = majority.plurality(counts)
    chances = _Chances.unknown(n)
    for fit in judged.fits:
        chances.learn(fit, counts)
        winner[fit.rows] = _winner(fit, params)
    turned = winner == SECOND
    return pairs.assign(
        **_counted(ballots, counts, turned),
        **chances.columns(pairs, turned),
        method=_methods(pairs, judged, params),
        chosen=_sides(pairs, winner),
    )


def _winner(fit: Fit, params: Params) -> Ints:
    return fit.winner if params["order"] == PAIRS else fit.ordered(params["order"]).over(fit.winner)


def _methods(pairs: pd.DataFrame, judged: Judged, params: Params) -> pd.Series:
    """Which method decided each row, with its version; rows that entered no fit have their plain majority."""
    names = np.full(len(pairs), made_by(MAJORITY), dtype=object)
    for fit in judged.fits:
        names[fit.rows] = fit.made_by
        if params["order"] != PAIRS:
            names[fit.rows[fit.ordered(params["order"]).at]] = (
                f"{params['order']}/{VERSIONS[params['order']]}"
            )
    return texts(names, pairs)


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

    def learn(self, fit: Fit, counts: Ints) -> None:
        known = counts[fit.rows].sum(axis=1) >= LEAST_FOR_CHANCES
        rows, posterior = fit.rows[known], fit.reading.posterior[known]
        if fit.smoothing is not None:
            strength = fit.smoothing.strength
            self.p_next[rows] = majority.next_vote(counts[rows], strength)
            shares = majority.smoothed_classes(counts[rows], strength)
            self.entropy[rows] = majority.entropy(shares)
        self.p_true[rows] = rounded(posterior[:, FIRST] + posterior[:, TIE] / 2)
        if fit.used != MAJORITY:
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
    """Kish's effective number of votes, (Σw)² / Σw², each weighing what its rater's votes weigh."""
    weight = fit.weights[fit.ballots.raters]
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
            default=AUTO,
            choices=(AUTO, *METHODS),
        ),
        Param(
            name="class_prior",
            title="Class prior of EM",
            kind="choice",
            default="empirical",
            choices=("empirical", "uniform"),
        ),
        Param(
            name="order",
            title="Who decides where reviewers put three responses or more in order",
            kind="choice",
            default=PAIRS,
            choices=ORDERS,
        ),
    ),
)
