"""Finds pairs with personal data in a text: addresses, telephone and card numbers, bank accounts."""

from __future__ import annotations

from curation.late import pd
from curation.stages.base import Facts, Params, Stage
from curation.stages.gates import FLAG, REDACT, held_when, kinds_in, when_found


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    said = kinds_in(pairs, lambda signals: signals.personal)
    pairs = pairs.assign(personal=said)
    return held_when(params, pairs, said, "personal_data", "It holds personal data: ")


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
