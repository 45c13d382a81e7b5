"""CSV: delimiters, quotes, headers and nested names."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedback.readers import ReadingFailed
from tests.readers.files import codes, rows_of, written


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
