"""Questions with a condition: when they are asked, what a form is refused for, and what is sent of a hidden answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.forms.asking import (
    asked_questions,
    condition_in_words,
    only_asked,
    shown_numbers,
)
from feedback.forms.body import check_body
from feedback.forms.compare import compare_forms
from feedback.forms.problems import BadForm
from feedback.forms.schema import Form, dump_form, parse_form
from feedback.forms.slots import read_slots

TASK: dict[str, Any] = {
    "type": "choice",
    "id": "task",
    "title": "The task itself",
    "required": False,
    "multiple": True,
    "options": [{"value": v, "title": v.title()} for v in ("fair", "vague", "cannot be built")],
}
RATE = {"type": "rating", "id": "accuracy", "title": "Accuracy", "min": 1, "max": 5}
PREFER = {"type": "preference", "id": "better", "title": "Better?"}


def why(id: str = "why", **when: Any) -> dict[str, Any]:
    return {"type": "text", "id": id, "title": "Why?", "when": when}


def form(*questions: dict[str, Any]) -> Form:
    return parse_form(
        {
            "desk": "compare",
            "responses": {"min": 2, "max": 2},
            "usual_minutes": 1,
            "questions": list(questions),
        }
    )


def asks(of: Form, **answers: Any) -> list[str]:
    return [question.id for question in asked_questions(of, answers, ("A", "B"))]


@pytest.mark.parametrize(
    ("source", "values", "answer", "asked"),
    [
        (TASK, ["vague", "cannot be built"], ["fair", "cannot be built"], True),
        (TASK, ["vague"], ["fair"], False),
        (TASK | {"per": "response"}, ["vague"], {"B": ["vague"]}, True),
        (RATE, [1, 2], {"A": 5, "B": 2.0}, True),
        (RATE, [1, "2"], {"A": 5, "B": 3}, False),
        (PREFER, ["3"], [{"a": "A", "b": "B", "value": -3}], True),
        (PREFER, [0], [{"a": "A", "b": "B", "value": 0, "both_unacceptable": True}], False),
        (
            PREFER,
            ["both_unacceptable"],
            [{"a": "A", "b": "B", "value": 0, "both_unacceptable": True}],
            True,
        ),
        (RATE, [1], "banana", False),
        (RATE, [1], None, False),
    ],
)
def test_a_question_is_asked_if_the_answer_before_holds_a_value(
    source: dict[str, Any], values: list[Any], answer: Any, asked: bool
) -> None:
    of = form(source, why(question=source["id"], **{"is": values}))
    assert ("why" in asks(of, **{source["id"]: answer})) is asked


def test_a_condition_on_a_question_that_is_not_asked_does_not_hold() -> None:
    chain = form(
        TASK,
        RATE | {"when": {"question": "task", "is": ["vague"]}},
        why(question="accuracy", **{"is": [1]}),
    )
    low = {"A": 1, "B": 1}
    assert asks(chain, task=["vague"], accuracy=low) == ["task", "accuracy", "why"]
    assert asks(chain, task=["fair"], accuracy=low) == ["task"]


def test_what_is_not_asked_is_neither_required_nor_sent_but_stays_in_a_draft() -> None:
    of = form(TASK, why(question="task", **{"is": ["vague"]}))
    hidden = {"answers": {"task": ["fair"], "why": "Written before."}, "cannot_judge": None}
    assert read_slots(of, hidden, [2, 1], complete=True) == (
        {"answers": {"task": ["fair"]}, "cannot_judge": None},
        [],
    )
    assert read_slots(of, hidden, [2, 1], complete=False)[0] == hidden
    shown = {"answers": {"task": ["vague"]}}
    assert [p.code for p in check_body(of, shown, ("A", "B"), True)] == ["answer_missing"]
    alone = {"answers": {"why": "Nobody asked."}}
    assert [p.code for p in check_body(of, alone, ("A", "B"), True)] == ["nothing_answered"]


@pytest.mark.parametrize(
    ("when", "path", "code"),
    [
        ({"question": "later", "is": ["x"]}, "questions[1].when.question", "unknown_question"),
        ({"question": "why", "is": ["x"]}, "questions[1].when.question", "unknown_question"),
        ({"question": "task", "is": ["blue"]}, "questions[1].when.is", "unknown_value"),
        ({"question": "task", "is": []}, "questions[1].when.is", "empty"),
        ({"question": "task", "is": [True]}, "questions[1].when.is", "wrong_type"),
        ({"question": "task", "is": ["fair"] * 51}, "questions[1].when.is", "too_many"),
        ({"question": "task"}, "questions[1].when.is", "missing_field"),
        ({"question": "task", "is": ["fair"], "not": 1}, "questions[1].when", "unknown_field"),
        (None, "questions[1].when", "wrong_type"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(when: Any, path: str, code: str) -> None:
    question = {"type": "text", "id": "why", "title": "Why?", "when": when}
    with pytest.raises(BadForm) as refused:
        form(TASK, question, TASK | {"id": "later"})
    assert (path, code) in [(each.path, each.code) for each in refused.value.problems]


def test_a_condition_is_written_back_said_in_words_and_compared() -> None:
    of = form(TASK, why(question="task", **{"is": ["vague", "fair", "cannot be built"]}))
    assert parse_form(dump_form(of)) == of
    assert "when" not in dump_form(form(TASK))["questions"][0]  # type: ignore[index]
    sentence = "Only if “The task itself” is Vague, Fair or Cannot Be Built."
    assert condition_in_words(of, of.questions[1]) == sentence
    assert condition_in_words(of, of.questions[0]) == ""
    before = form(TASK, {"type": "text", "id": "why", "title": "Why?"})
    (change,) = compare_forms(before, of)
    assert change.sentence == (
        "“Why?”, asked only when: task is vague or fair or cannot be built, was none."
    )


@given(st.sets(st.sampled_from(["fair", "vague", "cannot be built"])), st.booleans())
def test_nothing_is_lost_but_what_is_not_asked(chosen: set[str], written: bool) -> None:
    of = form(TASK, why(question="task", **{"is": ["vague"]}))
    body = {"answers": {"task": sorted(chosen)} | ({"why": "Because."} if written else {})}
    kept = only_asked(of, body, ("A", "B"))["answers"]
    assert kept == {id: v for id, v in body["answers"].items() if id == "task" or "vague" in chosen}


def test_a_question_that_hangs_on_another_is_numbered_below_it_so_that_none_is_missing() -> None:
    numbered = shown_numbers(
        form(
            PREFER,
            TASK,
            why(question="task", **{"is": ["vague"]}),
            why("more", question="task", **{"is": ["fair"]}),
            RATE,
        ).questions
    )
    assert list(numbered.items()) == [
        ("better", "1"),
        ("task", "2"),
        ("why", "2.1"),
        ("more", "2.2"),
        ("accuracy", "3"),
    ]
