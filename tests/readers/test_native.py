"""A native row becomes an item, or a full account of what is wrong with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from feedback.readers import ItemRow, Row, read
from feedback.readers.identity import body_hash
from feedback.readers.native import all_faults, build
from feedback.readers.problems import MOST_PER_PLACE
from feedback.readers.rows import Part
from tests.readers.files import codes, rows_of, written
from tests.readers.strategies import items, rows_like

VOTE = {"preference": [{"a": 1, "b": 2, "value": 1}]}


def row_of(written_row: Any) -> Row:
    return build(1, b"", written_row)


def item_of(**fields: Any) -> ItemRow:
    row = row_of({"prompt": "Why?", **fields})
    assert row.problems == []
    assert row.item is not None
    return row.item


def problems_of(**fields: Any) -> list[tuple[str, int | None, str, str]]:
    row = row_of({"prompt": "Why?", **fields})
    return [(p.scope, p.index, p.code, p.path) for p in row.problems]


def test_strings_become_messages_of_the_user_and_the_assistant() -> None:
    item = item_of(responses=["Because.", {"text": "**No.**", "format": "markdown"}])
    assert [message.role for message in item.prompt] == ["user"]
    assert [r.messages[0].role for r in item.responses] == ["assistant", "assistant"]
    assert item.responses[1].messages[0].parts == [Part("text", "**No.**", "markdown")]


def test_messages_may_have_the_content_of_chat_files() -> None:
    item = item_of(
        prompt=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
            {"role": "tool", "content": "42", "tool_call_id": "1"},
        ]
    )
    assert [[part.text for part in message.parts] for message in item.prompt] == [
        ["Be brief."],
        ["Why?"],
        [],
        ["42"],
    ]
    assert item.prompt[2].tool_calls == [{"id": "1"}]


def test_documents_may_be_strings_or_have_a_kind() -> None:
    item = item_of(context=["Facts.", {"title": "§ 1", "kind": "statute", "text": "Law."}])
    assert [(d.title, d.kind, d.parts[0].text) for d in item.context] == [
        ("", "source", "Facts."),
        ("§ 1", "statute", "Law."),
    ]


@pytest.mark.parametrize(("id", "text"), [(7, "7"), (7.0, "7"), ("007", "007"), (-1, "-1")])
def test_numbers_are_taken_as_ids(id: Any, text: str) -> None:
    item = item_of(id=id, group=id, responses=["a", "b"], reviews=[{"rater": id, "answers": VOTE}])
    assert (item.id, item.group, item.reviews[0].rater) == (text, text, text)


def test_null_means_left_out_everywhere() -> None:
    fields = dict.fromkeys(["id", "context", "tags", "purpose", "priority", "group", "reviews"])
    response = {"text": "a", "messages": None, "model": None, "parameters": None, "origin": None}
    assert item_of(**fields, responses=[response]) == item_of(responses=["a"])
    review = {"rater": "r", "answers": {"q": None, "r": {"1": 3, "2": None}}, "order": None}
    tidy = item_of(responses=["a", "b"], reviews=[review]).reviews[0]
    assert tidy.answers == {"r": {"1": 3}}
    assert problems_of(reviews=[{"rater": "r", "answers": {"q": None}}]) == [
        ("review", 1, "empty_review", "reviews.0")
    ]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_none_are_refused(number: float) -> None:
    codes_of = {
        code
        for review in (
            {"rater": "r", "answers": {"q": "x"}, "active_seconds": number},
            {"rater": "r", "answers": {"q": {"1": number}}},
            {"rater": number, "answers": {"q": "x"}},
        )
        for _, _, code, _ in problems_of(responses=["a"], reviews=[review])
    }
    assert codes_of == {"number_out_of_range", "bad_answer"}


def test_times_become_utc_and_without_a_zone_are_taken_as_utc() -> None:
    times = ["2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00", "2024-05-01 10:00Z", "2024-05-01"]
    reviews = [{"rater": t, "answers": VOTE, "submitted_at": t} for t in times]
    item = item_of(responses=["a", "b"], reviews=reviews)
    moment = datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert [r.submitted_at for r in item.reviews] == [
        moment,
        moment,
        moment,
        moment.replace(hour=0),
    ]
    assert {r.submitted_at.tzinfo for r in item.reviews if r.submitted_at} == {UTC}


def test_ratings_of_4_and_4_point_0_are_the_same_review() -> None:
    bodies = [
        item_of(responses=["a"], reviews=[{"rater": "r", "answers": {"q": {"1": number}}}])
        for number in (4, 4.0)
    ]
    first, second = (body_hash(item.reviews[0].body()) for item in bodies)
    assert first == second


def test_every_fault_is_told_at_once_with_its_place() -> None:
    row = row_of(
        {
            "prompt": "  ",
            "id": 3.5,
            "purpose": "testing",
            "priority": 101,
            "colour": "red",
            "context": [{"title": "T"}],
            "responses": ["fine", True, {"text": 3, "mood": "x"}, {"text": "a", "messages": []}],
            "reviews": [{"rater": "r", "answers": {"q": {"5": 1}}, "order": [1, 1]}],
        }
    )
    assert row.item is None
    assert {(p.scope, p.index, p.code, p.path) for p in row.problems} == {
        ("item", None, "empty_prompt", "prompt"),
        ("item", None, "wrong_type", "id"),
        ("item", None, "not_one_of", "purpose"),
        ("item", None, "number_out_of_range", "priority"),
        ("item", None, "unknown_field", "colour"),
        ("item", None, "text_or_messages", "context.0"),
        ("response", 2, "response_not_text", "responses.1"),
        ("response", 3, "response_not_text", "responses.2.text"),
        ("response", 3, "unknown_field", "responses.2.mood"),
        ("response", 4, "text_or_messages", "responses.3"),
        ("review", 1, "unknown_response", "reviews.0.answers.q.5"),
        ("review", 1, "bad_order", "reviews.0.order"),
        ("response", None, "item_rejected", "responses"),
        ("review", None, "item_rejected", "reviews"),
    }
    assert (row.responses, row.reviews) == (4, 1)
    assert (row.rejected_responses, row.rejected_reviews) == (4, 1)


def test_a_bad_review_rejects_only_itself() -> None:
    good = {"rater": "b", "answers": VOTE}
    bad = {"rater": "a", "answers": {"preference": [{"a": 1, "b": 3, "value": 1}]}}
    row = row_of({"prompt": "Why?", "responses": ["a", "b"], "reviews": [bad, good, {}]})
    assert row.item is not None
    assert [review.rater for review in row.item.reviews] == ["b"]
    assert {(p.index, p.code) for p in row.problems} == {
        (1, "unknown_response"),
        (3, "missing_field"),
        (3, "empty_review"),
    }
    assert (row.rejected_responses, row.rejected_reviews) == (0, 2)


def test_a_review_given_twice_in_a_row_is_taken_once() -> None:
    by_id = [{"id": 1, "rater": "a", "answers": VOTE}, {"id": "1", "rater": "b", "answers": VOTE}]
    by_body = [{"rater": "c", "answers": VOTE}, {"rater": "c", "answers": VOTE}]
    other = {"rater": "c", "answers": {"preference": [{"a": 1, "b": 2, "value": -1}]}}
    row = row_of({"prompt": "Why?", "responses": ["a", "b"], "reviews": [*by_id, *by_body, other]})
    assert [(p.index, p.code) for p in row.problems] == [
        (2, "duplicate_review"),
        (4, "duplicate_review"),
    ]
    assert row.item is not None
    assert [review.rater for review in row.item.reviews] == ["a", "c", "c"]


def test_a_rater_may_be_missing_only_where_nobody_is_known() -> None:
    assert problems_of(reviews=[{"answers": {"q": "x"}}]) == [
        ("review", 1, "missing_field", "reviews.0.rater")
    ]
    item = item_of(reviews=[{"answers": {"q": "x"}, "rater_kind": "unknown"}])
    assert item.reviews[0].rater is None


def test_a_judgement_refused_is_a_review() -> None:
    refusal = {"reason": "outside_expertise", "note": None}
    item = item_of(reviews=[{"rater": "a", "cannot_judge": refusal}])
    assert item.reviews[0].body() == {
        "answers": {},
        "cannot_judge": {"reason": "outside_expertise", "note": ""},
    }


@pytest.mark.parametrize(
    "answer",
    [
        3,
        True,
        [1],
        ["a", 1],
        [{"a": 1, "b": 2}],
        [{"a": 1, "b": 2, "value": 4}],
        [{"a": 1, "b": 2, "value": 0.5}],
        [{"a": 1, "b": 2, "value": True}],
        [{"a": 1, "b": 1, "value": 0}],
        [{"a": 1, "b": 2, "value": 1}, {"a": 2, "b": 1, "value": 1}],
        [{"a": 1, "b": 2, "value": 0, "both_unacceptable": 1}],
        [{"a": 1, "b": 2, "value": 0, "strength": 1}],
        {"1": "good"},
        {"1": [3]},
        {"1": True},
    ],
)
def test_answers_of_no_known_shape_are_refused(answer: Any) -> None:
    problems = problems_of(responses=["a", "b"], reviews=[{"rater": "a", "answers": {"q": answer}}])
    assert {problem[:3] for problem in problems} == {("review", 1, "bad_answer")}


@pytest.mark.parametrize("response", ["0", "3", "01", "1.0", "A", ""])
def test_a_rating_of_a_response_that_is_not_there_is_refused(response: str) -> None:
    review = {"rater": "a", "answers": {"q": {response: 1}}}
    problems = problems_of(responses=["a", "b"], reviews=[review])
    assert [code for _, _, code, _ in problems] == ["unknown_response"]


def test_sixteen_responses_are_taken_and_seventeen_are_not() -> None:
    assert len(item_of(responses=["a"] * 16).responses) == 16
    assert ("item", None, "too_many_values", "responses") in problems_of(responses=["a"] * 17)


def test_a_prompt_without_text_is_empty_and_a_response_without_text_is_not() -> None:
    for prompt in ("", " \n", [], [{"role": "user", "parts": []}]):
        assert problems_of(prompt=prompt) == [("item", None, "empty_prompt", "prompt")]
    assert item_of(responses=[""]).responses[0].messages[0].parts[0].text == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\0b", "nul_byte"),
        ("a\ud800", "lone_surrogate"),
        ("a" * ((16 << 20) + 1), "field_too_large"),
    ],
)
def test_text_that_cannot_be_stored_is_refused_wherever_it_stands(text: str, code: str) -> None:
    for row in (
        {"prompt": text},
        {"prompt": "a", "responses": [{"text": "b", "parameters": {"stop": [text]}}]},
        {"prompt": "a", "reviews": [{"rater": "r", "answers": {"why": text}}]},
        {"prompt": "a", "reviews": [{"rater": "r", "answers": {text: "why"}}]},
    ):
        found = row_of(row)
        assert found.problems[0].code == code
        assert found.item is None or found.item.reviews == []
        msgspec.json.encode(found.problems)


def test_a_backslash_before_u0000_is_only_text() -> None:
    assert item_of(prompt="\\u0000").prompt[0].parts[0].text == "\\u0000"


def test_the_free_parts_of_a_row_may_not_nest_without_end() -> None:
    deep: Any = 1
    for _ in range(80):
        deep = {"a": deep}
    problems = problems_of(responses=[{"text": "a", "parameters": deep}])
    assert ("response", 1, "too_deep", "responses.0.parameters") in problems


def test_a_message_has_its_text_once_and_calls_that_end() -> None:
    call: Any = 1
    for _ in range(80):
        call = {"a": call}
    twice = {"role": "user", "content": "a", "parts": [{"type": "text", "text": "a"}]}
    calling = {"role": "assistant", "content": "b", "tool_calls": [call]}
    assert problems_of(prompt=[twice]) == [("item", None, "text_or_messages", "prompt.0")]
    assert ("item", None, "too_deep", "prompt.0.tool_calls") in problems_of(prompt=[calling])


def test_a_row_full_of_faults_is_told_in_few_words() -> None:
    row = row_of({"prompt": "a", **{f"field {n}": n for n in range(5000)}})
    assert len(row.problems) == MOST_PER_PLACE
    assert max(len(p.sentence) for p in row.problems) < 1000


def test_what_a_row_says_in_a_sentence_can_always_be_stored() -> None:
    row = row_of({"prompt": 1, "\ud800\0": 2, "purpose": "\ud800\0" * 500})
    for problem in row.problems:
        assert "\0" not in problem.sentence + problem.path
        assert (problem.sentence + problem.path).encode()
        assert len(problem.sentence) < 1000


@settings(max_examples=60)
@given(items())
def test_an_item_written_as_json_is_read_back_as_itself(item: ItemRow) -> None:
    row = build(1, b"", json.loads(msgspec.json.encode(item)))
    assert row.problems == []
    assert row.item == item


@settings(max_examples=8, deadline=None)
@given(items(), items())
def test_items_survive_a_file_and_the_child_that_reads_it(
    tmp_path_factory: pytest.TempPathFactory, first: ItemRow, second: ItemRow
) -> None:
    lines = b"\n".join(msgspec.json.encode(item) for item in (first, second))
    path = written(tmp_path_factory.mktemp("rows"), "rows.jsonl", lines)
    assert [row.item for row in read(path)] == [first, second]


@settings(max_examples=300)
@given(rows_like)
def test_whatever_comes_is_either_an_item_or_explained(value: Any) -> None:
    row = build(1, b"", value)
    assert 0 <= row.rejected_reviews <= row.reviews
    assert bool(row.problems) or row.item is not None
    msgspec.json.encode(row.problems)
    if row.item is not None:
        msgspec.msgpack.encode(row)
        assert len(row.item.responses) + row.rejected_responses == row.responses
    if row.item is not None and not row.problems:
        assert list(all_faults(value, [])) == []


def test_a_file_of_rows_counts_what_it_took_and_what_not(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.jsonl", '{"prompt":"a"}\n\nnonsense\n{"prompt":true}\n')
    rows = rows_of(path)
    assert [(row.number, codes(row)) for row in rows] == [
        (1, []),
        (3, ["not_json"]),
        (4, ["wrong_type"]),
    ]
    assert rows[1].raw == "nonsense"
