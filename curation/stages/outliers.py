"""Marks pairs whose lengths or margin lie far from what is usual in the run: worth a look, seldom wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd

from curation.methods.arrays import Bools, Floats, rounded
from curation.stages.base import Facts, Param, Params, Stage, still_in

SCALE = 1.4826  # makes the median deviation of a normal distribution its standard deviation
LEAST = 20  # pairs below which nothing is usual


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    lengths = [pairs[side].str.len().to_numpy(dtype=np.float64) for side in ("first", "second")]
    ratio = np.log((lengths[0] + 1) / (lengths[1] + 1))
    longest = np.log(np.maximum(lengths[0], lengths[1]) + 1)
    within = still_in(pairs)
    far = float(params["far"])
    return pairs.assign(
        length_ratio=rounded(np.exp(ratio)),
        length_outlier=_far(np.abs(ratio), within, far) | _far(longest, within, far),
        margin_outlier=_far(pairs["margin"].abs().to_numpy(dtype=np.float64), within, far),
    )


def _far(values: Floats, within: Bools, far: float) -> Bools:
    """Which values lie more than `far` robust deviations above the median of those within; nothing where all are alike."""
    usual = values[within]
    if len(usual) < LEAST:
        return np.zeros(len(values), dtype=np.bool_)
    middle = np.median(usual)
    spread = SCALE * np.median(np.abs(usual - middle))
    if spread == 0:
        return np.zeros(len(values), dtype=np.bool_)
    found: Bools = rounded((values - middle) / spread) > far
    return found


OUTLIERS = Stage(
    name="outliers",
    title="Outliers",
    says="Marks pairs whose lengths or margin lie far above what is usual in the run.",
    run=run,
    adds=("length_ratio", "length_outlier", "margin_outlier"),
    needs=("margin",),
    params=(
        Param(
            name="far",
            title="Robust deviations above the median",
            kind="number",
            default=5.0,
            least=1,
            most=100,
        ),
    ),
)
