"""A checklist: its criteria, from the form or from the item; what is no answer; and the weighted score."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.forms.questions import Answer, Checklist, Criterion
from feedback.forms.rubrics import MOST_CRITERIA, criteria_in, with_rubric
from feedback.forms.schema import dump_form, parse_form
from tests.forms.strategies import json_values

CRITERIA = (
    Criterion("holding", "States the holding", 10),
    Criterion("style", "Reads well", 5),
    Criterion("invents", "Invents an authority", -20),
)
EACH = Checklist(id="rubric", title="Rubric", criteria=CRITERIA)
AB = ("A", "B")
ALL = {"holding": "yes", "style": "no", "invents": "no"}


def codes(faults: Any) -> list[str]:
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "wrong_type"),
        ({"A": ["yes"]}, "wrong_type"),
        ({"C": ALL}, "unknown_response"),
        ({"A": {"length": "yes"}}, "unknown_choice"),
        ({"A": {"style": "perhaps"}}, "unknown_choice"),
        ({"A": {"style": True}}, "unknown_choice"),
    ],
)
def test_what_is_no_checklist(value: object, code: str) -> None:
    assert codes(EACH.faults(value, AB)) == [code]


def test_every_criterion_is_marked_for_every_response() -> None:
    assert codes(EACH.lacks(None, AB)) == ["answer_missing"]
    assert codes(EACH.lacks({"A": ALL}, AB)) == ["response_missing"]
    (fault,) = EACH.lacks({"A": ALL, "B": {"holding": "na", "invents": "no"}}, AB)
    assert fault.sentence == "Mark “Reads well” for response B as well."
    assert list(Checklist(id="r", title="R").lacks(None, AB)) == []


@pytest.mark.parametrize(
    ("marks", "score"),
    [
        (ALL, 0.666667),
        ({**ALL, "style": "yes"}, 1.0),
        ({**ALL, "style": "na"}, 1.0),
        ({**ALL, "invents": "yes"}, 0.0),
        ({"holding": "na", "style": "na", "invents": "yes"}, None),
    ],
)
def test_the_score_is_the_weight_met_of_what_applies(
    marks: dict[str, str], score: float | None
) -> None:
    assert EACH.score(marks) == score
    rows = [] if score is None else [Answer("rubric", 2, number=score)]
    assert list(EACH.answers({"2": marks})) == rows


def test_criteria_come_with_the_item_one_a_line() -> None:
    text = "+10 States the holding\n\n-5: Invents an authority\n−3 Rambles\nReads well\n999 Heavy"
    rubric = {"kind": "rubric", "title": "", "parts": [{"type": "text", "text": text}]}
    other = {"kind": "source", "title": "", "parts": [{"type": "text", "text": "7 no"}]}
    assert criteria_in([other, rubric]) == (
        Criterion("c1", "States the holding", 10),
        Criterion("c2", "Invents an authority", -5),
        Criterion("c3", "Rambles", -3),
        Criterion("c4", "Reads well", 1),
        Criterion("c5", "Heavy", 100),
    )


def test_only_a_checklist_without_criteria_takes_those_of_the_item() -> None:
    own = {"value": "a", "title": "Own", "weight": 2}
    questions = [
        {"type": "checklist", "id": "own", "title": "Own", "criteria": [own]},
        {"type": "checklist", "id": "items", "title": "The item's"},
    ]
    shape = {"desk": "compare", "responses": {"min": 1, "max": 1}, "usual_minutes": 9}
    form = parse_form(shape | {"questions": questions})
    assert parse_form(dump_form(form)) == form
    rubric = {"kind": "rubric", "parts": [{"text": "So it is"}]}
    first, second = with_rubric(form, lambda: [rubric]).questions
    assert first is form.questions[0]
    assert isinstance(second, Checklist)
    assert second.criteria == (Criterion("c1", "So it is", 1),)
    plain = parse_form(shape | {"questions": questions[:1]})
    assert with_rubric(plain, lambda: 1 / 0) is plain  # type: ignore[arg-type, return-value]


@given(st.text())
def test_any_text_is_a_rubric(text: str) -> None:
    found = criteria_in([{"kind": "rubric", "parts": [{"text": text}]}])
    assert len(found) <= MOST_CRITERIA
    assert len({each.value for each in found}) == len(found)
    assert all(each.title.strip() and -100 <= each.weight <= 100 for each in found)


@given(json_values)
def test_no_json_breaks_the_check(value: object) -> None:
    for each in (value, {"A": value}, {"A": {"style": value}}):
        if not list(EACH.faults(each, AB)):
            list(EACH.lacks(each, AB))
