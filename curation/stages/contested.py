"""Marks pairs on which the votes are not unanimous; it holds nothing.

Contested pairs are kept on purpose: leaving them out makes agreement look better than it is,
and loses the pairs on which experts truly differ.
"""

from __future__ import annotations

from curation.late import pd
from curation.stages.base import Facts, Params, Stage

CLASSES = ["n_first", "n_tie", "n_second"]


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts, params
    return pairs.assign(contested=(pairs[CLASSES] > 0).sum(axis=1) > 1)


CONTESTED = Stage(
    name="contested",
    title="Contested",
    says="Marks pairs whose votes name more than one of first, tie and second.",
    run=run,
    by_row=True,
    adds=("contested",),
    needs=("n_first", "n_tie", "n_second"),
)
