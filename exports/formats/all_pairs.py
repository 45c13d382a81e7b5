"""all: every kept pair with every statistic, whole texts and where they come from; for analysis and for other formats."""

from __future__ import annotations

from curation.late import pa

from .base import Format, Rows, Sources, assemble
from .schemas import (
    MODELS,
    PROVENANCE,
    TEXT,
    Options,
    conversations,
    never_null,
    pair_place,
    pair_statistics,
)


def schema(options: Options) -> pa.Schema:
    """The columns of all; `not_dpo` is null for the rows that trl_dpo has, else the reason why it has not."""
    written_by = MODELS if options.models else ()
    return pa.schema(
        [
            never_null("pair", TEXT),
            *conversations(("prompt", "chosen", "rejected"), options),
            *pair_statistics(),
            *pair_place(),
            pa.field("not_dpo", TEXT),
            *(pa.field(name, TEXT) for name in (*PROVENANCE, *written_by)),
        ]
    )


def build(sources: Sources) -> Rows:
    """Every pair, each text whole: the prompt as it was asked, the responses as they were judged."""
    frame = sources.paired
    texts = sources.read(
        frame,
        ("prompt", "chosen", "rejected"),
        lambda row: (sources.prompt(row), sources.turns(row.chosen), sources.turns(row.rejected)),
    )
    not_dpo = pa.array([reason or None for reason in sources.compared.reasons], type=TEXT)
    made = texts.columns | {"not_dpo": pa.chunked_array([not_dpo])}
    return assemble(schema(sources.options), frame, texts.reasons, made)


FORMAT = Format(
    name="all",
    reads="pandas, DuckDB and your own scripts read it; no trainer needs it",
    schema=schema,
    build=build,
)
