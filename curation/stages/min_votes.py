"""Holds pairs on which too few votes were cast."""

from __future__ import annotations

from curation.late import np, pd
from curation.stages.base import Facts, Param, Params, Stage, hold, texts


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    n = pairs["n_votes"].to_numpy(dtype=np.int64)
    # A rewrite is judged by its writer alone: one vote is all there can be.
    rewritten = pairs["question"].isin(sorted(facts.rewrites)).to_numpy(dtype=bool)
    wanted = np.where(rewritten, 1, int(params["min_votes"]))
    detail = texts(
        [f"{count} of {most} wanted votes." for count, most in zip(n, wanted, strict=True)], pairs
    )
    return hold(pairs, n < wanted, "too_few_votes", detail)


MIN_VOTES = Stage(
    name="min_votes",
    title="Too few votes",
    says="Holds pairs with fewer votes than wanted; a rewrite over its source needs only its writer's.",
    run=run,
    by_row=True,
    needs=("n_votes",),
    reasons={"too_few_votes": "Fewer votes than the recipe wants."},
    params=(
        Param(
            name="min_votes",
            title="Votes wanted on each pair",
            kind="integer",
            default=2,
            least=1,
            most=1_000,
        ),
    ),
)
