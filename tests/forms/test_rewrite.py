"""A rewrite: what is none, what it lacks, and the response that is in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from feedback.forms.derive import derive
from feedback.forms.questions import Rewrite, Written
from feedback.forms.schema import parse_form
from tests.forms.strategies import json_values, words

IDEAL = Rewrite(id="ideal", title="Your version", min_length=10, max_length=20)
AB = ("A", "B")


def codes(faults: Any) -> list[str]:
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Better.", "wrong_type"),
        ({"from": "A"}, "wrong_type"),
        ({"from": "A", "text": None}, "wrong_type"),
        ({"from": "C", "text": "x"}, "unknown_response"),
        ({"from": 1, "text": "x"}, "unknown_response"),
        ({"from": ["A"], "text": "x"}, "unknown_response"),
        ({"from": "A", "text": "x", "by": "me"}, "unknown_field"),
        ({"from": None, "text": "\0"}, "nul_byte"),
        ({"from": None, "text": "x" * (1 << 20 | 1)}, "text_too_large"),
    ],
)
def test_what_is_no_rewrite(value: object, code: str) -> None:
    assert codes(IDEAL.faults(value, AB)) == [code]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ["answer_missing"]),
        ({"from": "A", "text": " \n"}, ["answer_missing"]),
        ({"from": "A", "text": "Too short"}, ["text_too_short"]),
        ({"from": "A", "text": "x" * 21}, ["text_too_long"]),
        ({"from": None, "text": "Long enough."}, []),
    ],
)
def test_what_a_rewrite_lacks(value: object, expected: list[str]) -> None:
    assert codes(IDEAL.lacks(value, AB)) == expected


def test_it_is_read_from_its_fields_and_shows_itself_in_them() -> None:
    fields = {"ideal": ["One\r\ntwo"], "ideal.from": ["B"]}
    value = IDEAL.from_fields(fields, AB)
    assert value == {"from": "B", "text": "One\ntwo"}
    assert IDEAL.to_fields(value, AB) == {"ideal": ["One\ntwo"], "ideal.from": ["B"]}
    assert IDEAL.from_fields({"ideal": [""], "ideal.from": ["B"]}, AB) is None
    nothing = IDEAL.from_fields({"ideal": ["One"], "ideal.from": [""]}, AB)
    assert nothing == {"from": None, "text": "One"}
    assert IDEAL.to_fields(nothing, AB) == {"ideal": ["One"]}


def test_a_form_without_responses_may_ask_for_one() -> None:
    question = {"type": "rewrite", "id": "ideal", "title": "Answer it", "min_length": 5}
    shape = {"desk": "compare", "responses": {"min": 0, "max": 0}, "usual_minutes": 9}
    form = parse_form(shape | {"questions": [question]})
    body = {"answers": {"ideal": {"from": None, "text": "The whole answer."}}}
    derived = derive(form, body)
    assert derived.written == (Written("ideal", None, "The whole answer."),)
    assert (derived.votes, derived.answers) == ((), ())


@given(words)
def test_the_new_response_is_the_text_as_it_was_written(text: str) -> None:
    value = {"from": 2, "text": text}
    assert [*IDEAL.written(value)] == ([Written("ideal", 2, text)] if text.strip() else [])
    named = IDEAL.rename(value, {"1": "B", "2": "A"})
    assert named == {"from": "A", "text": text}


@given(json_values)
def test_no_json_breaks_the_check(value: object) -> None:
    for each in (value, {"from": value, "text": "x"}, {"from": "A", "text": value}):
        if not list(IDEAL.faults(each, AB)):
            list(IDEAL.lacks(each, AB))
