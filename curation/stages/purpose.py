"""Holds what is not meant for training: evaluation, gold and practice items."""

from __future__ import annotations

from curation.late import pd
from curation.stages.base import Facts, Params, Stage, hold


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts, params
    meant = (pairs["purpose"] == "train").to_numpy(dtype=bool)
    detail = "The item is marked for " + pairs["purpose"].astype("str") + ", not for training."
    return hold(pairs, ~meant, "not_for_training", detail)


PURPOSE = Stage(
    name="purpose",
    title="Not for training",
    says="Holds pairs of items that are marked for evaluation, gold or practice.",
    run=run,
    by_row=True,
    reasons={"not_for_training": "The item is not marked for training."},
    final=frozenset({"not_for_training"}),
)
