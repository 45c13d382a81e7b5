"""trl_dpo: prompt, chosen, rejected as conversations, the statistics of the pair beside them; the default config."""

from __future__ import annotations

from curation.late import pa

from .base import Format, Rows, Sources, assemble
from .schemas import TEXT, Options, conversations, never_null, pair_place, pair_statistics


def schema(options: Options) -> pa.Schema:
    """The columns of trl_dpo."""
    texts = conversations(("prompt", "chosen", "rejected"), options)
    run = (*pair_statistics(), *pair_place())
    return pa.schema([never_null("pair", TEXT), *texts, *run])


def build(sources: Sources) -> Rows:
    """Every pair whose two sides answer one prompt."""
    return compared(sources, schema(sources.options))


def compared(sources: Sources, schema: pa.Schema) -> Rows:
    """Those pairs with the columns of `schema`, which names prompt, chosen and rejected."""
    texts = sources.compared
    return assemble(schema, sources.paired, texts.reasons, texts.columns)


FORMAT = Format(
    name="trl_dpo",
    reads="TRL's DPOTrainer reads prompt, chosen and rejected and ignores the rest",
    schema=schema,
    build=build,
)
