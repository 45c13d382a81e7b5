"""A body is checked against its form: every fault told with its question and code, nothing raised."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given

from feedback.forms.body import MOST_PROBLEMS, REASONS, cannot_judge, check_body, says_nothing
from feedback.forms.problems import BodyCode
from feedback.forms.schema import parse_form
from feedback.forms.slots import letters
from tests.forms.strategies import forms, json_values, reviewed
from tests.forms.test_critiques import CODES

FORM = parse_form(
    {
        "desk": "compare",
        "responses": {"min": 1, "max": 4},
        "usual_minutes": 4,
        "questions": [
            {"type": "preference", "id": "preference", "title": "Better?"},
            {
                "type": "preference",
                "id": "safer",
                "title": "Safer?",
                "required": False,
                "steps": 3,
                "allow_tie": False,
                "allow_both_unacceptable": False,
            },
            {"type": "rating", "id": "accuracy", "title": "Accuracy", "min": 1, "max": 5},
            {
                "type": "choice",
                "id": "faults",
                "title": "Faults",
                "options": [
                    {"value": "long", "title": "Too long"},
                    {"value": "wrong", "title": "Wrong"},
                ],
                "multiple": True,
                "per": "response",
                "required": False,
            },
            {
                "type": "choice",
                "id": "topic",
                "title": "Topic",
                "options": [{"value": "law", "title": "Law"}, {"value": "code", "title": "Code"}],
            },
            {"type": "text", "id": "why", "title": "Why", "min_length": 10, "max_length": 100},
        ],
    }
)
WHOLE = {
    "preference": [{"a": 1, "b": 2, "value": 3}],
    "accuracy": {"1": 4, "2": 2},
    "faults": {"2": ["wrong", "long"]},
    "topic": ["law"],
    "why": "The second is wrong.",
}


def compared(*entries: dict[str, object]) -> dict[str, object]:
    return {"preference": [{"a": 1, "b": 2, "value": 1} | entry for entry in entries]}


# answers that are no answers, whether finished or not
FAULTS: list[tuple[dict[str, object], str, BodyCode]] = [
    ({"whither": 1}, "", "unknown_question"),
    ({"preference": 3}, "preference", "wrong_type"),
    ({"preference": None}, "preference", "wrong_type"),
    ({"preference": [3]}, "preference", "wrong_type"),
    ({"preference": [{"a": 1, "b": 2}]}, "preference", "wrong_type"),
    (compared({"a": 3}), "preference", "unknown_response"),
    (compared({"a": "A"}), "preference", "unknown_response"),
    (compared({"a": True}), "preference", "unknown_response"),
    (compared({"a": "1"}), "preference", "unknown_response"),
    (compared({"b": 1}), "preference", "same_response"),
    (compared({}, {}), "preference", "too_many_entries"),
    (compared({"value": 4}), "preference", "out_of_range"),
    (compared({"value": 1.5}), "preference", "not_a_whole_number"),
    (compared({"value": True}), "preference", "not_a_whole_number"),
    (compared({"value": "1"}), "preference", "not_a_whole_number"),
    (compared({"value": float("nan")}), "preference", "not_a_whole_number"),
    (compared({"both_unacceptable": True}), "preference", "not_a_tie"),
    (compared({"both_unacceptable": 1}), "preference", "wrong_type"),
    (compared({"strength": 1}), "preference", "unknown_field"),
    ({"safer": [{"a": 1, "b": 2, "value": 0}]}, "safer", "tie_not_allowed"),
    ({"safer": [{"a": 1, "b": 2, "value": 2}]}, "safer", "out_of_range"),
    (
        {"safer": [{"a": 1, "b": 2, "value": 0, "both_unacceptable": True}]},
        "safer",
        "both_unacceptable_not_allowed",
    ),
    ({"accuracy": 4}, "accuracy", "wrong_type"),
    ({"accuracy": {"3": 4}}, "accuracy", "unknown_response"),
    ({"accuracy": {"01": 4}}, "accuracy", "unknown_response"),
    ({"accuracy": {"1": 6}}, "accuracy", "out_of_range"),
    ({"accuracy": {"1": "4"}}, "accuracy", "not_a_whole_number"),
    ({"accuracy": {"1": None}}, "accuracy", "not_a_whole_number"),
    ({"faults": ["long"]}, "faults", "wrong_type"),
    ({"faults": {"1": "long"}}, "faults", "wrong_type"),
    ({"faults": {"1": ["short"]}}, "faults", "unknown_choice"),
    ({"faults": {"1": ["long", "long"]}}, "faults", "repeated_choice"),
    ({"faults": {"9": ["long"]}}, "faults", "unknown_response"),
    ({"topic": {"1": ["law"]}}, "topic", "wrong_type"),
    ({"topic": [1]}, "topic", "wrong_type"),
    ({"topic": ["law", "code"]}, "topic", "too_many_entries"),
    ({"why": 5}, "why", "wrong_type"),
    ({"why": "a\0b and more"}, "why", "nul_byte"),
    ({"why": "a\udfffb and more"}, "why", "lone_surrogate"),
    ({"why": "é" * (1 << 19) + "e"}, "why", "text_too_large"),
]

# bodies that are no bodies, whatever they answer
MALFORMED: list[tuple[object, str, BodyCode]] = [
    (None, "", "wrong_type"),
    ([], "", "wrong_type"),
    ({"answers": []}, "", "wrong_type"),
    ({"answers": {}, "verdict": 1}, "", "unknown_field"),
    ({"cannot_judge": True}, "cannot_judge", "wrong_type"),
    ({"cannot_judge": {"reason": "bad_task", "note": 3}}, "cannot_judge", "wrong_type"),
    ({"cannot_judge": {"reason": "bored", "note": ""}}, "cannot_judge", "unknown_reason"),
    ({"cannot_judge": {"reason": ["bored"]}}, "cannot_judge", "unknown_reason"),
    ({"cannot_judge": {"reason": "bad_task", "note": "no\0pe"}}, "cannot_judge", "nul_byte"),
    ({"cannot_judge": {"reason": "bad_task", "who": "me"}}, "cannot_judge", "unknown_field"),
]

# what a draft may be and a review may not: changes to WHOLE, None for an answer that is not there
UNFINISHED: list[tuple[dict[str, object], str, BodyCode]] = [
    ({"preference": None}, "preference", "answer_missing"),
    ({"preference": []}, "preference", "answer_missing"),
    ({"accuracy": None}, "accuracy", "answer_missing"),
    ({"accuracy": {"1": 4}}, "accuracy", "response_missing"),
    ({"topic": []}, "topic", "answer_missing"),
    ({"why": "  \n "}, "why", "answer_missing"),
    ({"why": "   Short.   "}, "why", "text_too_short"),
    ({"why": "w" * 101}, "why", "text_too_long"),
]

ESCAPES: list[tuple[dict[str, str], BodyCode]] = [
    ({"reason": "", "note": "I was going to"}, "reason_missing"),
    ({"reason": "missing_context", "note": " "}, "note_missing"),
    ({"reason": "bad_task"}, "note_missing"),
    ({"reason": "outside_expertise", "note": "n" * 2001}, "note_too_long"),
]


def found(body: object, *, complete: bool, responses: object = (1, 2)) -> set[tuple[str, str]]:
    return {(each.question, each.code) for each in check_body(FORM, body, responses, complete)}


@pytest.mark.parametrize(("answers", "question", "code"), FAULTS)
def test_a_wrong_answer_is_refused_in_a_review_and_in_a_draft(answers, question, code):
    body = {"answers": WHOLE | answers, "cannot_judge": None}
    assert found(body, complete=True) == found(body, complete=False) == {(question, code)}


@pytest.mark.parametrize(("body", "question", "code"), MALFORMED)
def test_a_malformed_body_is_refused_in_a_review_and_in_a_draft(body, question, code):
    assert found(body, complete=False) == {(question, code)}
    assert (question, code) in found(body, complete=True)


@pytest.mark.parametrize(("answers", "question", "code"), UNFINISHED)
def test_what_is_unfinished_is_a_draft_and_no_review(answers, question, code):
    changed = {id: value for id, value in (WHOLE | answers).items() if value is not None}
    body = {"answers": changed, "cannot_judge": None}
    assert found(body, complete=False) == set()
    assert found(body, complete=True) == {(question, code)}


@pytest.mark.parametrize(("escape", "code"), ESCAPES)
def test_an_unfinished_reason_is_a_draft_and_no_review(escape, code):
    body = {"answers": {}, "cannot_judge": escape}
    assert found(body, complete=False) == set()
    assert found(body, complete=True) == {("cannot_judge", code)}


def test_every_code_of_a_body_is_reached():
    reached = {code for *_, code in [*FAULTS, *MALFORMED, *UNFINISHED, *ESCAPES]}
    # Two others have tests of their own below, the third one in test_ranking.
    others = {"repeated_pair", "nothing_answered", "repeated_response"}
    assert reached | CODES | others == set(get_args(BodyCode))


def test_a_whole_review_has_no_faults():
    assert found({"answers": WHOLE, "cannot_judge": None}, complete=True) == set()
    assert found({"answers": WHOLE}, complete=True) == set()


def test_a_whole_number_may_be_spelt_as_a_float():
    answers = WHOLE | {"accuracy": {"1": 4.0, "2": 1.0}} | compared({"value": -2.0})
    assert found({"answers": answers}, complete=True) == set()


def test_the_same_pair_twice_is_refused_in_either_order():
    entries = compared({"b": 3}, {"a": 3, "b": 1})
    assert found({"answers": entries}, complete=False, responses=(1, 2, 3)) == {
        ("preference", "repeated_pair")
    }


def test_several_pairs_of_several_responses_are_an_answer():
    entries = compared({}, {"b": 3}, {"a": 3, "b": 2, "value": -3})
    assert found({"answers": entries}, complete=False, responses=(1, 2, 3)) == set()


@pytest.mark.parametrize("count", [1, 3])
def test_a_preference_is_asked_of_two_responses_only(count):
    answers = {id: value for id, value in WHOLE.items() if id not in {"preference", "faults"}}
    answers["accuracy"] = {str(n): 3 for n in range(1, count + 1)}
    assert found({"answers": answers}, complete=True, responses=range(1, count + 1)) == set()


def test_a_review_that_says_nothing_is_refused():
    optional = parse_form(
        {
            "desk": "compare",
            "responses": {"min": 1, "max": 2},
            "usual_minutes": 1,
            "questions": [{"type": "text", "id": "note", "title": "Note", "required": False}],
        }
    )
    for body in ({}, {"answers": {"note": ""}}, {"cannot_judge": {"reason": "", "note": ""}}):
        assert [each.code for each in check_body(optional, body, (1, 2), True)] == [
            "nothing_answered"
        ]
        assert check_body(optional, body, (1, 2), False) == []
        assert says_nothing(body)
    assert not says_nothing({"answers": {"note": "x"}})
    assert not says_nothing({"cannot_judge": {"reason": "bad_task"}})


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_for_not_judging_is_a_whole_review(reason):
    body = {
        "answers": {},
        "cannot_judge": {"reason": reason, "note": "The second page is missing."},
    }
    assert found(body, complete=True) == set()
    assert cannot_judge(body) == body["cannot_judge"]


@pytest.mark.parametrize("reason", ["outside_expertise", "conflict_of_interest"])
def test_a_conflict_or_a_foreign_field_needs_no_explanation(reason):
    assert found({"cannot_judge": {"reason": reason}}, complete=True) == set()


def test_answers_beside_a_reason_for_not_judging_must_still_be_answers():
    body = {"answers": {"accuracy": {"1": 9}}, "cannot_judge": {"reason": "outside_expertise"}}
    assert found(body, complete=True) == {("accuracy", "out_of_range")}


def test_an_optional_text_is_bound_by_its_length_once_begun():
    form = parse_form(
        {
            "desk": "compare",
            "responses": {"min": 1, "max": 2},
            "usual_minutes": 1,
            "questions": [
                {"type": "rating", "id": "r", "title": "R", "min": 1, "max": 2, "required": False},
                {"type": "text", "id": "t", "title": "T", "min_length": 5, "required": False},
            ],
        }
    )
    assert check_body(form, {"answers": {"r": {"1": 1}}}, (1, 2), True) == []
    assert [
        each.code
        for each in check_body(form, {"answers": {"r": {"1": 1}, "t": "no"}}, (1, 2), True)
    ] == ["text_too_short"]


def test_a_text_is_measured_in_characters_and_not_in_bytes():
    ten_characters = {"answers": WHOLE | {"why": "نص قصير جد"}}
    assert found(ten_characters, complete=True) == set()


def test_a_required_choice_for_each_response_names_those_left_out():
    form = parse_form(
        {
            "desk": "compare",
            "responses": {"min": 2, "max": 3},
            "usual_minutes": 1,
            "questions": [
                {
                    "type": "choice",
                    "id": "kind",
                    "title": "Kind",
                    "per": "response",
                    "options": [{"value": "x", "title": "X"}],
                }
            ],
        }
    )
    body = {"answers": {"kind": {"A": ["x"], "B": []}}}
    assert [each.sentence for each in check_body(form, body, letters(3), True)] == [
        "Choose an option for response B as well.",
        "Choose an option for response C as well.",
    ]


def test_a_reviewer_is_told_of_letters_and_never_of_positions():
    body = {
        "answers": WHOLE | {"preference": [{"a": "A", "b": "A", "value": 1}], "accuracy": {"A": 4}}
    }
    body["answers"] |= {"faults": {}}
    sentences = " ".join(each.sentence for each in check_body(FORM, body, ("A", "B"), True))
    assert "response B" in sentences
    assert "Response A" in sentences
    assert not any(digit in sentences for digit in "12")


def test_a_hostile_body_is_answered_with_a_bounded_list():
    body = {"answers": {f"q{i}": i for i in range(10_000)}}
    assert len(check_body(FORM, body, (1, 2), True)) == MOST_PROBLEMS


@given(json_values)
def test_no_json_breaks_the_check(value):
    for body in (value, {"answers": value}, {"cannot_judge": value}):
        for complete in (True, False):
            for problem in check_body(FORM, body, (1, 2), complete):
                assert problem.code in get_args(BodyCode)
                problem.sentence.encode()


@given(json_values)
def test_no_json_as_an_answer_breaks_the_check(value):
    for question in FORM.questions:
        body = {"answers": {question.id: value}}
        assert all(
            each.question == question.id for each in check_body(FORM, body, ("A", "B"), False)
        )


@given(reviewed())
def test_every_faultless_body_is_found_faultless(drawn):
    form, body, order = drawn
    assert check_body(form, body, sorted(order), False) == []


@given(forms(), json_values)
def test_any_form_can_check_anything(form, value):
    for question in form.questions:
        check_body(form, {"answers": {question.id: value}}, letters(form.responses.max), True)
