"""Mappings: nested rows of any shape become native rows, and what does not fit is told with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.readers import ItemRow, ReadingFailed, Row, preset, preset_names
from feedback.readers.mapping import parse_mapping
from feedback.readers.native import build
from tests.readers.strategies import json_values


def mapped(mapping: Any, record: Any) -> Row:
    row, faults = parse_mapping(mapping).fill(record)
    return build(1, b"", row, faults)


def item_of(mapping: Any, record: Any) -> ItemRow:
    row = mapped(mapping, record)
    assert row.problems == []
    assert row.item is not None
    return row.item


def id_of(expression: Any, record: Any) -> str | None:
    return item_of({"prompt": {"constant": "p"}, "id": expression}, record).id


def problems_of(mapping: Any, record: Any) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in mapped(mapping, record).problems]


def text_of(prompt: Any, record: Any) -> str:
    return item_of({"prompt": prompt}, record).prompt[0].parts[0].text


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("plain", "1"),
        ("with space", "2"),
        ("nested.list.0.c", "3"),
        ("nested.list.-1.c", "4"),
        ({"path": ["dotted.key", "0"]}, "5"),
        ({"path": ["dotted.key", 0]}, "5"),
        ("numbers.0", "6"),
        ("$.plain", "1"),
        ("nothing", None),
        ("nested.list.7.c", None),
        ("plain.deeper", None),
        ("null", None),
    ],
)
def test_paths_lead_into_nested_rows(path: Any, found: str | None) -> None:
    record = {
        "plain": "1",
        "with space": "2",
        "nested": {"list": [{"c": "3"}, {"c": "4"}]},
        "dotted.key": ["5"],
        "numbers": {"0": 6},
        "null": None,
    }
    assert id_of(path, record) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ({"constant": 7}, "7"),
        ({"path": "key", "split": "_", "take": 1}, "b-c"),
        ({"path": "key", "split": "_", "take": -1}, "d"),
        ({"path": "key", "split": "_", "join": "/"}, "a/b-c/d"),
        ({"path": "flag", "as": "text"}, "true"),
        ({"path": "real", "as": "text"}, "2.5"),
        ({"path": "whole", "as": "text"}, "3"),
        ({"path": "json", "as": "json", "take": 0}, "x"),
        ({"path": "flag", "values": {"true": "yes"}}, "yes"),
        ({"path": "whole", "values": {"3": "three"}}, "three"),
        ({"path": "gone", "default": "none"}, "none"),
        ({"path": "gone", "values": {"a": "b"}}, None),
        ({"path": "empty", "values": {"a": "b"}}, None),
        ({"path": "empty", "values": {"": "blank"}}, "blank"),
        ({"path": "list", "join": "+"}, "p+q"),
        ({"path": "list", "values": {"p": "P", "q": "Q"}, "join": ""}, "PQ"),
        ({"template": "{key}-{whole}"}, "a_b-c_d-3"),
        ({"template": "{{{key}}}"}, "{a_b-c_d}"),
    ],
)
def test_expressions_make_values(expression: Any, found: str | None) -> None:
    record = {
        "key": "a_b-c_d",
        "flag": True,
        "real": 2.5,
        "whole": 3.0,
        "json": '["x", "y"]',
        "empty": "",
        "list": ["p", "q", None],
    }
    assert id_of(expression, record) == found


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"instruction": "Do", "input": "this"}, "Do\n\nthis"),
        ({"instruction": "Do", "input": ""}, "Do"),
        ({"instruction": "Do"}, "Do"),
        ({"instruction": "", "input": "this"}, "this"),
        ({"instruction": "a\n\nb", "input": "c\n\nd"}, "a\n\nb\n\nc\n\nd"),
    ],
)
def test_a_template_leaves_out_a_paragraph_that_has_nothing_to_say(record: Any, text: str) -> None:
    assert text_of({"template": "{instruction}\n\n{input}"}, record) == text


def test_a_paragraph_with_fixed_text_stays_while_one_of_its_paths_speaks() -> None:
    template = {"template": "Task: {task}\n\nInput: {input} ({kind})\n\nAnswer now."}
    assert text_of(template, {"task": "T", "kind": "k"}) == "Task: T\n\nInput:  (k)\n\nAnswer now."
    assert text_of(template, {"task": "T"}) == "Task: T\n\nAnswer now."


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ({"path": "text", "as": "number"}, "not_a_number"),
        ({"path": "flag", "as": "number"}, "not_a_number"),
        ({"constant": "nan", "as": "number"}, "not_a_number"),
        ({"path": "text", "as": "json"}, "not_json"),
        ({"path": "number", "as": "json"}, "not_json"),
        ({"path": "number", "split": "_"}, "split_failed"),
        ({"path": "text", "split": "_", "take": 1}, "split_failed"),
        ({"path": "text", "values": {"1": 2}}, "value_not_mapped"),
        ({"path": "object", "as": "text"}, "wrong_type"),
        ({"template": "{object}"}, "wrong_type"),
    ],
)
def test_what_an_expression_cannot_use_is_told_at_its_place(expression: Any, code: str) -> None:
    record = {"text": "abc", "flag": True, "number": 5, "object": {}}
    assert problems_of({"prompt": {"constant": "p"}, "id": expression}, record) == [("id", code)]


def test_a_field_that_could_not_be_read_is_not_called_missing_as_well() -> None:
    assert problems_of({"prompt": {"path": "a", "take": 3}}, {"a": []}) == [
        ("prompt", "split_failed")
    ]


def test_lists_are_written_entry_by_entry_or_for_each_of_the_source() -> None:
    mapping = {
        "prompt": "q",
        "context": {"each": "docs", "entry": {"title": "0", "text": {"path": "1:", "join": " "}}},
        "responses": {"each": "outputs", "entry": {"text": "value.text", "model": "key"}},
        "tags": ["kind", "$.origin", {"path": "labels"}],
    }
    record = {
        "q": "Q",
        "docs": [["T", "One.", "Two."]],
        "outputs": {"m1": {"text": "A"}, "m2": {"text": "B"}},
        "kind": "k",
    }
    item = item_of(mapping, record)
    assert [(d.title, d.parts[0].text) for d in item.context] == [("T", "One. Two.")]
    assert [(r.model, r.messages[0].parts[0].text) for r in item.responses] == [
        ("m1", "A"),
        ("m2", "B"),
    ]
    assert item.tags == ["k"]


def test_a_slice_takes_its_steps_in_every_entry() -> None:
    expression = {"path": "parts.:2.text", "join": "|"}
    record = {"parts": [{"text": "a"}, {}, {"text": "c"}, {"text": "d"}]}
    assert text_of(expression, record) == "a"
    assert text_of({**expression, "path": "parts.-2:.text"}, record) == "c|d"


def test_inside_each_the_whole_row_is_still_in_reach() -> None:
    mapping = {
        "prompt": "q",
        "responses": {"each": "texts", "entry": {"text": ".", "source": "$.origin"}},
    }
    item = item_of(mapping, {"q": "Q", "texts": ["A", "B"], "origin": "O"})
    assert [(r.messages[0].parts[0].text, r.source) for r in item.responses] == [
        ("A", "O"),
        ("B", "O"),
    ]


def test_a_response_that_is_not_there_keeps_its_place_and_is_refused() -> None:
    row = mapped({"prompt": "q", "responses": ["a", "b"]}, {"q": "Q", "b": "B"})
    assert row.item is None
    assert (row.responses, row.problems[0].path) == (2, "responses.0")


def test_an_entry_with_only_if_is_left_out_where_there_is_nothing() -> None:
    mapping = {
        "prompt": "q",
        "responses": [{"text": "a"}, {"only_if": "b", "text": "b"}],
        "reviews": [
            {"only_if": who, "rater": {"constant": who}, "answers": {"q": {"text": who}}}
            for who in ("ana", "ben", "cy")
        ],
    }
    item = item_of(mapping, {"q": "Q", "a": "A", "b": "", "ana": "yes", "ben": None, "cy": "no"})
    assert len(item.responses) == 1
    assert [review.rater for review in item.reviews] == ["ana", "cy"]


def test_messages_are_mapped_like_any_list() -> None:
    mapping = {
        "prompt": {
            "each": "turns",
            "entry": {"role": {"path": "from", "values": {"human": "user"}}, "content": "value"},
        }
    }
    item = item_of(mapping, {"turns": [{"from": "human", "value": "Hello"}]})
    assert (item.prompt[0].role, item.prompt[0].parts[0].text) == ("user", "Hello")


def test_all_that_is_wrong_with_a_mapping_is_told_with_its_path() -> None:
    mapping = {
        "colour": "red",
        "id": {"path": "a", "constant": 1},
        "group": {"path": "a", "as": "words"},
        "prompt": 3,
        "context": {"each": "a"},
        "responses": [{"txt": "a"}, {"text": {"path": "a..b"}}, {"text": {"template": "{a"}}],
        "tags": {"each": "a.", "entry": "b"},
        "priority": ["a"],
        "reviews": [
            {"answers": {"q": {"preference": "v", "between": [1, 1]}, "r": {"vote": "v"}}},
            {"rater": "a", "answers": {"s": {"text": "a", "colour": "b"}}},
        ],
    }
    with pytest.raises(ReadingFailed) as caught:
        parse_mapping(mapping)
    assert {(problem.path, problem.code) for problem in caught.value.problems} == {
        ("colour", "unknown_field"),
        ("id", "unknown_field"),
        ("group.as", "not_one_of"),
        ("prompt", "wrong_type"),
        ("context.entry", "missing_field"),
        ("responses.0.txt", "unknown_field"),
        ("responses.1.text", "bad_path"),
        ("responses.2.text", "bad_template"),
        ("tags.each", "bad_path"),
        ("priority", "wrong_type"),
        ("reviews.0.answers.q.between", "bad_pair"),
        ("reviews.0.answers.r", "wrong_type"),
        ("reviews.1.answers.s.colour", "unknown_field"),
    }
    assert "colour is not a field" in caught.value.sentence


@pytest.mark.parametrize(
    ("mapping", "path", "code"),
    [
        ({"prompt": "a", "reviews": [{"answers": {"q": {"text": 3}}}]}, "text", "wrong_type"),
        ({"prompt": "a", "group": {"b": "c"}}, "group", "wrong_type"),
        ({"prompt": "a", "tags": {"each": "b", "entry": "c", "of": 1}}, "tags.of", "unknown_field"),
        ({"prompt": "a", "tags": [{"only_if": 3, "path": "b"}]}, "tags.0.only_if", "bad_path"),
        ({"prompt": {"path": ["a", True]}}, "prompt.path.1", "wrong_type"),
        ({"prompt": {"path": []}}, "prompt", "bad_path"),
        ({"prompt": ".".join("a" * 40)}, "prompt", "bad_path"),
        ({"prompt": {"path": "a", "take": "first"}}, "prompt.take", "wrong_type"),
        ({"prompt": {"template": "}"}}, "prompt", "bad_template"),
        ({"prompt": {"template": "{}"}}, "prompt", "bad_template"),
    ],
)
def test_slips_of_the_language_are_told(mapping: Any, path: str, code: str) -> None:
    with pytest.raises(ReadingFailed) as caught:
        parse_mapping(mapping)
    (problem,) = caught.value.problems
    assert problem.path.endswith(path)
    assert problem.code == code


def test_parameters_are_mapped_freely() -> None:
    mapping = {
        "prompt": "q",
        "responses": [
            {"text": "a", "parameters": {"temperature": "t", "stop": {"constant": ["x"]}}}
        ],
    }
    item = item_of(mapping, {"q": "Q", "a": "A", "t": 0.5})
    assert item.responses[0].parameters == {"temperature": 0.5, "stop": ["x"]}


@pytest.mark.parametrize("document", [[], None, "prompt", {"prompt": "a", "about": 2**70}])
def test_a_mapping_is_a_plain_json_object(document: Any) -> None:
    with pytest.raises(ReadingFailed, match="The mapping cannot be used"):
        parse_mapping(document)


def test_the_mappings_that_come_with_touchstone_can_be_used() -> None:
    assert preset_names() == [
        "finegrained_rlhf",
        "finegrained_rlhf_errors",
        "llmfao",
        "mqm_ted_ende",
        "pandalm",
        "pandalm_label_studio",
    ]
    for name in preset_names():
        parse_mapping(preset(name))
    with pytest.raises(KeyError):
        preset("../mapping")


@settings(max_examples=200)
@given(json_values, st.sampled_from(["finegrained_rlhf_errors", "mqm_ted_ende", "pandalm"]))
def test_a_mapping_takes_any_row_without_stumbling(record: Any, name: str) -> None:
    row = mapped(preset(name), record)
    assert row.item is not None or row.problems


@settings(max_examples=200)
@given(json_values)
def test_any_document_is_a_mapping_or_is_refused(document: Any) -> None:
    try:
        problems = [] if parse_mapping(document) else ["nothing"]
    except ReadingFailed as failed:
        problems = [problem.path for problem in failed.problems] or ["nothing"]
    assert problems != ["nothing"]
