"""Votes and narrow answers follow from a body alone, whatever the reviewer saw first."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given

from feedback.forms.derive import derive
from feedback.forms.domains import DOMAINS
from feedback.forms.questions import Answer, Vote
from feedback.forms.slots import from_slots, to_slots
from tests.forms.strategies import reviewed

CHAT = DOMAINS["chat"].form
CODE_REVIEW = DOMAINS["code_review"].form


def votes_on(value: object, question: str = "preference") -> tuple[Vote, ...]:
    return derive(CHAT, {"answers": {question: value}}).votes


def test_a_preference_is_a_vote_on_the_lower_position_first():
    assert votes_on([{"a": 1, "b": 2, "value": 2}]) == (Vote("preference", 1, 2, 2),)
    assert votes_on([{"a": 2, "b": 1, "value": 2}]) == (Vote("preference", 1, 2, -2),)


def test_both_unacceptable_is_a_tie_that_says_so():
    entry = {"a": 2, "b": 1, "value": 0, "both_unacceptable": True}
    assert votes_on([entry]) == (Vote("preference", 1, 2, 0, both_unacceptable=True),)


@pytest.mark.parametrize(
    ("first", "second", "outcome"), [(5, 1, 3), (4, 2, 2), (3, 3, 0), (1, 2, -1), (1, 5, -3)]
)
def test_two_ratings_are_a_vote_by_their_difference_cut_at_three(first, second, outcome):
    body = {"answers": {"accuracy": {"1": first, "2": second}}}
    derived = derive(CHAT, body)
    assert derived.votes == (Vote("accuracy", 1, 2, outcome),)
    assert derived.answers == (
        Answer("accuracy", 1, number=first),
        Answer("accuracy", 2, number=second),
    )


def test_ten_rated_responses_are_forty_five_votes_in_order_of_position():
    ratings = {str(n): 1 + n % 5 for n in (10, *range(1, 10))}
    votes = derive(CODE_REVIEW, {"answers": {"relevance": ratings}}).votes
    assert [(vote.lo, vote.hi) for vote in votes] == [*combinations(range(1, 11), 2)]


def test_one_review_of_four_responses_holds_six_votes():
    # As FineGrainedRLHF has it: six comparisons by one unknown rater.
    value = [{"a": a, "b": b, "value": 1} for a, b in combinations(range(1, 5), 2)]
    assert [(vote.lo, vote.hi, vote.outcome) for vote in votes_on(value)] == [
        (a, b, 1) for a, b in combinations(range(1, 5), 2)
    ]


def test_choices_are_rows_and_texts_are_none():
    body = {"answers": {"faults": {"2": ["wrong_claim", "too_long"], "1": []}, "why": "Because."}}
    assert derive(CHAT, body).answers == (
        Answer("faults", 2, choice="wrong_claim"),
        Answer("faults", 2, choice="too_long"),
    )
    task = {"answers": {"task": ["underspecified"]}}
    assert derive(DOMAINS["code_pr"].form, task).answers == (
        Answer("task", None, choice="underspecified"),
    )


def test_numbers_come_out_whole_however_they_were_spelt():
    derived = derive(CHAT, {"answers": {"accuracy": {"1": 4.0, "2": 1.0}}})
    assert derived.votes == (Vote("accuracy", 1, 2, 3),)
    assert all(type(answer.number) is int for answer in derived.answers)


def test_who_cannot_judge_has_not_voted():
    body = {
        "answers": {"preference": [{"a": 1, "b": 2, "value": 2}], "accuracy": {"1": 5, "2": 1}},
        "cannot_judge": {"reason": "outside_expertise", "note": ""},
    }
    assert derive(CHAT, body).votes == ()
    assert derive(CHAT, body).answers == ()


@given(reviewed())
def test_votes_are_ordered_bounded_and_told_once(drawn):
    form, body, order = drawn
    votes = derive(form, body).votes
    assert all(1 <= vote.lo < vote.hi <= len(order) and -3 <= vote.outcome <= 3 for vote in votes)
    assert len({(vote.question, vote.lo, vote.hi) for vote in votes}) == len(votes)
    assert all(vote.outcome == 0 for vote in votes if vote.both_unacceptable)


@given(reviewed())
def test_the_order_shown_does_not_move_a_vote(drawn):
    form, body, order = drawn
    back = from_slots(form, to_slots(form, body, order), order)
    again = from_slots(form, to_slots(form, body, order[::-1]), order[::-1])
    assert derive(form, back) == derive(form, again) == derive(form, body)


@given(reviewed(most=5))
def test_votes_mirror_when_positions_are_reversed(drawn):
    form, body, order = drawn
    count = len(order)
    forwards, backwards = list(range(1, count + 1)), list(range(count, 0, -1))
    mirrored = from_slots(form, to_slots(form, body, forwards), backwards)
    turned = {
        (
            vote.question,
            count + 1 - vote.hi,
            count + 1 - vote.lo,
            -vote.outcome,
            vote.both_unacceptable,
        )
        for vote in derive(form, body).votes
    }
    assert turned == {
        (vote.question, vote.lo, vote.hi, vote.outcome, vote.both_unacceptable)
        for vote in derive(form, mirrored).votes
    }
