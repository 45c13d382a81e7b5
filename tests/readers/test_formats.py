"""Each format gives the same rows, tells bad ones by number, and is recognised by content and name."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.readers import ItemRow, ReadingFailed
from feedback.readers.json_array import Splitter
from tests.readers.files import codes, jsonl, rows_of, written
from tests.readers.strategies import items

ROWS: list[dict[str, Any]] = [
    {"id": str(n), "prompt": f"Prompt {n}", "responses": [{"text": "a"}, {"text": "b"}]}
    for n in range(5)
]


def ids(rows: Any) -> list[str | None]:
    return [row.item and row.item.id for row in rows]


def parquet(folder: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet", **options)
    return folder / "rows.parquet"


def flat_csv(folder: Path, rows: list[dict[str, Any]]) -> Path:
    out = io.StringIO()
    names = ["id", "prompt", "responses.0.text", "responses.1.text"]
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        texts = [response["text"] for response in row["responses"]]
        writer.writerow([row["id"], row["prompt"], *texts])
    return written(folder, "rows.csv", out.getvalue())


FILES = {
    "jsonl": lambda folder: jsonl(folder, *ROWS),
    "jsonl.gz": lambda folder: written(
        folder, "r.jsonl.gz", gzip.compress(jsonl(folder, *ROWS).read_bytes())
    ),
    "json": lambda folder: written(folder, "rows.json", json.dumps(ROWS, indent=1)),
    "json.gz": lambda folder: written(
        folder, "r.json.gz", gzip.compress(json.dumps(ROWS).encode())
    ),
    "csv": lambda folder: flat_csv(folder, ROWS),
    "parquet": lambda folder: parquet(folder, ROWS, row_group_size=2),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_format_gives_the_same_items(kind: str, tmp_path: Path) -> None:
    expected = [row.item for row in rows_of(jsonl(tmp_path, *ROWS))]
    assert [row.item for row in rows_of(FILES[kind](tmp_path))] == expected


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("skip", [0, 1, 3, 5, 9])
def test_every_format_goes_on_behind_a_row(kind: str, skip: int, tmp_path: Path) -> None:
    rows = rows_of(FILES[kind](tmp_path), skip=skip)
    assert [row.number for row in rows] == list(range(skip + 1, 6))
    assert ids(rows) == [str(number - 1) for number in range(skip + 1, 6)]


@settings(max_examples=20, deadline=None)
@given(st.lists(items(), max_size=3))
def test_items_of_any_text_survive_lines_and_arrays(
    tmp_path_factory: pytest.TempPathFactory, given_items: list[ItemRow]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    texts = [msgspec.json.encode(item) for item in given_items]
    lines = rows_of(written(folder, "rows.jsonl", b"\n".join(texts)), format="jsonl")
    array = rows_of(written(folder, "rows.json", b"[" + b",".join(texts) + b"]"))
    assert [row.item for row in lines] == [row.item for row in array] == given_items


# JSON Lines


def test_the_number_of_a_row_is_its_line_and_its_text_is_exact(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"prompt":"a"}\r\n\n  \n{"prompt": \x00"b\xff"}\n{"prompt":"c"}'
    rows = rows_of(written(tmp_path, "rows.jsonl", content))
    assert [(row.number, codes(row)) for row in rows] == [(1, []), (4, ["not_utf8"]), (5, [])]
    assert rows[1].raw == '{"prompt": \\x00"b\\xff"}'


def test_a_line_beyond_the_limit_is_one_bad_row_and_the_next_is_good(tmp_path: Path) -> None:
    large = '{"prompt":"' + "x" * (33 << 20) + '"}'
    rows = rows_of(written(tmp_path, "rows.jsonl", large + '\n{"prompt":"b"}\n'))
    assert [(row.number, codes(row)) for row in rows] == [(1, ["row_too_large"]), (2, [])]
    assert len(rows[0].raw) == 64 << 10


def test_half_a_surrogate_pair_is_found_where_it_stands(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, "r.jsonl", '{"prompt":"a","responses":["\\udc00"]}\n'))
    assert [(p.code, p.scope, p.index) for p in rows[0].problems] == [
        ("lone_surrogate", "response", 1),
        ("item_rejected", "response", None),
    ]
    assert rows[0].responses == 1


def test_a_row_that_is_no_json_says_where(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, "rows.jsonl", '{"prompt":"a",}\n{"prompt":NaN}\n'))
    assert [codes(row) for row in rows] == [["not_json"], ["not_json"]]
    assert "at its character 14" in rows[0].problems[0].sentence


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ('"responses":[{"text":"b","parameters":{"seed":1}}]}', []),
        (
            f'"responses":[{{"text":"b","parameters":{{"seed":{2**70}}}}}]}}',
            ["number_out_of_range"],
        ),
        ('"tags":["\\ud800"]}', ["lone_surrogate"]),
        ('"tags":["\\u0000"]}', ["nul_byte"]),
        ('"tags":[}', ["not_json"]),
        ('"tags":' + "[" * 2000 + "}", ["too_deep"]),
        ('"tags":["\xff"]}', ["not_utf8"]),
    ],
)
def test_a_large_row_is_read_by_the_same_rules(rest: str, code: list[str], tmp_path: Path) -> None:
    large = '{"prompt":"' + "x" * (9 << 20) + '",'
    large += '"context":["' + "y" * (9 << 20) + '"],'
    (row,) = rows_of(written(tmp_path, "rows.jsonl", (large + rest).encode("latin-1")))
    assert codes(row)[:1] == code


# JSON arrays


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.recursive(
            st.none() | st.integers(-99, 99) | st.text(st.characters(codec="utf-8"), max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(['"', "\\", "[", "a,b", "}"]), inner, max_size=2)
            ),
            max_leaves=6,
        ),
        max_size=4,
    ),
    st.integers(1, 9),
    st.booleans(),
)
def test_an_array_is_cut_into_its_entries_wherever_the_chunks_end(
    values: list[Any], size: int, escaped: bool
) -> None:
    text = json.dumps(values, ensure_ascii=escaped, indent=1 if size % 2 else None).encode()
    splitter = Splitter()
    entries = [
        json.loads(entry)
        for start in range(0, len(text), size)
        for entry in splitter.feed(text[start : start + size])
    ]
    assert entries == values
    assert splitter.closed


def test_a_broken_entry_of_an_array_is_one_bad_row(tmp_path: Path) -> None:
    content = '[{"prompt":"a"}, {"prompt": oops}, {"prompt":"\\ud800"}, , {"prompt":"e"}]'
    rows = rows_of(written(tmp_path, "rows.json", content))
    assert [codes(row) for row in rows] == [[], ["not_json"], ["lone_surrogate"], ["not_json"], []]
    assert rows[1].raw == '{"prompt": oops}'


@pytest.mark.parametrize("content", ['[{"prompt":"a"}', '[{"prompt":"a"},', '[{"prompt":"a', "["])
def test_an_array_that_is_not_closed_fails_behind_its_good_rows(
    content: str, tmp_path: Path
) -> None:
    with pytest.raises(ReadingFailed, match="not closed") as caught:
        rows_of(written(tmp_path, "rows.json", content))
    assert caught.value.code == "not_readable"


def test_an_array_closed_by_a_brace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingFailed, match="closed by a brace"):
        rows_of(written(tmp_path, "rows.json", '[{"prompt":"a"}}'))


def test_text_behind_an_array_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingFailed, match="follows the end"):
        rows_of(written(tmp_path, "rows.json", '[{"prompt":"a"}] [{"prompt":"b"}]'))


def test_an_entry_beyond_the_limit_is_one_bad_row(tmp_path: Path) -> None:
    large = '{"prompt":"' + "x" * (33 << 20) + '"}'
    rows = rows_of(written(tmp_path, "rows.json", f'[{large}, {{"prompt":"b"}}]'))
    assert [codes(row) for row in rows] == [["row_too_large"], []]


@pytest.mark.parametrize("content", ["[]", " [ ]\n", "\ufeff[]"])
def test_an_empty_array_has_no_rows(content: str, tmp_path: Path) -> None:
    assert rows_of(written(tmp_path, "rows.json", content)) == []


def test_a_single_object_beyond_the_limit_is_one_bad_row(tmp_path: Path) -> None:
    path = written(tmp_path, "row.json", '{\n"prompt":"' + "x" * (33 << 20) + '"}')
    assert [codes(row) for row in rows_of(path)] == [["row_too_large"]]


def test_a_single_object_is_one_row(tmp_path: Path) -> None:
    path = written(tmp_path, "row.json", json.dumps(ROWS[0], indent=2))
    assert ids(rows_of(path)) == ["0"]
    assert rows_of(path, skip=1) == []


# Which format it is


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("rows.jsonl", '[{"prompt":"a"}]', [[]]),
        ("rows.json", '{"prompt":"a"}\n{"prompt":"b"}\n', [[], []]),
        ("rows", '{"prompt":"a"}\n{"prompt":"b"}\n', [[], []]),
        ("rows", '[\n {"prompt":"a"}]', [[]]),
        ("rows.txt", '{\n "prompt":"a"}', [[]]),
        ("rows.jsonl", '{\n{"prompt":"a"}', [["not_json"], []]),
        ("rows.jsonl", '["a"]\n', [["not_a_row"]]),
        ("rows.json", '["a"]\n', [["not_a_row"]]),
        ("ROWS.CSV", "prompt\n[1]\n", [[]]),
        ("rows.csv", "[prompt],id\na,b\n", [["missing_field", "unknown_field"]]),
    ],
)
def test_a_format_is_recognised_by_content_and_name(
    name: str, content: str, expected: list[list[str]], tmp_path: Path
) -> None:
    rows = rows_of(written(tmp_path, name, content))
    assert [codes(row) for row in rows] == expected


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("rows.dat", "some text", "unknown_format"),
        ("rows.json", "", "unknown_format"),
        ("rows.xlsx", b"PK\x03\x04", "unknown_format"),
        ("rows.jsonl", '{"prompt":"a"}'.encode("utf-16"), "not_utf8"),
        ("rows.csv", "a,b\n".encode("utf-16"), "not_utf8"),
    ],
)
def test_what_cannot_be_recognised_is_refused(
    name: str, content: str | bytes, code: str, tmp_path: Path
) -> None:
    with pytest.raises(ReadingFailed) as caught:
        rows_of(written(tmp_path, name, content))
    assert caught.value.code == code


def test_the_format_can_be_given(tmp_path: Path) -> None:
    path = written(tmp_path, "rows", "prompt\na\n")
    assert len(rows_of(path, format="csv")) == 1
    with pytest.raises(ReadingFailed, match="xml is not a format") as caught:
        rows_of(path, format="xml")
    assert caught.value.code == "unknown_format"


def test_an_export_and_its_mapping_have_to_belong_together(tmp_path: Path) -> None:
    task = {"data": {"t": "a"}, "annotations": [{"result": []}]}
    export = written(tmp_path, "export.json", json.dumps([task]))
    studio = {
        "label_studio": {"config": '<View><Text name="t" value="$t"/></View>'},
        "prompt": "data.t",
    }
    with pytest.raises(ReadingFailed) as caught:
        rows_of(export)
    assert caught.value.code == "mapping_needed"
    with pytest.raises(ReadingFailed) as caught:
        rows_of(jsonl(tmp_path, {"t": "a"}, {"t": "b"}), studio)
    assert caught.value.code == "bad_mapping"
    assert rows_of(export, {"prompt": "data.t"})[0].problems == []
    bare = written(tmp_path, "tasks.json", json.dumps([{"data": {"t": "a"}}]))
    assert rows_of(bare, studio)[0].problems == []
