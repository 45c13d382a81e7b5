"""Each format gives the same rows, tells bad ones by number, and is recognised by content and name."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.readers import ItemRow, Limits, ReadingFailed
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


# CSV


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_csv_may_use_any_usual_delimiter_and_a_byte_order_mark(sign: str, tmp_path: Path) -> None:
    lines = [["id", "prompt", "group"], ["1", '"a, b; c | d"', "g"]]
    content = "\ufeff" + "\r\n".join(sign.join(cells) for cells in lines)
    (row,) = rows_of(written(tmp_path, "rows.csv", content))
    assert row.item is not None
    assert row.item.prompt[0].parts[0].text == "a, b; c | d"
    assert (row.item.id, row.item.group) == ("1", "g")


def test_the_raw_text_of_a_csv_row_is_all_its_lines(tmp_path: Path) -> None:
    content = 'prompt,id\n"two\nlines ""quoted""",1\nplain,2,3\n'
    rows = rows_of(written(tmp_path, "rows.csv", content))
    assert rows[0].raw == '"two\nlines ""quoted""",1'
    assert rows[0].item is not None
    assert rows[0].item.prompt[0].parts[0].text == 'two\nlines "quoted"'
    assert (codes(rows[1]), rows[1].raw) == (["bad_csv"], "plain,2,3")


def test_broken_quotes_are_one_bad_row_and_the_next_is_good(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, "rows.csv", 'prompt,id\n"a"b,1\nc,2\n"never closed,3\n'))
    assert [codes(row) for row in rows] == [["bad_csv"], [], ["bad_csv"]]


def test_bytes_that_are_no_text_reject_their_csv_row(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, "rows.csv", b"prompt,id\na\xff,1\nb\x00,2\nc,3\n"))
    assert [codes(row) for row in rows] == [["not_utf8"], ["nul_byte"], []]
    assert rows[0].raw == "a\\xff,1"


def test_csv_without_a_mapping_names_nested_fields_and_leaves_empty_cells_out(
    tmp_path: Path,
) -> None:
    content = (
        "prompt,responses.0.text,responses.0.model,responses.1.text,responses.2.text,priority,tags.0\n"
        "p,a,m,,c,7,law\n"
        "p,a,m,,c,high,law\n"
    )
    rows = rows_of(written(tmp_path, "rows.csv", content))
    item = rows[0].item
    assert item is not None
    assert [response.messages[0].parts[0].text for response in item.responses] == ["a", "c"]
    assert (item.responses[0].model, item.priority, item.tags) == ("m", 7, ["law"])
    assert codes(rows[1])[0] == "not_a_number"


def test_csv_with_a_mapping_reads_votes_from_columns(tmp_path: Path) -> None:
    mapping = {
        "prompt": "question",
        "responses": ["a", "b"],
        "reviews": [
            {
                "only_if": "winner",
                "rater": "who",
                "answers": {
                    "preference": {
                        "preference": {"path": "winner", "values": {"A": "first", "B": "second"}}
                    }
                },
            }
        ],
    }
    content = "question,a,b,winner,who\nq,x,y,B,ana\nq,x,z,,\nq,x,w,C,ben\n"
    rows = rows_of(written(tmp_path, "rows.csv", content), mapping)
    assert [len(row.item.reviews) for row in rows if row.item] == [1, 0, 0]
    assert codes(rows[2]) == ["value_not_mapped"]


def test_a_csv_row_beyond_the_limit_is_one_bad_row(tmp_path: Path) -> None:
    cell = "x" * (15 << 20)
    content = f"prompt,id,group\n{cell},{cell},{cell}\nb,,\n{cell}{cell},,\nc,,\n"
    rows = rows_of(written(tmp_path, "rows.csv", content))
    assert [codes(row) for row in rows] == [["row_too_large"], [], ["field_too_large"], []]
    assert len(rows[0].raw) == 64 << 10


def test_a_csv_column_beside_one_for_all_of_it_is_refused(tmp_path: Path) -> None:
    content = "prompt,responses,responses.0.text\na,b,c\n"
    assert "bad_csv" in codes(rows_of(written(tmp_path, "rows.csv", content))[0])


def test_a_header_that_is_no_text_fails_the_file(tmp_path: Path) -> None:
    with pytest.raises(ReadingFailed) as caught:
        rows_of(written(tmp_path, "rows.csv", b"prompt,\xff\na,b\n"))
    assert caught.value.code == "not_utf8"


@pytest.mark.parametrize("header", ["prompt,prompt\na,b\n", "\n", '"prompt\n', ""])
def test_a_header_that_cannot_be_used_fails_the_file(header: str, tmp_path: Path) -> None:
    with pytest.raises(ReadingFailed) as caught:
        rows_of(written(tmp_path, "rows.csv", header))
    assert caught.value.code == "bad_header"


# Parquet


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
