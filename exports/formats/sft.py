"""sft: whole conversations that end in a response judged acceptable, each once."""

from __future__ import annotations

from typing import Any

from curation.late import pa

from .base import Format, Rows, Sources, assemble, column
from .content import Conversation
from .schemas import TEXT, Options, conversations, never_null


def schema(options: Options) -> pa.Schema:
    """The columns of sft."""
    return pa.schema(
        [
            never_null("row", TEXT),
            *conversations(("messages",), options),
            pa.field("basis", TEXT),
            pa.field("response", TEXT),
            pa.field("cluster", TEXT),
        ]
    )


def build(sources: Sources) -> Rows:
    """Every acceptable response after its prompt."""
    frame = sources.answered
    texts = sources.read(frame, ("messages",), lambda row: [_whole(sources, row)])
    acceptable = frame["acceptable"].eq(True).fillna(False)
    reasons = [
        reason if good else "not_acceptable"
        for good, reason in zip(acceptable, texts.reasons, strict=True)
    ]
    made = texts.columns | {"response": column(frame, "response_hash")}
    return assemble(schema(sources.options), frame, reasons, made)


def _whole(sources: Sources, row: Any) -> Conversation:
    prompt, answer = sources.cut_answer(row)
    return [*prompt, *answer]


FORMAT = Format(
    name="sft",
    reads="TRL's SFTTrainer, and most others, read messages and ignore the rest",
    schema=schema,
    build=build,
)
