"""Parquet: its values as JSON, and files that are damaged or too large."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feedback.readers import Limits, ReadingFailed
from tests.readers.files import codes, rows_of, written

ROWS: list[dict[str, Any]] = [
    {"id": str(n), "prompt": f"Prompt {n}", "responses": [{"text": "a"}, {"text": "b"}]}
    for n in range(5)
]


def parquet(folder: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet", **options)
    return folder / "rows.parquet"


def test_parquet_values_become_json_and_nulls_are_nothing(tmp_path: Path) -> None:
    rows = [
        {
            "prompt": b"bytes of text",
            "priority": Decimal(3),
            "responses": [{"text": "a", "model": None, "generation_depth": 2}],
            "reviews": [
                {
                    "rater": 1.0,
                    "answers": {"accuracy": {"1": 4.0}},
                    "active_seconds": float("nan"),
                    "submitted_at": datetime(2024, 5, 1, 10, tzinfo=UTC),
                }
            ],
        }
    ]
    (row,) = rows_of(parquet(tmp_path, rows))
    assert row.problems == []
    assert row.item is not None
    assert row.item.priority == 3
    assert row.item.prompt[0].parts[0].text == "bytes of text"
    review = row.item.reviews[0]
    assert (review.rater, review.active_seconds) == ("1", None)
    assert review.answers == {"accuracy": {"1": 4}}


def test_parquet_columns_that_rows_do_not_have_need_a_mapping(tmp_path: Path) -> None:
    path = parquet(tmp_path, [{"question": "q", "data": b"\xff\x00"}])
    assert set(codes(rows_of(path)[0])) == {"missing_field", "unknown_field"}
    assert rows_of(path, {"prompt": "question"})[0].problems == []
    assert codes(rows_of(path, {"prompt": "data"})[0]) == ["wrong_type"]


def test_text_in_parquet_that_is_not_utf8_rejects_its_row_only(tmp_path: Path) -> None:
    texts = pa.array([b"good", b"\xff", b"fine"]).cast(pa.binary())
    broken = pa.StringArray.from_buffers(3, *texts.buffers()[1:])
    pq.write_table(pa.table({"prompt": broken}), tmp_path / "rows.parquet")
    rows = rows_of(tmp_path / "rows.parquet")
    assert [codes(row) for row in rows] == [[], ["not_utf8"], []]


def test_maps_and_durations_of_parquet_have_a_json_form(tmp_path: Path) -> None:
    options = pa.array([[("t", 0.5)], [("t", 0.5), ("t", 1.0)]], pa.map_(pa.string(), pa.float64()))
    table = pa.table(
        {
            "q": ["a", "b"],
            "options": options,
            "spent": pa.array([timedelta(seconds=90)] * 2),
            "when": pa.array([1_700_000_000_000_000_001] * 2, pa.timestamp("ns")),
            "cost": pa.array([Decimal("0.25")] * 2),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    mapping = {
        "prompt": {"template": "{q} {cost}"},
        "responses": [{"text": "q", "parameters": "options", "generated_at": "when"}],
        "reviews": [
            {
                "rater": {"constant": "r"},
                "answers": {"q": {"text": "q"}},
                "active_seconds": "spent",
            }
        ],
    }
    first, second = rows_of(tmp_path / "rows.parquet", mapping)
    assert first.problems == []
    assert first.item is not None
    assert first.item.prompt[0].parts[0].text == "a 0.25"
    assert first.item.responses[0].parameters == {"t": 0.5}
    assert str(first.item.responses[0].generated_at) == "2023-11-14 22:13:20+00:00"
    assert first.item.reviews[0].active_seconds == 90
    assert codes(second) == ["not_json"]


def test_a_parquet_row_beyond_the_limit_is_one_bad_row(tmp_path: Path) -> None:
    rows = rows_of(parquet(tmp_path, [{"prompt": "x" * (33 << 20)}, {"prompt": "b"}]))
    assert [codes(row) for row in rows] == [["row_too_large"], []]


def test_a_damaged_parquet_fails_with_a_sentence(tmp_path: Path) -> None:
    whole = parquet(tmp_path, ROWS).read_bytes()
    with pytest.raises(ReadingFailed) as caught:
        rows_of(written(tmp_path, "cut.parquet", whole[:-20]))
    assert caught.value.code == "not_readable"


def test_a_parquet_that_unpacks_without_end_is_stopped(tmp_path: Path) -> None:
    rows = pa.table({"prompt": pa.array(["x" * 1000] * 20_000)})
    pq.write_table(rows, tmp_path / "bomb.parquet")
    limits = Limits(ratio_free_bytes=1 << 20)
    with pytest.raises(ReadingFailed) as caught:
        rows_of(tmp_path / "bomb.parquet", limits=limits)
    assert caught.value.code == "compressed_too_far"


def test_two_parquet_columns_of_one_name_fail_the_file(tmp_path: Path) -> None:
    table = pa.table([pa.array(["a"]), pa.array(["b"])], names=["prompt", "prompt"])
    pq.write_table(table, tmp_path / "twice.parquet")
    with pytest.raises(ReadingFailed) as caught:
        rows_of(tmp_path / "twice.parquet")
    assert caught.value.code == "bad_header"
