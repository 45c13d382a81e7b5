"""The fixed Arrow schemas that formats are built from; they depend on the options of a dataset, never on its data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from curation.late import pa

TEXT = "string"  # Arrow's name for it: naming a column does not load Arrow
SPEAKER = (("role", TEXT), ("content", TEXT))


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
    return pa.list_(pa.struct([*SPEAKER, *(_tool_fields() if options.tools else ())]))


def _tool_fields() -> tuple[tuple[str, Any], ...]:
    function = pa.struct([("name", TEXT), ("arguments", TEXT)])
    call = pa.struct([("id", TEXT), ("type", TEXT), ("function", function)])
    return ("tool_calls", pa.list_(call)), ("tool_call_id", TEXT), ("name", TEXT)


def never_null(name: str, arrow: pa.DataType | str) -> pa.Field:
    """A column that every row fills; the Parquet writer refuses a null in it."""
    return pa.field(name, arrow, nullable=False)


def conversations(names: Iterable[str], options: Options) -> list[pa.Field]:
    """One conversation column a name."""
    return [never_null(name, messages(options)) for name in names]


def pair_statistics() -> list[pa.Field]:
    """What the run measured on a pair. Formulas: docs/columns.md."""
    return [
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
    ]


def pair_place() -> list[pa.Field]:
    """What a pair belongs to."""
    return [
        pa.field("question", TEXT),
        pa.field("cluster", TEXT),
        pa.field("group_id", TEXT),
        pa.field("domain", TEXT),
        pa.field("tags", pa.list_(pa.string())),
    ]


PROVENANCE = tuple(
    f"{text}_{fact}"
    for text in ("prompt", "context", "chosen", "rejected")
    for fact in ("origin", "licence")
)
MODELS = ("chosen_model", "rejected_model")
