"""Holds the weakest pairs of a prompt that has more of them than the recipe takes."""

from __future__ import annotations

from curation.late import np, pd
from curation.stages.base import Facts, Param, Params, Stage, hold, still_in


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    cap = int(params["cap"])
    over = np.zeros(len(pairs), dtype=bool)
    if cap:
        ranked = _ranked(pairs)
        over[ranked["place"].to_numpy()[ranked["rank"].to_numpy() >= cap]] = True
    return hold(pairs, over, "over_cap", f"Its prompt already has {cap} pairs.")


def _ranked(pairs: pd.DataFrame) -> pd.DataFrame:
    """The rows still in, with their rank inside the prompt cluster: largest |margin| first."""
    frame = pd.DataFrame(
        {
            "place": np.arange(len(pairs)),
            "cluster": pairs["prompt_cluster"].to_numpy(),
            "least": -pairs["margin"].abs().to_numpy(dtype=np.float64),
            "pair": pairs["pair"].to_numpy(dtype=object),
        }
    )[still_in(pairs)]
    frame = frame.sort_values(["cluster", "least", "pair"])
    return frame.assign(rank=frame.groupby("cluster").cumcount())


CAP_PER_PROMPT = Stage(
    name="cap_per_prompt",
    title="Pairs per prompt",
    says=(
        "Keeps at most so many pairs of a prompt cluster, those with the largest margin; "
        "0 keeps all."
    ),
    run=run,
    needs=("margin",),
    reasons={"over_cap": "Its prompt has enough pairs with a margin as large or larger."},
    params=(
        Param(
            name="cap",
            title="Most pairs of one prompt (0: no limit)",
            kind="integer",
            default=0,
            least=0,
            most=1_000_000,
        ),
    ),
)
