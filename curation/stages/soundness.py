"""Marks responses that are broken: cut off, repeating themselves, wrongly decoded, or with a model's control words."""

from __future__ import annotations

from curation.late import pd
from curation.methods.signals import Signals
from curation.stages.base import Facts, Params, Stage, texts
from curation.stages.gates import FLAG, held_when, signals_of, together, when_found


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    found = signals_of(pairs)
    said = together([found["first"], found["second"]], _say)
    pairs = pairs.assign(broken=texts(said, pairs))
    return held_when(params, pairs, pairs["broken"], "broken_text", "Broken: ")


def _say(first: Signals, second: Signals) -> str | None:
    found = [
        f"{', '.join(signals.broken).replace('_', ' ')} in {side}"
        for side, signals in (("first", first), ("second", second))
        if signals.broken
    ]
    return "; ".join(found) or None


SOUNDNESS = Stage(
    name="soundness",
    title="Broken texts",
    says="Marks responses that are cut off, repeat themselves, are wrongly decoded or hold a model’s control words.",
    run=run,
    by_row=True,
    adds=("broken",),
    reasons={"broken_text": "A response is broken."},
    params=(when_found("What happens to a pair with a broken response", FLAG),),
)
