"""Finds pairs with a secret in a text: keys, tokens, passwords; of a patch only what it adds."""

from __future__ import annotations

from curation.late import pd
from curation.stages.base import Facts, Params, Stage
from curation.stages.gates import FLAG, REDACT, held_when, kinds_in, when_found


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    said = kinds_in(pairs, lambda signals: signals.secrets)
    pairs = pairs.assign(secret=said)
    return held_when(params, pairs, said, "secret", "It holds a secret: ")


SECRETS = Stage(
    name="secrets",
    title="Secrets",
    says="Finds keys, tokens and passwords; of a patch only in lines that it adds.",
    run=run,
    by_row=True,
    adds=("secret",),
    reasons={"secret": "A text of it holds a key, a token or a password."},
    params=(when_found("What happens to a pair with a secret", FLAG, REDACT),),
)
