"""A form is read with every fault told at once, and written back in one spelling."""

from __future__ import annotations

import copy
from typing import get_args

import pytest
from hypothesis import given

from feedback.forms.problems import BadForm, FormCode
from feedback.forms.questions import QUESTION_TYPES, Choice, Preference, Rating, Text
from feedback.forms.schema import canonical_form, dump_form, form_sha256, parse_form
from tests.forms.strategies import forms, json_values

FORM = {
    "desk": "compare",
    "responses": {"min": 2, "max": 2},
    "usual_minutes": 4,
    "questions": [
        {"type": "preference", "id": "preference", "title": "Which is better?"},
        {
            "type": "rating",
            "id": "accuracy",
            "title": "Accuracy",
            "min": 1,
            "max": 5,
            "anchors": {"1": "misleads"},
        },
        {
            "type": "choice",
            "id": "faults",
            "title": "Faults",
            "options": [
                {"value": "long", "title": "Too long"},
                {"value": "wrong", "title": "Wrong"},
            ],
        },
        {"type": "text", "id": "why", "title": "Why"},
    ],
}
REMOVED = object()

# what is put where in FORM, and the code it gives at which path
FAULTS: list[tuple[list[str | int], object, str, FormCode]] = [
    ([], [], "", "wrong_type"),
    (["desk"], "chess", "desk", "unknown_value"),
    (["desk"], REMOVED, "desk", "missing_field"),
    (["colour"], "blue", "", "unknown_field"),
    (["responses"], 2, "responses", "wrong_type"),
    (["responses", "min"], 3, "responses.max", "min_over_max"),
    (["responses", "max"], 17, "responses.max", "out_of_range"),
    (["responses", "min"], True, "responses.min", "wrong_type"),
    (["usual_minutes"], 0, "usual_minutes", "out_of_range"),
    (["questions"], [], "questions", "empty"),
    (
        ["questions"],
        [FORM["questions"][0] | {"id": f"q{i}"} for i in range(41)],
        "questions",
        "too_many",
    ),
    (["questions", 0], "why", "questions[0]", "wrong_type"),
    (["questions", 0, "type"], "essay", "questions[0].type", "unknown_value"),
    (["questions", 0, "type"], REMOVED, "questions[0].type", "missing_field"),
    (["questions", 0, "id"], "Why not", "questions[0].id", "bad_id"),
    (["questions", 0, "id"], "cannot_judge", "questions[0].id", "reserved_id"),
    (["questions", 0, "id"], "x" * 41, "questions[0].id", "too_long"),
    (["questions", 3, "id"], "faults", "questions[3].id", "repeated_id"),
    (["questions", 0, "title"], " ", "questions[0].title", "empty"),
    (["questions", 0, "title"], "a\0b", "questions[0].title", "nul_byte"),
    (["questions", 0, "guide"], "a\ud800b", "questions[0].guide", "lone_surrogate"),
    (["questions", 0, "required"], "yes", "questions[0].required", "wrong_type"),
    (["questions", 0, "steps"], 5, "questions[0].steps", "unknown_value"),
    (["questions", 0, "step"], 7, "questions[0]", "unknown_field"),
    (["questions", 1, "max"], 1, "questions[1].max", "min_over_max"),
    (["questions", 1, "max"], 12, "questions[1].max", "too_many"),
    (["questions", 1, "max"], REMOVED, "questions[1].max", "missing_field"),
    (["questions", 1, "anchors"], {"6": "beyond"}, "questions[1].anchors", "anchor_outside"),
    (["questions", 1, "anchors"], {"01": "odd"}, "questions[1].anchors", "anchor_outside"),
    (["questions", 1, "anchors", "1"], 7, "questions[1].anchors.1", "wrong_type"),
    (["questions", 1, "acceptable_from"], 6, "questions[1].acceptable_from", "acceptable_outside"),
    (["questions", 1, "acceptable_from"], "4", "questions[1].acceptable_from", "wrong_type"),
    (
        ["questions", 2, "options", 1, "value"],
        "long",
        "questions[2].options[1].value",
        "repeated_id",
    ),
    (["questions", 2, "per"], "pair", "questions[2].per", "unknown_value"),
    (["questions", 3, "min_length"], 30_000, "questions[3].max_length", "min_over_max"),
]


def changed(path: list[str | int], value: object) -> object:
    if not path:
        return value
    form = copy.deepcopy(FORM)
    place = form
    for step in path[:-1]:
        place = place[step]
    if value is REMOVED:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return form


@pytest.mark.parametrize(("at", "value", "path", "code"), FAULTS)
def test_a_fault_is_told_once_with_its_path_and_code(at, value, path, code):
    with pytest.raises(BadForm) as refused:
        parse_form(changed(at, value))
    assert {(each.path, each.code) for each in refused.value.problems} == {(path, code)}
    assert all(each.sentence.endswith(".") for each in refused.value.problems)


