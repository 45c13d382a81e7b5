"""A review in a few words is what its reviewer would say it was."""

from __future__ import annotations

import pytest
from hypothesis import given

from feedback.forms.domains import DOMAINS
from feedback.forms.slots import letters, to_slots
from feedback.forms.words import in_words
from tests.forms.strategies import reviewed


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"a": "A", "b": "B", "value": 3}, "A much better"),
        ({"a": "A", "b": "B", "value": -1}, "B slightly better"),
        ({"a": "B", "b": "A", "value": -1}, "A slightly better"),
        ({"a": "A", "b": "B", "value": 0}, "Equal"),
        ({"a": "A", "b": "B", "value": 0, "both_unacceptable": True}, "Both unacceptable"),
    ],
)
def test_a_comparison_is_said_as_its_step_reads(entry, words):
    body = {"answers": {"preference": [entry], "why": "Because."}, "cannot_judge": None}
    assert in_words(DOMAINS["chat"].form, body) == words


def test_who_could_not_judge_sees_why():
    body = {"answers": {}, "cannot_judge": {"reason": "conflict_of_interest", "note": ""}}
    assert in_words(DOMAINS["chat"].form, body) == "Cannot judge: conflict of interest"
    draft = {"answers": {}, "cannot_judge": {"reason": "", "note": "Page 2"}}
    assert in_words(DOMAINS["chat"].form, draft) == "Cannot judge: no reason yet"


def test_without_a_comparison_the_answers_are_counted():
    body = {"answers": {"relevance": {"A": 4}, "conciseness": {"A": 4}, "note": ""}}
    assert in_words(DOMAINS["code_review"].form, body) == "2 of 5 questions answered"


@given(reviewed(most=4))
def test_every_review_can_be_said(drawn):
    form, body, order = drawn
    assert in_words(form, to_slots(form, body, order))
    assert letters(len(order))
