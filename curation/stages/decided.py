"""Holds pairs on which the votes prefer neither response."""

from __future__ import annotations

from curation.late import pd
from curation.stages.base import Facts, Params, Stage, hold, texts


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts, params
    counts = zip(pairs["n_first"], pairs["n_tie"], pairs["n_second"], strict=True)
    detail = texts(
        [f"{a} for the first, {t} ties, {b} for the second." for a, t, b in counts], pairs
    )
    undecided = pairs["chosen"].isna().to_numpy(dtype=bool)
    return hold(pairs, undecided, "no_preference", detail)


DECIDED = Stage(
    name="decided",
    title="No preference",
    says="Holds pairs whose most probable outcome is a tie.",
    run=run,
    by_row=True,
    needs=("chosen",),
    reasons={"no_preference": "The votes prefer neither response."},
    final=frozenset({"no_preference"}),  # without a preference there is nothing to learn
)
