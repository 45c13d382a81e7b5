"""What the page of a version tells people to copy does what it says, as far as it runs without a hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from exports.package import write_package
from exports.snippets import Snippet, Source, snippets
from tests.formats.samples import facts, pandalm

PATHS = ("trl_dpo/train-00000-of-00001.parquet", "trl_dpo/test-00000-of-00001.parquet")
SOURCE = Source("https://touchstone.example/hub", "northgate/chat-prefs", "v1.0", PATHS)
BY_CODE = {snippet.code: snippet for snippet in snippets(SOURCE)}


def run(script: str, folder: Path, here: Path) -> str:
    """The output of a snippet whose dataset is a local folder, in a process of its own, offline."""
    local = script.replace("northgate/chat-prefs.v1.0", str(folder))
    local = local.replace("hf://datasets/", "")
    env = {
        **os.environ,
        "HF_HOME": str(here / "home"),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", local],
        check=False,
        env=env,
        cwd=here,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("version")
    write_package(where, pandalm(), facts())
    return where


def test_llama_factory_gets_one_message_a_side(folder: Path, tmp_path: Path) -> None:
    script, info = BY_CODE["llama-factory"].blocks
    (tmp_path / "data").mkdir()
    run(script.text, folder, tmp_path)
    written = [
        json.loads(line)
        for line in (tmp_path / "data" / "chat-prefs.jsonl").read_text().splitlines()
    ]
    rows = pq.read_table(folder / PATHS[0]).to_pylist()
    assert len(written) == len(rows)
    for line, row in zip(written, rows, strict=True):
        assert line["messages"] == row["prompt"]
        assert [line["chosen"], line["rejected"]] == [row["chosen"][-1], row["rejected"][-1]]
    entry = json.loads(info.text)["chat-prefs"]
    assert entry["file_name"] == "chat-prefs.jsonl"
    assert set(entry["columns"].values()) == set(written[0])


def test_pandas_reads_the_columns_that_it_names(folder: Path, tmp_path: Path) -> None:
    [block] = BY_CODE["pandas"].blocks
    assert PATHS[0] in block.text
    run(block.text, folder, tmp_path)


def test_axolotl_names_columns_that_the_rows_have(folder: Path) -> None:
    config = yaml.safe_load(BY_CODE["axolotl"].blocks[1].text)
    [dataset] = config["datasets"]
    columns = pq.read_schema(folder / PATHS[0]).names
    assert {value for name, value in dataset.items() if name.startswith("field_")} <= set(columns)
    assert (dataset["path"], dataset["revision"]) == ("northgate/chat-prefs", "v1.0")


@pytest.mark.parametrize("snippet", snippets(SOURCE), ids=lambda each: each.code)
def test_every_snippet_pins_the_version(snippet: Snippet) -> None:
    text = "\n".join(block.text for block in snippet.blocks)
    assert "northgate/chat-prefs.v1.0" in text or "revision: v1.0" in text


@pytest.mark.parametrize("code", ["trl", "axolotl", "files"])
def test_shell_snippets_name_the_hub_without_a_slash_at_its_end(code: str) -> None:
    assert 'HF_ENDPOINT="https://touchstone.example/hub"\n' in BY_CODE[code].blocks[0].text
