"""Every code that a reader can give is documented, and comes up with an example that gives it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from feedback.readers import ReadingFailed, check_mapping
from feedback.readers.mapping import parse_mapping
from feedback.readers.problems import FileCode, MappingCode, RowCode
from tests.readers.documents import zipped
from tests.readers.files import codes, rows_of, written

DOCS = Path(__file__).parents[2] / "docs" / "imports.md"
STUDIO: dict[str, Any] = {
    "label_studio": {
        "config": '<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="Yes"/></Choices>'
        '<Labels name="l" toName="t"><Label value="x"/></Labels></View>'
    },
    "prompt": "data.t",
}


def task(*results: Any, **annotation: Any) -> str:
    made = {"completed_by": 1, "result": list(results), **annotation}
    return json.dumps([{"data": {"t": "a"}, "annotations": [made]}])


def choice(control: str, value: str) -> dict[str, Any]:
    return {"from_name": control, "value": {"choices": [value]}}


def review(**fields: Any) -> str:
    made = {"rater": "r", "answers": {"q": "x"}, **fields}
    return json.dumps({"prompt": "a", "responses": ["b", "c"], "reviews": [made]})


def critique(**anchor: Any) -> str:
    return review(answers={"q": [{"on": 1, "anchor": anchor, "category": "wrong"}]})


ROWS: dict[str, tuple[str, str | bytes, Any]] = {
    "anchor_lost": ("x.jsonl", critique(type="quote", exact="z"), None),
    "bad_anchor": ("x.jsonl", critique(type="spot"), None),
    "bad_answer": ("x.jsonl", review(answers={"q": 3}), None),
    "bad_csv": ("x.csv", "prompt,id\na,b,c\n", None),
    "bad_document": ("x.zip", zipped({"a/brief.pdf": b"%PDF-1.4 and no more"}), None),
    "bad_order": ("x.jsonl", review(order=[1]), None),
    "bad_time": ("x.jsonl", review(submitted_at="yesterday"), None),
    "cancelled": ("x.json", task(was_cancelled=True), STUDIO),
    "duplicate_review": (
        "x.jsonl",
        '{"prompt":"a","reviews":[{"rater":1,"answers":{"q":"x"}},{"rater":1,"answers":{"q":"x"}}]}',
        None,
    ),
    "empty_field": ("x.jsonl", '{"prompt":"a","id":""}', None),
    "empty_prompt": ("x.jsonl", '{"prompt":""}', None),
    "empty_review": ("x.jsonl", review(answers={}), None),
    "field_too_large": ("x.jsonl", json.dumps({"prompt": "a", "tags": ["t" * 81]}), None),
    "item_rejected": ("x.jsonl", '{"prompt":"","responses":["a"]}', None),
    "lone_surrogate": ("x.jsonl", '{"prompt":"\\ud800"}', None),
    "missing_field": ("x.jsonl", '{"id":1}', None),
    "no_messages": ("x.jsonl", '{"prompt":"a","responses":[{"messages":[]}]}', None),
    "not_a_choice": ("x.json", task(choice("c", "No")), STUDIO),
    "not_a_list": ("x.jsonl", '{"a":1}', {"prompt": {"each": "a", "entry": {"role": "r"}}}),
    "not_a_number": (
        "x.jsonl",
        '{"a":"x"}',
        {"prompt": "a", "priority": {"path": "a", "as": "number"}},
    ),
    "not_a_row": ("x.jsonl", "[1]", None),
    "not_json": ("x.jsonl", "{", None),
    "not_one_of": ("x.jsonl", '{"prompt":"a","purpose":"fun"}', None),
    "not_utf8": ("x.jsonl", b'{"prompt":"\xff"}', None),
    "nul_byte": ("x.jsonl", '{"prompt":"\\u0000"}', None),
    "number_out_of_range": ("x.jsonl", '{"prompt":"a","priority":1000}', None),
    "repeated_control": ("x.json", task(choice("c", "Yes"), choice("c", "Yes")), STUDIO),
    "response_not_text": ("x.jsonl", '{"prompt":"a","responses":[true]}', None),
    "row_too_large": ("x.jsonl", '{"prompt":"' + "a" * (32 << 20) + '"}', None),
    "split_failed": (
        "x.jsonl",
        '{"a":"x"}',
        {"prompt": "a", "id": {"path": "a", "split": "_", "take": 1}},
    ),
    "text_or_messages": ("x.jsonl", '{"prompt":"a","responses":[{"model":"m"}]}', None),
    "too_deep": ("x.jsonl", "[" * 2000, None),
    "too_many_values": ("x.jsonl", json.dumps({"prompt": "a", "responses": ["b"] * 17}), None),
    "unknown_control": ("x.json", task(choice("d", "Yes")), STUDIO),
    "unknown_field": ("x.jsonl", '{"prompt":"a","mood":1}', None),
    "unknown_response": ("x.jsonl", review(answers={"q": {"3": 1}}), None),
    "unsupported_control": ("x.json", task({"from_name": "l", "value": {}}), STUDIO),
    "value_not_mapped": (
        "x.jsonl",
        '{"a":"x"}',
        {"prompt": "a", "purpose": {"path": "a", "values": {"1": "gold"}}},
    ),
    "wrong_length": (
        "x.jsonl",
        '{"a":"x","votes":[1,2]}',
        {
            "prompt": "a",
            "responses": ["a", "a"],
            "reviews": [{"rater": {"constant": "r"}, "answers": {"q": {"preferences": "votes"}}}],
        },
    ),
    "wrong_type": ("x.jsonl", '{"prompt":3}', None),
}

MAPPINGS: dict[str, Any] = {
    "bad_label_config": {**STUDIO, "label_studio": {"config": "<View>"}},
    "bad_pair": {
        "prompt": "a",
        "reviews": [{"answers": {"q": {"preference": "v", "between": [1, 1]}}}],
    },
    "bad_path": {"prompt": "a..b"},
    "bad_template": {"prompt": {"template": "{a"}},
    "empty_field": {
        **STUDIO,
        "label_studio": {**STUDIO["label_studio"], "controls": {"c": {"question": ""}}},
    },
    "field_too_large": {"prompt": "a", "about": "b" * (1 << 20)},
    "missing_field": {},
    "not_one_of": {"prompt": {"path": "a", "as": "words"}},
    "number_out_of_range": {
        **STUDIO,
        "label_studio": {**STUDIO["label_studio"], "objects": {"t": 17}},
    },
    "too_many_values": {
        **STUDIO,
        "label_studio": {**STUDIO["label_studio"], "controls": {"c": {"between": [1, 2, 3]}}},
    },
    "unknown_control": {
        **STUDIO,
        "label_studio": {**STUDIO["label_studio"], "ignore": ["nobody"]},
    },
    "unknown_field": {"prompt": "a", "colour": "b"},
    "unknown_object": {
        **STUDIO,
        "label_studio": {**STUDIO["label_studio"], "objects": {"nothing": 1}},
    },
    "wrong_type": {"prompt": 3},
}


@pytest.mark.parametrize("code", sorted(ROWS))
def test_each_code_of_a_row_comes_up(code: str, tmp_path: Path) -> None:
    name, content, mapping = ROWS[code]
    rows = rows_of(written(tmp_path, name, content), mapping)
    assert code in [found for row in rows for found in codes(row)]


@pytest.mark.parametrize("code", sorted(MAPPINGS))
def test_each_code_of_a_mapping_comes_up(code: str) -> None:
    with pytest.raises(ReadingFailed) as caught:
        check_mapping(MAPPINGS[code])
    assert caught.value.code == "bad_mapping"
    assert code in [problem.code for problem in caught.value.problems]


def test_no_code_of_a_row_or_a_mapping_is_without_an_example() -> None:
    assert set(ROWS) == set(get_args(RowCode))
    assert set(MAPPINGS) == set(get_args(MappingCode))


@pytest.mark.parametrize(
    ("title", "known"),
    [("With a row", RowCode), ("With a mapping", MappingCode), ("With a file", FileCode)],
)
def test_every_code_is_documented_and_nothing_else_is(title: str, known: Any) -> None:
    section = DOCS.read_text("utf-8").partition(f"### {title}\n")[2].partition("\n#")[0]
    documented = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert documented == sorted(get_args(known))


def test_every_mapping_in_the_documentation_can_be_used() -> None:
    blocks = re.findall(r"```json mapping\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        check_mapping(json.loads(block))
        assert parse_mapping(json.loads(block)).fillers


def test_the_row_in_the_documentation_is_a_good_row(tmp_path: Path) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (row,) = rows_of(written(tmp_path, "row.json", block))
    assert row.problems == []
    assert row.item is not None
    assert len(row.item.reviews) == 1
