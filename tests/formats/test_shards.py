"""Rows as Parquet files: the same bytes everywhere, cut where the limits say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.formats import DEFAULT, Rows, Sources
from exports.package import write_package
from exports.shards import STANDARD, Limits, cut, write_shards
from tests.formats.samples import facts, frames, pandalm

ROOT = Path(__file__).parents[2]
EARLIER = {"26.0.1": "38456b708dadff6503dbc9df37171294fc5eae37b636c528d1850f9df66b83ea"}
WRITE = """
import sys
from pathlib import Path
from exports.package import write_package
from tests.formats.samples import facts, pandalm
print(write_package(Path(sys.argv[1]), pandalm(), facts()).version_sha256)
"""


def hashes(folder: Path, sources: Sources) -> dict[str, str]:
    return {file.path: file.sha256 for file in write_package(folder, sources, facts()).files}


def rows_of(count: int, size: int = 10) -> Rows:
    table = pa.table({"n": pa.array(range(count), pa.int64()), "text": ["x" * size] * count})
    return Rows(table, ["train"] * count, {})


def test_the_same_rows_give_the_same_bytes(tmp_path):
    sources = pandalm()
    first = hashes(tmp_path / "a", sources)
    turned = Sources(
        sources.pairs.iloc[::-1],
        sources.responses.sample(frac=1, random_state=1),
        steps=sources.steps.iloc[::-1],
    )
    arrow = Sources(
        turned.pairs.convert_dtypes(dtype_backend="pyarrow"),
        turned.responses.convert_dtypes(dtype_backend="pyarrow"),
        steps=sources.steps,
    )
    assert len(first) == 20
    assert hashes(tmp_path / "b", pandalm()) == first
    assert hashes(tmp_path / "c", turned) == first
    assert hashes(tmp_path / "d", arrow) == first


def test_the_bytes_are_those_of_earlier_releases(tmp_path):
    """A setting or a default that changes them must be noticed here, before a published run hashes differently."""
    (train, *_) = write_shards(tmp_path, "trl_dpo", DEFAULT.build(pandalm()))
    assert train.sha256 == EARLIER[pa.__version__], (
        "see what changed; a new pyarrow gets a line of its own"
    )


def test_one_other_word_gives_other_bytes(tmp_path):
    sources = pandalm()
    changed = sources.pairs.copy()
    changed.loc[0, "chosen"] = changed.loc[0, "chosen"].replace("a", "e", 1)
    first = hashes(tmp_path / "a", sources)
    second = hashes(tmp_path / "b", Sources(changed, sources.responses, steps=sources.steps))
    assert {path.split("/")[0] for path in first if first[path] != second[path]} >= {
        "trl_dpo",
        "trl_reward",
        "all",
    }
    assert first["sft/train-00000-of-00001.parquet"] == second["sft/train-00000-of-00001.parquet"]


@pytest.mark.parametrize("cpu", ["all", "plain"])
def test_the_bytes_do_not_depend_on_the_processor_or_the_process(tmp_path, cpu):
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)}
    if cpu == "plain":
        features = np._core._multiarray_umath
        optional = [name for name in features.__cpu_dispatch__ if features.__cpu_features__[name]]
        env |= {"NPY_DISABLE_CPU_FEATURES": " ".join(optional), "ARROW_USER_SIMD_LEVEL": "NONE"}
    done = subprocess.run(
        [sys.executable, "-c", WRITE, tmp_path / "there"],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    here = write_package(tmp_path / "here", pandalm(), facts())
    assert done.stdout.strip() == here.version_sha256


def test_shards_hold_the_facts_that_are_told_of_them(tmp_path):
    rows = DEFAULT.build(pandalm())
    files = write_shards(tmp_path, "trl_dpo", rows)
    assert [f.path for f in files] == [
        f"trl_dpo/{split}-00000-of-00001.parquet" for split in ("train", "validation", "test")
    ]
    for file in files:
        read = pq.read_table(tmp_path / file.path)
        assert read.equals(rows.split(file.split))
        assert file.rows == read.num_rows
        assert file.size == (tmp_path / file.path).stat().st_size
        assert file.num_bytes == rows.split(file.split).combine_chunks().nbytes


def test_a_file_says_nothing_of_where_and_when_it_was_written(tmp_path):
    (file, *_) = write_shards(tmp_path, "trl_dpo", DEFAULT.build(pandalm()))
    metadata = pq.read_metadata(tmp_path / file.path)
    assert set(metadata.metadata) == {b"ARROW:schema"}
    assert metadata.created_by == f"parquet-cpp-arrow version {pa.__version__}"


def test_groups_pages_and_compression_are_what_streaming_wants(tmp_path):
    (file,) = write_shards(tmp_path, "c", rows_of(25_000))
    metadata = pq.read_metadata(tmp_path / file.path)
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [
        10_000,
        10_000,
        5_000,
    ]
    column = metadata.row_group(0).column(0)
    assert (column.compression, column.has_offset_index, column.has_column_index) == (
        "ZSTD",
        True,
        True,
    )
    assert (column.statistics.min, column.statistics.max) == (0, 9_999)


def test_long_rows_come_in_smaller_groups(tmp_path):
    (file,) = write_shards(tmp_path, "c", rows_of(100, size=1_000), Limits(group_bytes=20_000))
    metadata = pq.read_metadata(tmp_path / file.path)
    assert metadata.num_row_groups == 6
    assert metadata.row_group(0).num_rows == 19


def test_shards_are_numbered_out_of_their_count(tmp_path):
    files = write_shards(tmp_path, "c", rows_of(10), Limits(shard_rows=4))
    assert [(f.path, f.rows) for f in files] == [
        ("c/train-00000-of-00003.parquet", 4),
        ("c/train-00001-of-00003.parquet", 4),
        ("c/train-00002-of-00003.parquet", 2),
    ]
    again = pa.concat_tables([pq.read_table(tmp_path / f.path) for f in files])
    assert again["n"].to_pylist() == list(range(10))


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=60),
    st.integers(1, 20),
    st.integers(1, 500),
)
def test_shards_cover_the_table_within_the_limits(sizes, shard_rows, shard_bytes):
    table = pa.table({"text": ["x" * size for size in sizes]})
    shards = list(cut(table, Limits(shard_rows=shard_rows, shard_bytes=shard_bytes)))
    assert pa.concat_tables(shards).equals(table)
    for shard in shards:
        assert 1 <= shard.num_rows <= shard_rows
        assert shard.num_rows == 1 or shard.nbytes <= shard_bytes


def test_a_config_without_rows_leaves_no_file_and_no_folder(tmp_path):
    assert write_shards(tmp_path, "trl_dpo", DEFAULT.build(frames([])), STANDARD) == []
    assert list(tmp_path.iterdir()) == []
