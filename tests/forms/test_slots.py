"""Positions become letters and letters positions, without loss, and a desk never speaks of positions."""

from __future__ import annotations

import orjson
from hypothesis import given

from feedback.forms.body import check_body
from feedback.forms.schema import parse_form
from feedback.forms.slots import from_slots, letters, read_slots, to_slots
from tests.forms.strategies import forms, json_values, reviewed

FORM = parse_form(
    {
        "desk": "compare",
        "responses": {"min": 2, "max": 3},
        "usual_minutes": 4,
        "questions": [
            {"type": "preference", "id": "preference", "title": "Better?", "required": False},
            {"type": "rating", "id": "accuracy", "title": "Accuracy", "min": 1, "max": 5},
            {
                "type": "choice",
                "id": "faults",
                "title": "Faults",
                "required": False,
                "per": "response",
                "multiple": True,
                "options": [{"value": "long", "title": "Too long"}],
            },
        ],
    }
)


def test_the_second_response_shown_first_is_a():
    stored = {
        "answers": {
            "preference": [{"a": 1, "b": 2, "value": 3}],
            "accuracy": {"1": 5, "2": 1},
            "faults": {"2": ["long"]},
        },
        "cannot_judge": None,
    }
    shown = {
        "answers": {
            "preference": [{"a": "B", "b": "A", "value": 3}],
            "accuracy": {"B": 5, "A": 1},
            "faults": {"A": ["long"]},
        },
        "cannot_judge": None,
    }
    assert to_slots(FORM, stored, [2, 1]) == shown
    assert from_slots(FORM, shown, [2, 1]) == stored


def test_there_are_letters_for_sixteen_responses():
    assert letters(3) == ("A", "B", "C")
    assert letters(16)[-1] == "P"


def test_a_stored_body_has_both_keys_and_no_empty_answers():
    body = {"answers": {"preference": [], "accuracy": {}, "faults": {}}}
    assert from_slots(FORM, body, [1, 2]) == {"answers": {}, "cannot_judge": None}
    escape = {"cannot_judge": {"reason": "outside_expertise"}}
    assert from_slots(FORM, escape, [1, 2])["cannot_judge"] == {
        "reason": "outside_expertise",
        "note": "",
    }


def test_positions_from_a_desk_are_refused():
    # A desk never learns positions; taken for letters they would put the answer on the wrong response.
    for answers in ({"accuracy": {"1": 5, "2": 1}}, {"preference": [{"a": 1, "b": 2, "value": 3}]}):
        body, problems = read_slots(FORM, {"answers": answers}, [2, 1], False)
        assert body is None
        assert {each.code for each in problems} == {"unknown_response"}


def test_what_a_desk_sends_is_checked_and_stored_by_position():
    sent = {"answers": {"accuracy": {"A": 5, "B": 2, "C": 1}}}
    body, problems = read_slots(FORM, sent, [3, 1, 2], True)
    assert problems == []
    assert body == {"answers": {"accuracy": {"3": 5, "1": 2, "2": 1}}, "cannot_judge": None}
    assert read_slots(FORM, {"answers": {"accuracy": {"A": 5}}}, [3, 1, 2], True)[0] is None


@given(reviewed())
def test_a_body_survives_being_shown_and_sent_back(drawn):
    form, body, order = drawn
    shown = to_slots(form, body, order)
    assert from_slots(form, shown, order) == body
    assert read_slots(form, shown, order, False) == (body, [])


@given(reviewed())
def test_a_shown_body_speaks_of_letters_only(drawn):
    form, body, order = drawn
    assert check_body(form, to_slots(form, body, order), letters(len(order)), False) == []


@given(reviewed(most=6))
def test_what_a_desk_shows_does_not_depend_on_the_order_of_import(drawn):
    # Import the same responses in another order and show them as before: the payload must not change by a byte.
    form, body, order = drawn
    moved = {old: new for new, old in enumerate(reversed(order), start=1)}
    elsewhere = from_slots(
        form, to_slots(form, body, order), [moved[position] for position in order]
    )
    again = to_slots(form, elsewhere, [moved[position] for position in order])
    assert orjson.dumps(again) == orjson.dumps(to_slots(form, body, order))


@given(forms(most=3), json_values)
def test_no_json_breaks_what_reads_a_desk(form, value):
    for sent in (value, {"answers": value}, {"answers": {form.questions[0].id: value}}):
        body, problems = read_slots(form, sent, [2, 1, 3], True)
        assert (body is None) == bool(problems)
