"""What goes into a format (`Sources`), what comes out of it (`Rows`), and what a format is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from curation.late import pa, pd

from .content import (
    Conversation,
    FormatError,
    LeftOut,
    conversation,
    cut_answer,
    cut_pair,
    row_hash,
    with_context,
)
from .schemas import TEXT, Options, messages

RowTexts = Callable[[Any], Sequence[Conversation]]  # the texts of a frame's row; may raise LeftOut

SPLITS = ("train", "validation", "test")
BATCH = 1_000  # rows in Python at once; the rest of a run stays in Arrow, an array under its 2 GB

PAIR_COLUMNS = (
    *("pair", "question", "split", "cluster", "group_id", "domain", "tags"),
    *("n_votes", "vote_share", "vote_share_lo", "vote_share_hi", "p_next", "p_true", "p_basis"),
    *("method", "margin", "strength", "n_eff", "entropy", "contested", "weight"),
    *("chosen_score", "rejected_score"),
    *("prompt", "context", "chosen", "rejected", "chosen_model", "rejected_model"),
    *("prompt_origin", "prompt_licence", "context_origin", "context_licence"),
    *("chosen_origin", "chosen_licence", "rejected_origin", "rejected_licence"),
)
RESPONSE_COLUMNS = (
    *("prompt", "context", "response", "response_hash", "split", "cluster"),
    *("win_share", "n", "label", "basis", "acceptable"),
    *("prompt_origin", "prompt_licence", "context_origin", "context_licence"),
    *("response_origin", "response_licence"),
)
STEP_COLUMNS = (
    *("prompt", "context", "response_hash", "question", "split", "cluster"),
    *("completions", "labels", "n"),
)


@dataclass(frozen=True, eq=False)
class Sources:
    """The kept rows of a run, as frames; nothing else reaches a file.

    pairs: one row a kept pair, columns PAIR_COLUMNS; `pair`, `cluster` are hex, `split` is one of SPLITS, texts are
        stored JSON (messages; `context` a list of documents), `tags` lists of strings, provenance and models nullable.
    responses: one row a (prompt, response), votes pooled, columns RESPONSE_COLUMNS; `label` true, false or null.

    steps: one row a (question, prompt, response) whose steps were labelled, columns STEP_COLUMNS; `completions` lists of
        texts, `labels` lists of true and false, as long.

    Statistics are those of the chosen side: a share or probability above ½ speaks for it.
    Raises FormatError for a missing column, a value of another type, an unknown split, a repeated pair or a repeated
    (prompt, response).
    """

    pairs: pd.DataFrame
    responses: pd.DataFrame
    options: Options = field(default_factory=Options)
    steps: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=[*STEP_COLUMNS], dtype=object)
    )

    @cached_property
    def paired(self) -> pd.DataFrame:
        """The pairs in row order: by pair hash."""
        _require(self.pairs, PAIR_COLUMNS, "pairs")
        return _in_order(self.pairs, list(self.pairs["pair"]))

    @cached_property
    def answered(self) -> pd.DataFrame:
        """The responses in row order: by `row`, the hash of prompt, context and response."""
        _require(self.responses, RESPONSE_COLUMNS, "responses")
        texts = self.responses[["prompt", "context", "response"]]
        keys = [row_hash(*row) for row in texts.itertuples(index=False)]
        return _in_order(self.responses.assign(row=keys), keys)

    @cached_property
    def stepped(self) -> pd.DataFrame:
        """The labelled steps in row order: by `row`, the hash of prompt, context, response and question."""
        _require(self.steps, STEP_COLUMNS, "steps")
        texts = self.steps[["prompt", "context", "response_hash", "question"]]
        keys = [
            row_hash(*row[:2], orjson.dumps([*row[2:]]).decode())
            for row in texts.itertuples(index=False)
        ]
        return _in_order(self.steps.assign(row=keys), keys)

    @cached_property
    def compared(self) -> Texts:
        """prompt, chosen and rejected of each pair, cut where the assistant is to speak."""
        return self.read(self.paired, ("prompt", "chosen", "rejected"), self._cut_pair)

    def read(self, frame: pd.DataFrame, names: Sequence[str], row_texts: RowTexts) -> Texts:
        """What `row_texts` makes of each row, as one column of conversations a name."""
        arrow = messages(self.options)
        batches = [
            _read_batch(frame.iloc[start : start + BATCH], len(names), row_texts, arrow)
            for start in range(0, len(frame), BATCH)
        ]
        columns = {
            name: pa.chunked_array([arrays[place] for arrays, _ in batches], type=arrow)
            for place, name in enumerate(names)
        }
        return Texts(columns, [reason for _, reasons in batches for reason in reasons])

    def prompt(self, row: Any) -> Conversation:
        """The prompt of a frame's row with its context documents in it."""
        return with_context(self.turns(row.prompt), row.context)

    def turns(self, stored: str) -> Conversation:
        """A stored text as this dataset writes conversations; raises LeftOut."""
        return conversation(stored, tools=self.options.tools)

    def cut_answer(self, row: Any) -> tuple[Conversation, Conversation]:
        """Prompt and answer of a row of `answered`; raises LeftOut."""
        return cut_answer(self.prompt(row), self.turns(row.response))

    def _cut_pair(self, row: Any) -> tuple[Conversation, Conversation, Conversation]:
        return cut_pair(self.prompt(row), self.turns(row.chosen), self.turns(row.rejected))


