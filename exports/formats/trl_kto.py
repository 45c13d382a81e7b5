"""trl_kto: one row a (prompt, response) that was judged clearly good or clearly bad."""

from __future__ import annotations

from curation.late import pa

from .base import Format, Rows, Sources, assemble, column
from .schemas import TEXT, Options, conversations, never_null


def schema(options: Options) -> pa.Schema:
    """The columns of trl_kto."""
    return pa.schema(
        [
            never_null("row", TEXT),
            *conversations(("prompt", "completion"), options),
            never_null("label", pa.bool_()),
            pa.field("basis", TEXT),
            pa.field("win_share", pa.float64()),
            pa.field("n", pa.int32()),
            pa.field("response", TEXT),
            pa.field("cluster", TEXT),
        ]
    )


def build(sources: Sources) -> Rows:
    """Every response with a label; those between are left out and counted."""
    frame = sources.answered
    texts = sources.read(frame, ("prompt", "completion"), sources.cut_answer)
    undecided = frame["label"].isna()
    reasons = [
        "undecided" if open_ else reason
        for open_, reason in zip(undecided, texts.reasons, strict=True)
    ]
    made = texts.columns | {"response": column(frame, "response_hash")}
    return assemble(schema(sources.options), frame, reasons, made)


FORMAT = Format(
    name="trl_kto",
    reads="TRL's KTOTrainer reads prompt, completion and label and ignores the rest",
    schema=schema,
    build=build,
)
