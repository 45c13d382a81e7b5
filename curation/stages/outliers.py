"""Marks pairs whose lengths or margin lie far from what is usual in the run: worth a look, seldom wrong."""

from __future__ import annotations

from curation.late import np, pd
from curation.methods.arrays import Bools, Floats, rounded
from curation.stages.base import Facts, Param, Params, Stage, still_in

SCALE = 1.4826  # makes the median deviation of a normal distribution its standard deviation
LOOKS = ("first_size", "second_size")
LEAST = 20  # pairs below which nothing is usual


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    usual, far = facts.usual or usual_of(pairs), float(params["far"])
    found = {name: _far(values, usual[name], far) for name, values in _measures(pairs).items()}
    return pairs.assign(
        length_ratio=rounded(np.exp(_ratio(pairs))),
        length_outlier=found["ratio"] | found["longest"],
        margin_outlier=found["margin"],
    )


def usual_of(pairs: pd.DataFrame) -> dict[str, tuple[float, float] | None]:
    """Median and robust deviation of each measure among the pairs still in; None where too few are in, or all are alike."""
    within = still_in(pairs)
    return {name: _usual(values[within]) for name, values in _measures(pairs).items()}


def _measures(pairs: pd.DataFrame) -> dict[str, Floats]:
    first, second = _lengths(pairs)
    return {
        "ratio": np.abs(_ratio(pairs)),
        "longest": np.log(np.maximum(first, second) + 1),
        "margin": pairs["margin"].abs().to_numpy(dtype=np.float64),
    }


def _ratio(pairs: pd.DataFrame) -> Floats:
    first, second = _lengths(pairs)
    ratio: Floats = np.log((first + 1) / (second + 1))
    return ratio


def _lengths(pairs: pd.DataFrame) -> tuple[Floats, Floats]:
    seen = pairs if set(LOOKS) <= set(pairs.columns) else look(pairs)
    first, second = (seen[name].to_numpy(dtype=np.float64) for name in LOOKS)
    return first, second


def look(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with LOOKS: how many characters each response has."""
    return pairs.assign(
        **{
            f"{side}_size": np.array(pairs[side].str.len().tolist(), dtype=np.float64)
            for side in ("first", "second")
        }
    )


def _usual(values: Floats) -> tuple[float, float] | None:
    if len(values) < LEAST:
        return None
    middle = float(np.median(values))
    spread = float(SCALE * np.median(np.abs(values - middle)))
    return (middle, spread) if spread else None


def _far(values: Floats, usual: tuple[float, float] | None, far: float) -> Bools:
    """Which values lie more than `far` robust deviations above what is usual; nothing where nothing is."""
    if usual is None:
        return np.zeros(len(values), dtype=np.bool_)
    middle, spread = usual
    found: Bools = rounded((values - middle) / spread) > far
    return found


OUTLIERS = Stage(
    name="outliers",
    title="Outliers",
    says="Marks pairs whose lengths or margin lie far above what is usual in the run.",
    run=run,
    look=look,
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
