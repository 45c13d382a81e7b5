"""Formats as functions from a run's frames to rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.formats import DEFAULT, FORMATS, SPLITS, FormatError, Options, Sources
from exports.formats import sft as sft_format
from tests.formats.samples import (
    crscore,
    frames,
    pair_row,
    pandalm,
    response_row,
    sha,
    stored,
    turn,
)

ASK = stored(turn("user", "q"))
GOOD, BAD = stored(turn("assistant", "good")), stored(turn("assistant", "bad"))
BY_NAME = {format.name: format for format in FORMATS}
TOOLS = [turn("assistant", tool_calls=[{"name": "f"}]), turn("tool", "1")]


def rows_of(name: str, sources: Sources) -> list[dict]:
    return BY_NAME[name].build(sources).table.to_pylist()


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@pytest.mark.parametrize(
    "options", [Options(), Options(tools=True, models=True)], ids=["plain", "full"]
)
def test_a_schema_depends_on_the_options_never_on_the_data(format, options):
    full = Sources(pandalm().pairs, pandalm().responses, options)
    for sources in (
        full,
        frames([], [], options),
        Sources(crscore().pairs, crscore().responses, options),
    ):
        assert format.build(sources).table.schema == format.schema(options)


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_rows_are_ordered_by_their_hash_whatever_order_they_came_in(format):
    sources = pandalm()
    turned = Sources(
        sources.pairs.iloc[::-1],
        sources.responses.sample(frac=1, random_state=3),
        steps=sources.steps.iloc[::-1],
    )
    rows, again = format.build(sources), format.build(turned)
    key = "pair" if "pair" in rows.table.column_names else "row"
    keys = rows.table[key].to_pylist()
    assert keys == sorted(keys)
    assert rows.table.equals(again.table)
    assert rows.splits == again.splits


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_every_row_of_the_sources_is_written_or_counted(format):
    sources = pandalm()
    rows = format.build(sources)
    frame = sources.pairs if "pair" in rows.table.column_names else sources.responses
    frame = sources.steps if format.name == "trl_prm" else frame
    assert rows.table.num_rows + sum(rows.left_out.values()) == len(frame)
    assert sum(rows.split(name).num_rows for name in SPLITS) == rows.table.num_rows
    assert rows.table.num_rows > 10


def test_trl_dpo_has_the_columns_trl_reads_and_the_statistics_beside():
    sources = pandalm()
    table = DEFAULT.build(sources).table
    assert table.column_names[1:4] == ["prompt", "chosen", "rejected"]
    by_pair = sources.pairs.set_index("pair")
    for row in table.to_pylist():
        source = by_pair.loc[row["pair"]]
        assert stored(turn("assistant", row["chosen"][0]["content"])) == source["chosen"]
        assert stored(turn("assistant", row["rejected"][0]["content"])) == source["rejected"]
        assert row["p_next"] == source["p_next"]
        assert row["tags"] == source["tags"]
        assert [message.keys() for message in row["prompt"]] == [{"role", "content"}]
    assert DEFAULT.name == "trl_dpo"
    assert not {"chosen_model", "rejected_model", "item"} & set(table.column_names)


def test_trl_reward_is_lean_and_has_the_rows_of_trl_dpo():
    sources = crscore()
    rewards = rows_of("trl_reward", sources)
    assert [row["pair"] for row in rewards] == [row["pair"] for row in rows_of("trl_dpo", sources)]
    assert all(list(row) == ["pair", "prompt", "chosen", "rejected", "margin"] for row in rewards)
    assert {row["margin"] for row in rewards} <= {1.0, 2.0, 3.0}


def test_pairs_of_one_rater_keep_their_nulls_and_their_diff():
    rows = rows_of("trl_dpo", crscore())
    assert len(rows) == 64
    assert {(row["p_next"], row["p_true"], row["p_basis"]) for row in rows} == {
        (None, None, "prior")
    }
    assert all(row["prompt"][-1]["content"].startswith("## Diff\n\n@@ ") for row in rows)


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
def test_a_null_margin_is_refused_by_every_format_that_has_one(nothing):
    sources = frames([pair_row(ASK, GOOD, BAD), pair_row(ASK, BAD, GOOD, margin=nothing)])
    for name in ("trl_dpo", "trl_reward", "all"):
        with pytest.raises(FormatError, match="a value in margin") as refused:
            BY_NAME[name].build(sources)
        assert refused.value.code == "null_values"


def test_an_empty_text_says_nothing_and_is_null():
    empty = dict.fromkeys(("group_id", "domain", "p_basis", "prompt_origin", "chosen_licence"), "")
    (written,) = rows_of("all", frames([pair_row(ASK, GOOD, BAD, **empty)]))
    assert {written[name] for name in empty} == {None}


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
def test_what_is_unknown_is_null_whatever_way_the_frame_says_so(nothing):
    row = pair_row(
        ASK,
        GOOD,
        BAD,
        p_next=nothing,
        group_id=nothing,
        n_votes=nothing,
        tags=nothing,
        contested=nothing,
    )
    (written,) = rows_of("trl_dpo", frames([row]))
    assert [written[name] for name in ("p_next", "group_id", "n_votes", "tags", "contested")] == [
        None
    ] * 5


def test_arrow_backed_frames_give_the_same_rows_as_plain_ones():
    sources = pandalm()
    arrow = Sources(
        sources.pairs.convert_dtypes(dtype_backend="pyarrow").astype(
            {"tags": pd.ArrowDtype(pa.list_(pa.string()))}
        ),
        sources.responses.convert_dtypes(dtype_backend="pyarrow"),
        steps=sources.steps.assign(
            completions=sources.steps["completions"].astype(pd.ArrowDtype(pa.list_(pa.string()))),
            labels=sources.steps["labels"].astype(pd.ArrowDtype(pa.list_(pa.bool_()))),
        ),
    )
    for format in FORMATS:
        assert format.build(arrow).table.equals(format.build(sources).table), format.name


def test_a_label_comes_from_all_judgements_and_those_between_are_left_out():
    responses = [
        response_row(ASK, GOOD, label=True),
        response_row(ASK, BAD, label=False, win_share=0.1),
        response_row(ASK, stored(turn("assistant", "so so")), label=None, win_share=0.5),
    ]
    rows = BY_NAME["trl_kto"].build(frames([], responses))
    written = {row["completion"][0]["content"]: row["label"] for row in rows.table.to_pylist()}
    assert written == {"good": True, "bad": False}
    assert rows.left_out == {"undecided": 1}


def test_the_same_response_to_another_prompt_is_another_row():
    other = stored(turn("user", "another"))
    rows = rows_of("trl_kto", frames([], [response_row(ASK, GOOD), response_row(other, GOOD)]))
    assert len({row["row"] for row in rows}) == 2
    assert {row["response"] for row in rows} == {sha([turn("assistant", "good")])}


def test_sft_holds_acceptable_responses_only_and_each_whole():
    long = stored(turn("assistant", "one moment"), turn("assistant", "good"))
    responses = [
        response_row(ASK, long, acceptable=True),
        response_row(ASK, BAD, acceptable=False),
        response_row(ASK, GOOD, acceptable=None),
    ]
    rows = sft_format.build(frames([], responses))
    assert [[m["content"] for m in row["messages"]] for row in rows.table.to_pylist()] == [
        ["q", "one moment", "good"]
    ]
    assert rows.left_out == {"not_acceptable": 2}


def test_all_keeps_what_trl_dpo_cannot_take_and_says_why():
    chat = [turn("assistant", "1"), turn("user", "and?"), turn("assistant", "2")]
    other = stored(turn("assistant", "x"), *chat[1:])
    sources = frames([pair_row(ASK, stored(*chat), other), pair_row(ASK, GOOD, BAD)])
    assert BY_NAME["trl_dpo"].build(sources).left_out == {"further_turns": 1}
    rows = BY_NAME["all"].build(sources)
    assert rows.left_out == {}
    assert {row["not_dpo"] for row in rows.table.to_pylist()} == {None, "further_turns"}
    assert max(len(row["chosen"]) for row in rows.table.to_pylist()) == 3


def test_models_are_named_only_by_a_dataset_that_asks_for_it():
    pairs = pandalm().pairs
    asked = rows_of("all", Sources(pairs, pandalm().responses, Options(models=True)))
    assert {row["chosen_model"] for row in asked} == set(pairs["chosen_model"])
    for format in FORMATS:
        assert not [name for name in format.schema(Options()).names if "model" in name]


def test_tools_are_written_by_a_dataset_that_carries_them_and_counted_by_one_that_does_not():
    using = stored(*TOOLS, turn("assistant", "good"))
    row, response = pair_row(ASK, using, BAD), response_row(ASK, using)
    for format in (each for each in FORMATS if each.name != "trl_prm"):
        assert format.build(frames([row], [response])).left_out == {"uses_tools": 1}, format.name
        assert format.build(frames([row], [response], Options(tools=True))).left_out == {}, (
            format.name
        )
    (written,) = rows_of("trl_dpo", frames([row], [], Options(tools=True)))
    assert written["chosen"][0]["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert written["chosen"][1]["role"] == "tool"


def test_a_frame_that_breaks_the_contract_is_refused_with_a_sentence():
    row, response = pair_row(ASK, GOOD, BAD), response_row(ASK, GOOD)
    whole = frames([row], [response])
    refused = {
        "repeated_rows": frames([row, row]),
        "unknown_split": frames([row | {"split": "dev"}]),
        "wrong_type": frames([row | {"contested": "no"}]),
        "missing_columns": Sources(whole.pairs.drop(columns="p_next"), whole.responses),
    }
    for code, sources in refused.items():
        with pytest.raises(FormatError) as error:
            DEFAULT.build(sources)
        assert error.value.code == code
    for code, responses in {
        "repeated_rows": [response, response | {"label": False}],
        "unknown_split": [response | {"split": None}],
    }.items():
        with pytest.raises(FormatError) as error:
            BY_NAME["trl_kto"].build(frames([], responses))
        assert error.value.code == code


def test_frames_without_rows_give_tables_without_rows():
    for format in FORMATS:
        rows = format.build(frames([]))
        assert (rows.table.num_rows, rows.splits, rows.left_out, rows.written_splits()) == (
            0,
            [],
            {},
            [],
        )


texts = st.text(st.characters(codec="utf-8"), min_size=1)


@given(texts, texts, texts)
def test_any_text_reaches_the_row_word_for_word(question, good, bad):
    row = pair_row(
        stored(turn("user", question)),
        stored(turn("assistant", good)),
        stored(turn("assistant", bad)),
    )
    written = rows_of("all", frames([row]))[0]
    found = [written[name][0]["content"] for name in ("prompt", "chosen", "rejected")]
    assert found == [question, good, bad]
    assert written["not_dpo"] == ("same_answer" if good == bad else None)


def test_more_rows_than_one_batch_stay_in_order():
    pairs = [pair_row(stored(turn("user", str(n))), GOOD, BAD) for n in range(2_500)]
    table = DEFAULT.build(frames(pairs)).table
    assert isinstance(table["prompt"], pa.ChunkedArray)
    assert table["pair"].to_pylist() == sorted(row["pair"] for row in pairs)