@dataclass(frozen=True, eq=False)
class Texts:
    """Columns of conversations, and for each row why it has none; empty where it has."""

    columns: dict[str, pa.ChunkedArray]
    reasons: list[str]


@dataclass(frozen=True, eq=False)
class Rows:
    """A format's rows in order, the split of each, and how many rows of the sources it left out for which reason."""

    table: pa.Table
    splits: list[str]
    left_out: dict[str, int]

    def split(self, name: str) -> pa.Table:
        """The rows of one split, in order."""
        return self.table.filter(_mask(split == name for split in self.splits))

    def written_splits(self) -> list[str]:
        """The splits that have rows, in the order of SPLITS."""
        return [name for name in SPLITS if name in set(self.splits)]


@dataclass(frozen=True)
class Format:
    """One way to write a dataset: a YAML config of the published folder.

    `reads` says in one sentence which trainer reads it how; `build(sources)` gives its rows; `schema(options)` is the
    fixed schema those rows have.
    """

    name: str
    reads: str
    schema: Callable[[Options], pa.Schema]
    build: Callable[[Sources], Rows]


def assemble(
    schema: pa.Schema,
    frame: pd.DataFrame,
    reasons: Sequence[str],
    made: Mapping[str, pa.ChunkedArray],
) -> Rows:
    """Those rows of an ordered frame whose reason is empty; `made` gives columns that the frame does not hold.

    `reasons` and every column of `made` are as long as the frame. Raises FormatError for a null where none may be.
    """
    kept = _mask(not reason for reason in reasons)
    columns = [made[f.name] if f.name in made else column(frame, f.name, f.type) for f in schema]
    table = pa.Table.from_arrays([of.filter(kept) for of in columns], schema=schema)
    _refuse_nulls(table)
    splits = [split for split, reason in zip(frame["split"], reasons, strict=True) if not reason]
    left_out = Counter(reason for reason in reasons if reason)
    return Rows(table, splits, dict(sorted(left_out.items())))


def column(frame: pd.DataFrame, name: str, arrow: pa.DataType | str = TEXT) -> pa.ChunkedArray:
    """A frame's column; what says nothing (NaN, None, an empty text) becomes null, whatever way the frame holds it."""
    values = known(frame[name])
    try:
        parts = [pa.array(values[n : n + BATCH], type=arrow) for n in range(0, len(values), BATCH)]
    except (pa.ArrowInvalid, pa.ArrowTypeError) as why:
        raise FormatError("wrong_type", f"Column {name} must hold {arrow}: {why}") from why
    return pa.chunked_array(parts, type=arrow)


def known(series: pd.Series) -> list[Any]:
    """The values with None for all that says nothing."""
    values = series.astype(object).where(series.notna(), None)
    return [None if isinstance(value, str) and not value else value for value in values]


def _mask(kept: Iterable[bool]) -> pa.Array:
    return pa.array(list(kept), type=pa.bool_())


def _in_order(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    _refuse_repeats(keys)
    _refuse_unknown_splits(frame["split"])
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return frame.iloc[order].reset_index(drop=True)


def _read_batch(
    frame: pd.DataFrame, width: int, row_texts: RowTexts, arrow: pa.DataType
) -> tuple[list[pa.Array], list[str]]:
    """One array a text and one reason a row; a row with a reason holds empty conversations."""
    nothing: Sequence[Conversation] = [[]] * width
    read = [_texts_or_reason(row_texts, row) for row in frame.itertuples(index=False)]
    texts = [nothing if isinstance(of, str) else of for of in read]
    arrays = [pa.array([of[place] for of in texts], type=arrow) for place in range(width)]
    return arrays, [of if isinstance(of, str) else "" for of in read]


def _texts_or_reason(row_texts: RowTexts, row: Any) -> Sequence[Conversation] | str:
    try:
        return row_texts(row)
    except LeftOut as why:
        return why.code


def _require(frame: pd.DataFrame, columns: Iterable[str], name: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise FormatError(
            "missing_columns", f"The frame of {name} lacks the columns {', '.join(missing)}."
        )


def _refuse_repeats(keys: list[str]) -> None:
    repeated = sorted(key for key, count in Counter(keys).items() if count > 1)
    if repeated:
        raise FormatError(
            "repeated_rows",
            f"{len(repeated)} rows occur more than once, the first is {repeated[0]}; pool their votes before publishing.",
        )


def _refuse_unknown_splits(splits: Iterable[Any]) -> None:
    unknown = sorted({str(split) for split in splits} - set(SPLITS))
    if unknown:
        raise FormatError(
            "unknown_split", f"A split is one of {', '.join(SPLITS)}, not {', '.join(unknown)}."
        )


def _refuse_nulls(table: pa.Table) -> None:
    holed = [f.name for f in table.schema if not f.nullable and table[f.name].null_count]
    if holed:
        raise FormatError("null_values", f"Every row must have a value in {', '.join(holed)}.")
