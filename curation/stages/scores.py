"""Says what the reviewers' scores of each response are, where votes were read out of scores.

Critiques and checklists score every response of an item; the better score of one review is its
vote. The settings here decide how critiques weigh and how far apart scores must be; they are used
where a run reads its reviews.
"""

from __future__ import annotations

from curation.late import np, pd
from curation.methods.arrays import Floats, rounded
from curation.stages.base import Facts, Param, Params, Stage, vote_means

COLUMNS = ("score_first", "score_second")


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del params
    means = {name: _means(pairs, facts.votes, name) for name in COLUMNS}
    return pairs.assign(**means)


def _means(pairs: pd.DataFrame, votes: pd.DataFrame, name: str) -> Floats:
    if name not in votes.columns:
        return np.full(len(pairs), np.nan)
    return rounded(vote_means(pairs, votes, name))


SCORES = Stage(
    name="scores",
    title="Scores",
    says=(
        "Adds up what the critiques of a response weigh, and votes for the response with the "
        "better score; gives the mean score of both responses."
    ),
    run=run,
    adds=COLUMNS,
    params=(
        Param(
            name="weights",
            title="Weights of critiques (empty: those of the form)",
            kind="weights",
            default="",
        ),
        Param(
            name="unmarked",
            title="A response without a critique is",
            kind="choice",
            default="faultless",
            choices=("faultless", "unknown"),
        ),
        Param(
            name="tie_within",
            title="Scores that differ by at most this tie",
            kind="number",
            default=0.0,
            least=0,
            most=1_000,
        ),
        Param(
            name="better_by",
            title="Better, not slightly, from a difference of",
            kind="number",
            default=1.0,
            least=0,
            most=1_000,
        ),
        Param(
            name="much_better_by",
            title="Much better from a difference of",
            kind="number",
            default=5.0,
            least=0,
            most=1_000,
        ),
    ),
)
