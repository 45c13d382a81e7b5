"""A form in the fields of an editor: any form comes back equal, every type has its controls, what is wrong is kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from feedback.forms.editing import blank, controls, from_fields, moved, to_fields, without
from feedback.forms.problems import BadForm
from feedback.forms.questions import BY_KIND
from feedback.forms.schema import Form, dump_form, parse_form
from tests.forms.strategies import forms


def one_line_end(value: Any) -> Any:
    """A page knows one kind of line end."""
    if isinstance(value, dict):
        return {name: one_line_end(each) for name, each in value.items()}
    if isinstance(value, list):
        return [one_line_end(each) for each in value]
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


@given(forms())
def test_every_form_comes_back_from_the_editor_as_it_was_but_for_line_ends(form: Form) -> None:
    schema = dump_form(form)
    assert parse_form(from_fields(to_fields(schema))) == parse_form(one_line_end(schema))


@pytest.mark.parametrize("kind", BY_KIND)
def test_every_type_of_question_can_be_edited_by_itself(kind: str) -> None:
    found = {control.name: control for control in controls(kind)}
    assert [*found][:4] == ["id", "title", "guide", "required"]
    assert found["guide"].shape == "lines"
    assert all(control.words for control in found.values())


def test_controls_follow_the_types_of_the_fields() -> None:
    choice = {control.name: control for control in controls("choice")}
    assert choice["per"].choices == ("item", "response")
    assert [column.name for column in choice["options"].columns] == ["value", "title"]
    steps = {control.name: control for control in controls("steps")}
    assert (steps["split"].shape, "paragraph" in steps["split"].choices) == ("pick", True)
    rating = {control.name: control for control in controls("rating")}
    assert (rating["min"].shape, rating["acceptable_from"].shape) == ("whole", "number")
    assert (rating["anchors"].shape, rating["anchors"].pairs) == ("rows", True)


def form(*questions: dict[str, Any]) -> dict[str, Any]:
    span = {"min": 2, "max": 2}
    return {
        "desk": "compare",
        "responses": span,
        "usual_minutes": 4,
        "questions": list(questions),
    }


def test_ids_and_values_are_read_off_titles_where_nobody_gave_any() -> None:
    fields = to_fields(form())
    for name, value in {
        "q.0.type": "choice",
        "q.0.title": "What is wrong, if anything?",
        "q.0.options.0.title": "Wrong claim",
        "q.0.options.1.title": "Wrong  Claim",
        "q.0.options.2.title": "",
        "q.1.type": "text",
        "q.1.title": "What is wrong, if anything?",
    }.items():
        fields[name] = [value]
    read = from_fields(fields)
    assert [question["id"] for question in read["questions"]] == [
        "what_is_wrong_if_anything",
        "what_is_wrong_if_anything_2",
    ]
    options = read["questions"][0]["options"]
    assert [option["value"] for option in options] == ["wrong_claim", "wrong_claim_2"]


def test_what_is_typed_wrongly_is_kept_and_refused_with_its_path() -> None:
    fields = to_fields(form({"type": "rating", "id": "r", "title": "R", "min": 1, "max": 5}))
    fields["q.0.min"] = ["low"]
    fields["usual_minutes"] = [""]
    read = from_fields(fields)
    assert read["questions"][0]["min"] == "low"
    with pytest.raises(BadForm) as refused:
        parse_form(read)
    assert {problem.path for problem in refused.value.problems} == {
        "questions[0].min",
        "usual_minutes",
    }


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_new_question_of_any_type_has_an_id_of_its_own(kind: str) -> None:
    once = blank(kind, form())
    again = blank(kind, form(once))
    assert once["id"] != again["id"]
    assert once["type"] == kind
    shown = from_fields(to_fields(form(once, again)))
    assert [question["id"] for question in shown["questions"]] == [once["id"], again["id"]]


def test_questions_move_as_far_as_they_go_and_leave() -> None:
    three = form(*({"type": "text", "id": id, "title": id} for id in "abc"))

    def order(schema: dict[str, Any]) -> str:
        return "".join(question["id"] for question in schema["questions"])

    assert order(moved(three, 2, -1)) == "acb"
    assert (
        order(moved(three, 0, -1))
        == order(moved(three, 2, 1))
        == order(moved(three, 9, 1))
        == "abc"
    )
    assert order(without(three, 1)) == "ac"


def test_a_condition_is_a_question_and_the_values_that_call_for_it() -> None:
    rating = {"type": "rating", "id": "r", "title": "R", "min": 1, "max": 5}
    why = {"type": "text", "id": "why", "title": "Why", "when": {"question": "r", "is": [1, 2]}}
    schema = form(rating, why)
    fields = to_fields(schema)
    assert fields["q.1.when.question"] == ["r"]
    assert fields["q.1.when.is"] == ["1\n2"]
    assert parse_form(from_fields(fields)) == parse_form(schema)
    fields["q.1.when.question"] = fields["q.1.when.is"] = [""]
    assert "when" not in from_fields(fields)["questions"][1]
