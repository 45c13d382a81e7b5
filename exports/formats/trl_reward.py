"""trl_reward: the rows of trl_dpo for reward models, with the margin their loss may subtract and nothing else."""

from __future__ import annotations

from curation.late import pa

from .base import Format, Rows, Sources
from .schemas import TEXT, Options, conversations, never_null
from .trl_dpo import compared


def schema(options: Options) -> pa.Schema:
    """The columns of trl_reward; TRL's RewardTrainer fails on a null margin, so there is none."""
    texts = conversations(("prompt", "chosen", "rejected"), options)
    return pa.schema([never_null("pair", TEXT), *texts, never_null("margin", pa.float64())])


def build(sources: Sources) -> Rows:
    """The rows of trl_dpo."""
    return compared(sources, schema(sources.options))


FORMAT = Format(
    name="trl_reward",
    reads="TRL's RewardTrainer reads prompt, chosen, rejected, and margin as the margin of its loss",
    schema=schema,
    build=build,
)
