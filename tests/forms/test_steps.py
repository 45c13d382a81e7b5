"""Steps: how a text is cut, what is no labelling, what one lacks, and where its first error is."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.forms.questions import Answer, Steps
from feedback.forms.schema import parse_form
from feedback.forms.splitting import MOST_STEPS, RULES, Rule, split
from feedback.forms.stepping import steps_outside
from tests.forms.strategies import json_values, labelled

EACH = Steps(id="steps", title="Label each step")
TO_FIRST = Steps(id="steps", title="Label each step", to_first_error=True)
AB = ("A", "B")


def cut(text: str, rule: Rule) -> list[str]:
    return [text[start:end] for start, end in split(text, rule)]


def steps(*labels: int | None) -> dict[str, Any]:
    return {
        "steps": [
            {"start": 10 * n, "end": 10 * n + 9, "label": label} for n, label in enumerate(labels)
        ]
    }


def codes(faults: Any) -> list[str]:
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("", "paragraph", []),
        (" \n\n \n", "line", []),
        ("One.\n\nTwo,\nstill two.\r\n\r\n  Three.", "paragraph", ["One.", "Two,\nstill two.", "Three."]),
        ("x = 1\r\n\r\n y = 2 \nz", "line", ["x = 1", "y = 2", "z"]),
        ("It is. Is it? Yes! “So.” Then 2.", "sentence", ["It is.", "Is it?", "Yes!", "“So.”", "Then 2."]),
        ("See Roe v. Wade, 410 U.S. 113. It held so.", "sentence", ["See Roe v. Wade, 410 U.S. 113.", "It held so."]),
        ("J. R. Smith wrote, e.g. here, 3.5 pages. Dr. No read it.", "sentence", ["J. R. Smith wrote, e.g. here, 3.5 pages.", "Dr. No read it."]),
        ("No stop\n\nA new one. and so on", "sentence", ["No stop", "A new one. and so on"]),
        ("é́ 👩‍⚖️ says so. مرحبا! שלום.", "sentence", ["é́ 👩‍⚖️ says so.", "مرحبا!", "שלום."]),
    ],
)  # fmt: skip
def test_a_text_is_cut_by_its_rule(text: str, rule: Rule, expected: list[str]) -> None:
    assert cut(text, rule) == expected


@given(st.text(st.sampled_from('aB.?!… \n\r"”1é́👩‍⚖️ש')), st.sampled_from(RULES))
def test_no_character_but_space_is_lost_and_no_step_overlaps(text: str, rule: Rule) -> None:
    spans = split(text, rule)
    assert all(a < b for a, b in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert "".join("".join(cut(text, rule)).split()) == "".join(text.split())
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)


def test_what_is_left_after_the_most_belongs_to_the_last() -> None:
    text = "\n".join(f"line {n}" for n in range(MOST_STEPS + 50))
    spans = split(text, "line")
    assert len(spans) == MOST_STEPS
    assert spans[-1][1] == len(text)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "wrong_type"),
        ({"A": []}, "wrong_type"),
        ({"A": {"steps": [1]}}, "wrong_type"),
        ({"A": {"steps": [{"start": 0, "end": 1}]}}, "wrong_type"),
        ({"A": "0-x"}, "wrong_type"),
        ({"C": {"steps": []}}, "unknown_response"),
        ({"A": {"steps": [], "first": 1}}, "unknown_field"),
        ({"A": {"steps": [{"start": 0, "end": "9", "label": 1}]}}, "not_a_whole_number"),
        ({"A": {"steps": [{"start": 9, "end": 9, "label": 1}]}}, "out_of_range"),
        ({"A": {"steps": [{"start": -1, "end": 9, "label": 1}]}}, "out_of_range"),
        ({"A": {"steps": [{"start": 0, "end": 9, "label": 2}]}}, "out_of_range"),
        ({"A": {"steps": [{"start": 0, "end": 9, "label": "good"}]}}, "out_of_range"),
        ({"A": {"steps": steps(1, 1)["steps"][::-1]}}, "out_of_range"),
        ({"A": steps(*[1] * (MOST_STEPS + 1))}, "too_many_entries"),
    ],
)
def test_what_is_no_labelling(value: object, code: str) -> None:
    assert codes(EACH.faults(value, AB)) == [code]


def test_every_step_needs_a_label_unless_labels_end_at_the_first_error() -> None:
    value = {"A": steps(1, -1, None), "B": steps(1, 1, 0)}
    (fault,) = EACH.lacks(value, AB)
    assert fault.sentence == "Label step 3 of response A as well."
    assert list(TO_FIRST.lacks(value, AB)) == []
    assert codes(TO_FIRST.lacks({"A": steps(None, -1)}, AB)) == ["response_missing"] * 2
    assert codes(EACH.lacks(None, AB)) == ["answer_missing"]
    assert codes(Steps(id="s", title="S", required=False).lacks(None, AB)) == []


def test_a_labelled_response_says_whether_it_holds_an_error() -> None:
    value = {"2": steps(1, 0), "1": steps(1, -1, None), "3": steps(1, None)}
    assert list(EACH.answers(value)) == [
        Answer("steps", 1, choice="error"),
        Answer("steps", 2, choice="no_error"),
    ]
    assert EACH.words(value["1"]) == "3 steps, first error in step 2"
    assert EACH.words(value["2"]) == "2 steps, no error"


def test_labels_are_read_from_their_fields() -> None:
    fields = {"steps.A": ["0-9 10-19"], "steps.A.1": ["-1"], "steps.B": ["0-4"]}
    assert EACH.from_fields(fields, AB) == {"A": steps(None, -1)}
    bad = EACH.from_fields({"steps.A": ["0-9 ten"], "steps.A.0": ["1"]}, AB)
    assert codes(EACH.faults(bad, AB)) == ["wrong_type"]


def test_a_step_that_ends_behind_its_text_is_of_another_one() -> None:
    shape = {"desk": "compare", "responses": {"min": 1, "max": 1}, "usual_minutes": 9}
    form = parse_form(shape | {"questions": [{"type": "steps", "id": "steps", "title": "S"}]})
    body = {"answers": {"steps": {"1": steps(1, 1)}}}
    assert steps_outside(form, body, lambda: {1: ["ten chars.", "seven.."]}) == []
    assert codes(steps_outside(form, body, lambda: {1: ["ten chars.", "six.."]})) == [
        "out_of_range"
    ]
    assert steps_outside(form, {"answers": {}}, dict) == []


@given(labelled())
def test_any_labelling_survives_its_fields(value: dict[str, Any]) -> None:
    assert EACH.from_fields(EACH.to_fields({"B": value}, AB), AB) == {"B": value}


@given(json_values)
def test_no_json_breaks_the_check(value: object) -> None:
    for each in (value, {"A": value}, {"A": {"steps": value}}, {"A": {"steps": [value]}}):
        if not list(EACH.faults(each, AB)):
            list(EACH.lacks(each, AB))
