"""Weighs the kept pairs so that every prompt cluster counts the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from curation.methods.arrays import rounded
from curation.stages.base import Facts, Params, Stage, still_in


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts, params
    kept = pd.Series(still_in(pairs), index=pairs.index)
    size = kept.groupby(pairs["prompt_cluster"]).transform("sum").to_numpy(dtype=np.float64)
    weight = np.full(len(pairs), np.nan)
    np.divide(1.0, size, out=weight, where=kept.to_numpy(dtype=bool))
    return pairs.assign(weight=rounded(weight))


WEIGHTS = Stage(
    name="weights",
    title="Weights",
    says="Gives each kept pair 1 / (kept pairs in its prompt cluster).",
    run=run,
    adds=("weight",),
)
