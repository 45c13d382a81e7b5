"""Finds pairs that hold part of a registered evaluation set: a model trained on them would know the answers."""

from __future__ import annotations

from curation.late import np, pd
from curation.methods.contamination import Match
from curation.methods.signals import Signals
from curation.stages.base import Facts, Params, Stage, hold, texts
from curation.stages.gates import HOLD, signals_of, together, when_found, where


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    found = signals_of(pairs)
    marked, place = where(
        pairs,
        {side: told.each(lambda each: bool(each.matches), bool) for side, told in found.items()},
    )
    share, own, row = (np.zeros(len(pairs)) for _ in range(3))
    names = np.full(len(pairs), None, dtype=object)
    best = together(found.values(), _strongest)
    for at in np.flatnonzero(marked):
        match = best[at]
        names[at] = f"{match.set}: {match.name}"
        share[at], own[at], row[at] = match.share, match.own_share, match.in_a_row
    named = texts(names, pairs)
    pairs = pairs.assign(
        contaminated=marked,
        eval_match=named,
        eval_where=place,
        eval_share=share,
        eval_own_share=own,
        eval_in_a_row=row.astype(np.int64),
    )
    if params["when_found"] != HOLD:
        return pairs
    detail = "Shares words with " + named + ", in: " + place + "."
    return hold(pairs, marked, "in_evaluation_set", detail)


def _strongest(*texts_of_pair: Signals) -> Match | None:
    """The match with the largest share of an evaluation text; of equal ones the one with more words in a row."""
    known = [signals.matches[0] for signals in texts_of_pair if signals.matches]
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
