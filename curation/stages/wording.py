"""Marks responses that refuse, that open or close with a phrase that goes with anything, and that say which model they are."""

from __future__ import annotations

from functools import partial

from curation.late import pd
from curation.methods.signals import Signals
from curation.stages.base import Facts, Param, Params, Stage, hold
from curation.stages.gates import FLAG, HOLD, anywhere, when_found

SAYS = {
    "refusal": "A response refuses what was asked",
    "canned": "A response opens or closes with a phrase that goes with anything",
    "names_model": "A response says which model it is",
}


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    for code, sentence in SAYS.items():
        marked, place = anywhere(pairs, partial(_says, code), ("first", "second"))
        pairs = pairs.assign(**{code: place})
        if params[f"when_{code}"] == HOLD:
            pairs = hold(pairs, marked, code, sentence + ": " + place + ".")
    return pairs


def _says(code: str, signals: Signals) -> bool:
    return code in signals.wording


def _param(code: str, title: str) -> Param:
    usual = when_found(title, FLAG)
    return Param(
        name=f"when_{code}", title=title, kind="choice", default=FLAG, choices=usual.choices
    )


WORDING = Stage(
    name="wording",
    title="Refusals and phrases",
    says="Marks responses that refuse, canned openings and closings, and responses that say which model they are.",
    run=run,
    by_row=True,
    adds=tuple(SAYS),
    reasons={code: f"{sentence}." for code, sentence in SAYS.items()},
    params=(
        _param("refusal", "What happens to a pair with a refusal"),
        _param("canned", "What happens to a pair with a canned phrase"),
        _param("names_model", "What happens to a pair that names its model"),
    ),
)
