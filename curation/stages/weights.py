"""Weighs the kept pairs: every prompt cluster counts the same, or every vote what it weighs by itself."""

from __future__ import annotations

from curation.late import np, pd
from curation.methods.arrays import Floats, rounded
from curation.stages.base import Facts, Param, Params, Stage, still_in, vote_means
from curation.stages.mixture import evened_weights


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    kept = still_in(pairs)
    own = np.where(kept, _of_votes(pairs, facts.votes), np.nan)
    if params["by"] == "votes":
        return pairs.assign(weight=rounded(evened_weights(pairs, own)))
    total = pd.Series(own, index=pairs.index).groupby(pairs["prompt_cluster"]).transform("sum")
    shared = own / total.to_numpy(dtype=np.float64)
    return pairs.assign(weight=rounded(evened_weights(pairs, shared)))


def _of_votes(pairs: pd.DataFrame, votes: pd.DataFrame) -> Floats:
    """The mean weight of each pair's votes, 1 without any: less than 1 where an order of three and more was read."""
    if "weight" not in votes.columns:
        return np.ones(len(pairs))
    return np.nan_to_num(vote_means(pairs, votes, "weight"), nan=1.0)


WEIGHTS = Stage(
    name="weights",
    title="Weights",
    says=(
        "Gives the kept pairs of each prompt cluster a weight of 1 together, shared as their votes "
        "weigh; or each pair the weight of its votes. A mixture that weighs gives each group its share of them."
    ),
    run=run,
    adds=("weight",),
    params=(
        Param(
            name="by",
            title="What counts the same",
            kind="choice",
            default="prompts",
            choices=("prompts", "votes"),
        ),
    ),
)
