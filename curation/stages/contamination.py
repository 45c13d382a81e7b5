"""Finds pairs that hold part of a registered evaluation set: a model trained on them would know the answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from curation.methods.contamination import Match
from curation.stages.base import Facts, Params, Stage, hold, texts
from curation.stages.gates import HOLD, signals_of, when_found, where


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    found = {
        side: [each.matches[0] if each.matches else None for each in signals]
        for side, signals in signals_of(pairs, facts).items()
    }
    marked, place = where(
        pairs, {side: [match is not None for match in each] for side, each in found.items()}
    )
    best = [_strongest(row) for row in zip(*found.values(), strict=True)]
    named = texts([f"{each.set}: {each.name}" if each else None for each in best], pairs)
    pairs = pairs.assign(
        contaminated=marked,
        eval_match=named,
        eval_where=place,
        eval_share=np.array([each.share if each else 0.0 for each in best], dtype=np.float64),
        eval_own_share=np.array(
            [each.own_share if each else 0.0 for each in best], dtype=np.float64
        ),
        eval_in_a_row=np.array([each.in_a_row if each else 0 for each in best], dtype=np.int64),
    )
    if params["when_found"] != HOLD:
        return pairs
    detail = "Shares words with " + named + ", in: " + place + "."
    return hold(pairs, marked, "in_evaluation_set", detail)


def _strongest(matches: tuple[Match | None, ...]) -> Match | None:
    """The match with the largest share of an evaluation text; of equal ones the one with more words in a row."""
    known = [match for match in matches if match]
    order = sorted(known, key=lambda match: (-match.share, -match.in_a_row, match.set, match.name))
    return order[0] if order else None


CONTAMINATION = Stage(
    name="contamination",
    title="Evaluation sets",
    says=(
        "Finds pairs whose prompt or responses hold half of a text of a registered evaluation set, or thirteen of its "
        "words in a row."
    ),
    run=run,
    by_row=True,
    adds=(
        "contaminated",
        "eval_match",
        "eval_where",
        "eval_share",
        "eval_own_share",
        "eval_in_a_row",
    ),
    reasons={"in_evaluation_set": "It holds part of a registered evaluation set."},
    params=(when_found("What happens to a pair of an evaluation set", HOLD),),
)
