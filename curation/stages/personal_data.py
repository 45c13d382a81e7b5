"""Finds pairs with personal data in a text: addresses, telephone and card numbers, bank accounts."""

from __future__ import annotations

import pandas as pd

from curation.stages.base import Facts, Params, Stage, hold
from curation.stages.gates import FLAG, HOLD, REDACT, kinds_in, when_found


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    said = kinds_in(pairs, facts, lambda signals: signals.personal)
    pairs = pairs.assign(personal=said)
    if params["when_found"] != HOLD:
        return pairs
    marked = said.notna().to_numpy(dtype=bool)
    return hold(pairs, marked, "personal_data", "It holds personal data: " + said + ".")


PERSONAL_DATA = Stage(
    name="personal_data",
    title="Personal data",
    says="Finds e-mail addresses, telephone, card and account numbers, social security numbers and public IP addresses.",
    run=run,
    by_row=True,
    adds=("personal",),
    reasons={"personal_data": "A text of it holds personal data."},
    params=(when_found("What happens to a pair with personal data", FLAG, REDACT),),
)