def test_a_question_needs_a_form_that_shows_its_responses():
    with pytest.raises(BadForm) as refused:
        parse_form(changed(["responses"], {"min": 1, "max": 1}))
    assert [(each.path, each.code) for each in refused.value.problems] == [
        ("questions[0]", "too_few_responses")
    ]
    with pytest.raises(BadForm) as refused:
        parse_form(changed(["responses"], {"min": 0, "max": 0}))
    assert [each.path for each in refused.value.problems] == ["questions[0]", "questions[1]"]


def test_every_code_of_a_form_is_reached():
    assert {code for *_, code in FAULTS} | {"too_few_responses", "unknown_question"} == set(
        get_args(FormCode)
    )


def test_all_faults_are_told_at_once():
    form = copy.deepcopy(FORM)
    form["usual_minutes"] = "four"
    form["desk"] = "chess"
    form["responses"] = {"min": 2, "max": 1}
    form["questions"][0]["steps"] = 9
    form["questions"][1] |= {"min": 5, "max": 1}
    del form["questions"][3]["title"]
    with pytest.raises(BadForm, match="questions\\[1\\]") as refused:
        parse_form(form)
    assert [each.path for each in refused.value.problems] == [
        "desk",
        "responses.max",
        "usual_minutes",
        "questions[0].steps",
        "questions[1].max",
        "questions[3].title",
    ]


def test_the_defaults_are_what_a_form_means_without_them():
    preference, rating, choice, text = parse_form(FORM).questions
    assert preference == Preference(
        id="preference", title="Which is better?", steps=7, allow_tie=True
    )
    assert rating == Rating(
        id="accuracy", title="Accuracy", min=1, max=5, anchors={"1": "misleads"}
    )
    assert isinstance(choice, Choice)
    assert (choice.multiple, choice.per, choice.required) == (False, "item", True)
    assert text == Text(id="why", title="Why", min_length=0, max_length=20_000, multiline=True)


def test_the_hash_is_of_the_meaning_and_not_of_the_spelling():
    spelt_out = copy.deepcopy(FORM)
    spelt_out["questions"][0] = {
        "allow_tie": True,
        "steps": 7,
        "guide": "",
        **spelt_out["questions"][0],
    }
    assert form_sha256(parse_form(spelt_out)) == form_sha256(parse_form(FORM))
    spelt_out["questions"][0]["allow_tie"] = False
    assert form_sha256(parse_form(spelt_out)) != form_sha256(parse_form(FORM))


def test_the_hash_of_a_form_never_moves():
    # Reviews name their form by this hash: if it moves, forms already published are no longer themselves.
    assert canonical_form(parse_form(FORM)) == (
        b'{"desk":"compare","questions":['
        b'{"id":"preference","title":"Which is better?","type":"preference"},'
        b'{"anchors":{"1":"misleads"},"id":"accuracy","max":5,"min":1,"title":"Accuracy","type":"rating"},'
        b'{"id":"faults","options":[{"title":"Too long","value":"long"},{"title":"Wrong","value":"wrong"}],'
        b'"title":"Faults","type":"choice"},'
        b'{"id":"why","title":"Why","type":"text"}],'
        b'"responses":{"max":2,"min":2},"usual_minutes":4}'
    )
    assert form_sha256(parse_form(FORM)).hex().startswith("e03ab42a00e3d4dc")


@given(forms())
def test_a_form_survives_being_written_and_read(form):
    assert parse_form(dump_form(form)) == form


@given(json_values)
def test_no_json_breaks_the_reader_of_forms(value):
    for raw in (
        value,
        FORM | {"questions": [value]},
        FORM | {"questions": value, "responses": value},
    ):
        with pytest.raises(BadForm):
            parse_form(raw)


@given(json_values)
def test_no_json_in_a_question_breaks_the_reader_of_forms(value):
    for each in FORM["questions"]:
        for name in each.keys() - {"type"}:
            raw = copy.deepcopy(FORM)
            raw["questions"] = [each | {name: value}]
            try:
                form = parse_form(raw)
            except BadForm as refused:
                assert refused.problems  # noqa: PT017
            else:
                assert parse_form(dump_form(form)) == form


def test_a_form_knows_its_questions_and_how_many_responses_it_shows():
    form = parse_form(FORM)
    assert form.question("why") is form.questions[3]
    assert form.question("whither") is None
    assert [count in form.responses for count in (1, 2, 3)] == [False, True, False]


def test_kinds_are_unique():
    assert len({each.kind for each in QUESTION_TYPES}) == len(QUESTION_TYPES)
