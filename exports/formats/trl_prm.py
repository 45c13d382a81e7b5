"""trl_prm: one row a response whose steps were labelled: prompt, the steps as plain texts, and whether each is right."""

from __future__ import annotations

from typing import Any

from curation.late import pa

from .base import Format, Rows, Sources, assemble, column
from .content import BETWEEN_PARTS, LeftOut
from .schemas import TEXT, Options, never_null


def schema(options: Options) -> pa.Schema:
    """The columns of trl_prm: plain text, since trainers of process reward models read no conversations."""
    del options
    return pa.schema(
        [
            never_null("row", TEXT),
            never_null("prompt", TEXT),
            never_null("completions", pa.list_(pa.string())),
            never_null("labels", pa.list_(pa.bool_())),
            pa.field("n", pa.int32()),
            pa.field("question", TEXT),
            pa.field("response", TEXT),
            pa.field("cluster", TEXT),
        ]
    )


def build(sources: Sources) -> Rows:
    """Every response with a labelled step, after a prompt of one turn."""
    frame = sources.stepped
    read = [_prompt(sources, row) for row in frame.itertuples(index=False)]
    made = {
        "prompt": pa.chunked_array([[prompt for prompt, _ in read]], type=TEXT),
        "response": column(frame, "response_hash"),
    }
    return assemble(schema(sources.options), frame, [reason for _, reason in read], made)


def _prompt(sources: Sources, row: Any) -> tuple[str, str]:
    """The prompt as plain text, or why there is no row."""
    if not len(row.labels):
        return "", "undecided"
    try:
        turns = sources.prompt(row)
    except LeftOut as why:
        return "", why.code
    if [turn["role"] for turn in turns if turn["role"] != "system"] != ["user"]:
        return "", "several_turns"
    return BETWEEN_PARTS.join(turn["content"] for turn in turns), ""


FORMAT = Format(
    name="trl_prm",
    reads="TRL's PRMTrainer reads prompt, completions and labels and ignores the rest",
    schema=schema,
    build=build,
)
