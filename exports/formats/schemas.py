"""The fixed Arrow schemas that formats are built from; they depend on the options of a dataset, never on its data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

TEXT = pa.string()
SPEAKER = (("role", TEXT), ("content", TEXT))
TOOL_CALL = pa.struct(
    [("id", TEXT), ("type", TEXT), ("function", pa.struct([("name", TEXT), ("arguments", TEXT)]))]
)
TOOL_FIELDS = (("tool_calls", pa.list_(TOOL_CALL)), ("tool_call_id", TEXT), ("name", TEXT))


@dataclass(frozen=True)
class Options:
    """What a dataset decides once for all of its versions, since it shapes the columns.

    tools: messages carry tool_calls, tool_call_id and name. Off by default: a key that is null in every message makes
        chat templates that ask "is there such a key" fail.
    models: config `all` names the model that wrote each response. Off by default.
    """

    tools: bool = False
    models: bool = False


def messages(options: Options) -> pa.DataType:
    """A conversation: a list of {role, content}, with tool fields if the dataset carries them."""
    return pa.list_(pa.struct([*SPEAKER, *(TOOL_FIELDS if options.tools else ())]))


def never_null(name: str, arrow: pa.DataType) -> pa.Field:
    """A column that every row fills; the Parquet writer refuses a null in it."""
    return pa.field(name, arrow, nullable=False)


def conversations(names: Iterable[str], options: Options) -> list[pa.Field]:
    """One conversation column a name."""
    return [never_null(name, messages(options)) for name in names]


# What the run measured on a pair. Formulas: docs/columns.md.
PAIR_STATISTICS = (
    never_null("margin", pa.float64()),
    pa.field("strength", pa.float64()),
    pa.field("weight", pa.float64()),
    pa.field("n_votes", pa.int32()),
    pa.field("n_eff", pa.float64()),
    pa.field("vote_share", pa.float64()),
    pa.field("vote_share_lo", pa.float64()),
    pa.field("vote_share_hi", pa.float64()),
    pa.field("p_next", pa.float64()),
    pa.field("p_true", pa.float64()),
    pa.field("p_basis", TEXT),
    pa.field("method", TEXT),
    pa.field("entropy", pa.float64()),
    pa.field("contested", pa.bool_()),
    pa.field("chosen_score", pa.float64()),
    pa.field("rejected_score", pa.float64()),
)

# What a pair belongs to.
PAIR_PLACE = (
    pa.field("question", TEXT),
    pa.field("cluster", TEXT),
    pa.field("group_id", TEXT),
    pa.field("domain", TEXT),
    pa.field("tags", pa.list_(TEXT)),
)

PROVENANCE = tuple(
    f"{text}_{fact}"
    for text in ("prompt", "context", "chosen", "rejected")
    for fact in ("origin", "licence")
)
MODELS = ("chosen_model", "rejected_model")
