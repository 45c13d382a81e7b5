"""The written folder in the hands of clients as people install them: datasets, DuckDB, pandas."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from exports.formats import FORMATS, Options, Sources
from exports.front_matter import features
from exports.package import write_package
from exports.shards import Limits
from tests.formats.samples import (
    crscore,
    facts,
    frames,
    pair_row,
    pandalm,
    response_row,
    stored,
    turn,
)

LOAD = """
import json, sys
from datasets import get_dataset_config_names, load_dataset
folder, told = sys.argv[1], {}
for config in [None, *get_dataset_config_names(folder)]:
    loaded = load_dataset(folder, config)
    first = next(iter(loaded.values()))
    told[config or "default"] = {
        "rows": {split: rows.num_rows for split, rows in loaded.items()},
        "columns": first.column_names,
        "first": first[0],
        "features": first.features._to_yaml_list(),
        "streamed": list(next(iter(load_dataset(folder, config, streaming=True).values())))[0],
    }
print(json.dumps(told))
"""


def loaded(folder: Path, home: Path) -> dict:
    """What `load_dataset` gives for each config of a folder, in a process of its own, offline.

    Streams are read to their end: a process that leaves a reader of pyarrow behind in one may abort when it ends.
    """
    env = {
        **os.environ,
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD, folder], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chat")
    write_package(folder, pandalm(), facts(), Limits(shard_rows=10, group_rows=4))
    return folder, loaded(folder, tmp_path_factory.mktemp("home"))


def test_load_dataset_finds_every_config_and_the_default(chat):
    _, told = chat
    assert list(told) == ["default", "trl_dpo", "trl_reward", "trl_kto", "trl_prm", "sft", "all"]
    assert told["default"] == told["trl_dpo"]


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_load_dataset_gives_the_rows_that_were_built(chat, format):
    told = chat[1][format.name]
    rows = format.build(pandalm())
    assert told["rows"] == {split: rows.split(split).num_rows for split in rows.written_splits()}
    assert told["columns"] == format.schema(Options()).names
    assert told["first"] == told["streamed"] == rows.split("train").to_pylist()[0]


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_the_head_declares_the_features_that_the_files_have(chat, format):
    assert chat[1][format.name]["features"] == features(format.schema(Options()))


def test_columns_are_those_trl_looks_for(chat):
    _, told = chat
    assert {"prompt", "chosen", "rejected"} <= set(told["default"]["columns"])
    assert {"prompt", "completion", "label"} <= set(told["trl_kto"]["columns"])
    assert "messages" in told["sft"]["columns"]
    assert isinstance(told["trl_reward"]["first"]["margin"], float)
    assert isinstance(told["trl_kto"]["first"]["label"], bool)
    assert list(told["default"]["first"]["prompt"][0]) == ["role", "content"]


def test_tool_fields_and_models_load_too(tmp_path):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
    using = stored(
        turn("assistant", tool_calls=[call]),
        turn("tool", "1", tool_call_id="c"),
        turn("assistant", "1"),
    )
    ask, bad = stored(turn("user", "q")), stored(turn("assistant", "no"))
    options = Options(tools=True, models=True)
    sources = frames(
        [pair_row(ask, using, bad, chosen_model="m")], [response_row(ask, using)], options
    )
    write_package(tmp_path / "x", sources, facts(waterfall=()))
    told = loaded(tmp_path / "x", tmp_path / "home")
    chosen = told["default"]["first"]["chosen"]
    assert chosen[0]["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"x":1}'}
    assert chosen[1]["tool_call_id"] == "c"
    assert told["all"]["first"]["chosen_model"] == "m"


def test_a_dataset_of_one_split_and_three_configs_loads(tmp_path):
    write_package(tmp_path / "x", crscore(), facts(waterfall=()))
    told = loaded(tmp_path / "x", tmp_path / "home")
    assert list(told) == ["default", "trl_dpo", "trl_reward", "all"]
    assert all(config["rows"] == {"train": 64} for config in told.values())
    assert told["default"]["first"]["p_next"] is None


def test_duckdb_reads_statistics_and_texts(chat):
    folder, _ = chat
    files = duckdb.read_parquet(str(folder / "trl_dpo" / "*.parquet"))
    ((pairs, doubt, longest),) = files.aggregate(
        "count(*), avg(1 - p_next), max(length(chosen[1].content))"
    ).fetchall()
    frame = pandalm().pairs
    assert pairs == 39
    assert doubt == pytest.approx((1 - frame["p_next"]).mean())
    assert (
        longest
        == frame["chosen"].map(lambda text: len(json.loads(text)[0]["parts"][0]["text"])).max()
    )


def test_pandas_reads_a_shard(chat):
    folder, _ = chat
    frame = pd.read_parquet(folder / "trl_kto" / "train-00000-of-00002.parquet")
    assert list(frame.columns) == FORMATS[2].schema(Options()).names
    assert frame["label"].dtype == bool
    assert isinstance(frame["completion"].iloc[0][0]["content"], str)


def test_sources_are_not_changed_by_writing(tmp_path):
    sources = pandalm()
    before = Sources(sources.pairs.copy(deep=True), sources.responses.copy(deep=True))
    write_package(tmp_path / "x", sources, facts())
    pd.testing.assert_frame_equal(sources.pairs, before.pairs)
    pd.testing.assert_frame_equal(sources.responses, before.responses)
