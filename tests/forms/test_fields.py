"""What a browser form sends becomes a body, and a body shows itself in the form again."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.forms.body import check_body
from feedback.forms.domains import DOMAINS
from feedback.forms.fields import field_values, read_fields
from feedback.forms.schema import parse_form
from feedback.forms.slots import letters, to_slots
from tests.forms.strategies import forms, reviewed

CHAT = DOMAINS["chat"].form
WHY = "A names the cause in its first sentence; B lists symptoms, and two of the five belong to another illness."
SENT = {
    "csrfmiddlewaretoken": ["abc"],
    "preference": ["3"],
    "accuracy.A": ["4"],
    "accuracy.B": ["2"],
    "answers.A": ["5"],
    "answers.B": ["5"],
    "faults.B": ["wrong_claim", "too_long"],
    "why": [WHY],
}
READ = {
    "answers": {
        "preference": [{"a": "A", "b": "B", "value": 1}],
        "accuracy": {"A": 4, "B": 2},
        "answers": {"A": 5, "B": 5},
        "faults": {"B": ["wrong_claim", "too_long"]},
        "why": WHY,
    },
    "cannot_judge": None,
}


def test_a_desk_is_read_as_its_reviewer_filled_it():
    assert read_fields(CHAT, SENT, ("A", "B")) == READ
    assert check_body(CHAT, READ, ("A", "B"), True) == []


def test_a_body_shows_itself_in_the_fields_it_came_from():
    assert field_values(CHAT, READ, ("A", "B")) == {
        k: v for k, v in SENT.items() if k != "csrfmiddlewaretoken"
    }


def test_a_real_request_is_read():
    sent = parse_qs(
        "preference=6&accuracy.A=4&faults.B=wrong_claim&faults.B=too_long&why=a%0D%0Ab%00"
    )
    assert read_fields(CHAT, sent, ("A", "B"))["answers"] == {
        "preference": [{"a": "A", "b": "B", "value": -2}],
        "accuracy": {"A": 4},
        "faults": {"B": ["wrong_claim", "too_long"]},
        "why": "a\nb",
    }


@pytest.mark.parametrize(
    ("steps", "sent", "value"),
    [(7, "1", 3), (7, "4", 0), (7, "7", -3), (3, "1", 1), (3, "2", 0), (3, "3", -1)],
)
def test_the_first_step_favours_the_first_response_most(steps, sent, value):
    question = {"type": "preference", "id": "preference", "title": "Better?", "steps": steps}
    form = parse_form(
        {
            "desk": "compare",
            "responses": {"min": 2, "max": 2},
            "usual_minutes": 1,
            "questions": [question],
        }
    )
    body = read_fields(form, {"preference": [sent]}, ("A", "B"))
    assert body["answers"]["preference"] == [{"a": "A", "b": "B", "value": value}]
    assert field_values(form, body, ("A", "B")) == {"preference": [sent]}
    turned = {"answers": {"preference": [{"a": "B", "b": "A", "value": -value}]}}
    assert field_values(form, turned, ("A", "B")) == {"preference": [sent]}


def test_the_scale_in_words_leads_from_one_response_to_the_other():
    question = CHAT.questions[0]
    steps = question.scale("A", "B")
    assert [step.words for step in steps] == [
        "A much better",
        "A better",
        "A slightly better",
        "Equal",
        "B slightly better",
        "B better",
        "B much better",
    ]
    assert [(step.field, step.side, step.strength) for step in steps][:4] == [
        ("1", "A", 3),
        ("2", "A", 2),
        ("3", "A", 1),
        ("4", None, 0),
    ]
    short = type(question)(id="p", title="P", steps=3, allow_tie=False).scale("A", "B")
    assert [(step.field, step.words) for step in short] == [("1", "A better"), ("3", "B better")]


def test_both_unacceptable_is_a_choice_of_its_own():
    body = read_fields(CHAT, {"preference": ["both_unacceptable"]}, ("A", "B"))
    assert body["answers"]["preference"] == [
        {"a": "A", "b": "B", "value": 0, "both_unacceptable": True}
    ]
    assert field_values(CHAT, body, ("A", "B")) == {"preference": ["both_unacceptable"]}


def test_the_reason_for_not_judging_is_read_with_its_note():
    sent = {"cannot_judge": ["missing_context"], "cannot_judge_note": ["Page 2 is missing."]}
    body = read_fields(CHAT, sent, ("A", "B"))
    assert body == {
        "answers": {},
        "cannot_judge": {"reason": "missing_context", "note": "Page 2 is missing."},
    }
    assert field_values(CHAT, body, ("A", "B")) == sent


def test_a_note_begun_before_its_reason_is_kept_as_a_draft():
    body = read_fields(CHAT, {"cannot_judge": [""], "cannot_judge_note": ["Page 2"]}, ("A", "B"))
    assert check_body(CHAT, body, ("A", "B"), False) == []
    assert field_values(CHAT, body, ("A", "B")) == {"cannot_judge_note": ["Page 2"]}


def test_fields_left_empty_are_no_answers():
    sent = {
        "preference": [""],
        "accuracy.A": [""],
        "faults.A": [""],
        "why": [""],
        "cannot_judge": [""],
    }
    assert read_fields(CHAT, sent, ("A", "B")) == {"answers": {}, "cannot_judge": None}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("preference", "banana", "not_a_whole_number"),
        ("preference", "9", "out_of_range"),
        ("preference", "٣", "not_a_whole_number"),
        ("accuracy.A", "4.5", "not_a_whole_number"),
        ("accuracy.A", "1_0", "not_a_whole_number"),
        ("accuracy.A", "9" * 5000, "not_a_whole_number"),
        ("accuracy.C", "4", "unknown_response"),
        ("accuracy.", "4", "unknown_response"),
        ("faults.A", "spelling", "unknown_choice"),
    ],
)
def test_what_no_page_of_ours_sends_is_refused_and_not_dropped(name, value, code):
    body = read_fields(CHAT, {name: [value]}, ("A", "B"))
    assert [each.code for each in check_body(CHAT, body, ("A", "B"), False)] == [code]


def one_line_end(value):
    """A text field of a browser spells every line end the same, however a program had sent it."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if isinstance(value, list):
        return [one_line_end(each) for each in value]
    return {k: one_line_end(v) for k, v in value.items()} if isinstance(value, dict) else value


@given(reviewed(most=2))
def test_a_body_survives_the_fields_that_show_it(drawn):
    form, body, order = drawn
    slots = letters(len(order))
    shown = to_slots(form, body, order)
    fields = field_values(form, shown, slots)
    again = read_fields(form, fields, slots)
    assert field_values(form, again, slots) == one_line_end(fields)
    assert check_body(form, again, slots, False) == []
    assert again["cannot_judge"] == one_line_end(shown["cannot_judge"])
    for question in form.questions:
        value = shown["answers"].get(question.id)
        if question.kind in {"rating", "choice"}:
            assert again["answers"].get(question.id) == value


@given(forms(most=3), st.data())
def test_no_fields_break_the_reader(form, data):
    names = st.sampled_from(
        [q.id + tail for q in form.questions for tail in ("", ".A", ".B", ".", ".A.B")]
    )
    values = st.lists(
        st.text() | st.sampled_from(["1", "option_0", "both_unacceptable"]), max_size=3
    )
    fields = data.draw(st.dictionaries(names | st.text(), values))
    check_body(form, read_fields(form, fields, ("A", "B")), ("A", "B"), True)
