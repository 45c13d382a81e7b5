"""Holds what a person wants held: the last word over a pair, whatever the other stages think of it.

What a person releases needs no stage: no other one's hold comes about (`Stage.__call__`), and the pair goes on with
its votes, its split and its weight.
"""

from __future__ import annotations

from curation.late import pd
from curation.stages.base import HOLD, Facts, Params, Stage, hold


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del params
    detail = "A person holds it; the page of the pair says who and why."
    return hold(pairs, facts.decided(pairs, HOLD), "held_by_hand", detail)


BY_HAND = Stage(
    name="by_hand",
    title="By hand",
    says="Holds the pairs that a person wants held. It belongs to every recipe.",
    run=run,
    by_row=True,
    reasons={"held_by_hand": "A person holds it, whatever the recipe says."},
    final=frozenset({"held_by_hand"}),
)
