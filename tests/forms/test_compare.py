"""What changed between two versions of a form is told in words, completely and only once."""

from __future__ import annotations

import copy

from hypothesis import given

from feedback.forms.compare import compare_forms
from feedback.forms.domains import DOMAINS
from feedback.forms.schema import dump_form, form_sha256, parse_form
from tests.forms.strategies import forms

CHAT = dump_form(DOMAINS["chat"].form)
CHAT["questions"][1]["guide"] = "Count only errors."


def told(change) -> list[tuple[str, str, str]]:
    new = copy.deepcopy(CHAT)
    change(new)
    return [
        (each.question, each.what, each.sentence)
        for each in compare_forms(parse_form(CHAT), parse_form(new))
    ]


def test_an_unchanged_form_has_no_changes():
    assert told(lambda form: None) == []


def test_a_question_that_is_new_or_gone_is_named():
    def change(form):
        form["questions"].pop(1)
        form["questions"].append({"type": "text", "id": "note", "title": "A note"})

    assert told(change) == [
        ("accuracy", "removed", "“Factual accuracy” is no longer asked."),
        ("note", "added", "“A note” is new."),
    ]


def test_a_changed_value_is_told_with_what_it_was():
    def change(form):
        form["usual_minutes"] = 6
        form["questions"][0]["allow_tie"] = False
        form["questions"][1] |= {"acceptable_from": 4, "guide": "", "max": 6}
        form["questions"][1]["anchors"]["5"] = "a trifle"
        form["questions"][4]["min_length"] = 40

    assert [sentence for *_, sentence in told(change)] == [
        "Usual time: 6 min, was 4 min.",
        "“Which response is better overall?”, a tie is allowed: no, was yes.",
        "“Factual accuracy”, guide: none, was “Count only errors.”.",
        "“Factual accuracy”, highest rating: 6, was 5.",
        "“Factual accuracy”, words of the scale, 5: “a trifle”, was “nothing to correct”.",
        "“Factual accuracy”, acceptable from: 4, was none.",
        "“Why”, fewest characters: 40, was 80.",
    ]


def test_options_are_told_one_by_one():
    def change(form):
        options = form["questions"][3]["options"]
        options.pop(0)
        options[0]["title"] = "Beside the point"
        options.append({"value": "rude", "title": "Rude"})
        options[1], options[2] = options[2], options[1]

    assert [sentence for *_, sentence in told(change)] == [
        "“What is wrong, if anything”, option “Wrong claim” is gone.",
        "“What is wrong, if anything”, option “Off topic” now reads “Beside the point”.",
        "“What is wrong, if anything”, option “Rude” is new.",
        "“What is wrong, if anything”, the options stand in another order.",
    ]


def test_another_order_or_another_type_is_told():
    def turn(form):
        form["questions"].reverse()

    def retype(form):
        form["responses"] = {"min": 2, "max": 3}
        form["questions"][4] = {"type": "rating", "id": "why", "title": "Why", "min": 1, "max": 2}

    assert told(turn) == [("", "moved", "The questions stand in another order.")]
    assert told(retype) == [
        ("", "changed", "Responses: 2 to 3, was 2 to 2."),
        ("why", "changed", "“Why” is now a question of type rating, was text."),
    ]


@given(forms(), forms())
def test_something_is_told_exactly_when_the_meaning_differs(old, new):
    assert bool(compare_forms(old, new)) == (form_sha256(old) != form_sha256(new))
    assert compare_forms(new, new) == []
