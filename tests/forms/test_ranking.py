"""A ranking: tiers of responses, what is wrong with one, what it lacks, and the votes in it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.forms.questions import Ranking, Vote
from feedback.forms.slots import letters as slots
from tests.forms.strategies import json_values, rankings

ORDER = Ranking(id="order", title="Best first")
STRICT = Ranking(id="order", title="Best first", allow_ties=False, allow_partial=False)
FOUR = slots(4)


def codes(faults: Any) -> list[str]:
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("D", "wrong_type"),
        ({"A": 1}, "wrong_type"),
        (["A"], "wrong_type"),
        ([["A"], []], "wrong_type"),
        ([["A"], ["E"]], "unknown_response"),
        ([["A"], [1]], "unknown_response"),
        ([["A"], [True]], "unknown_response"),
        ([["A"], [["B"]]], "unknown_response"),
        ([["A", "A"]], "repeated_response"),
        ([["A"], ["B", "A"]], "repeated_response"),
    ],
)
def test_what_is_no_ranking(value: object, code: str) -> None:
    assert codes(ORDER.faults(value, FOUR)) == [code]


def test_ties_and_parts_are_refused_where_the_form_has_none() -> None:
    assert codes(ORDER.faults([["D"], ["A", "C"]], FOUR)) == []
    assert codes(STRICT.faults([["D"], ["A", "C"]], FOUR)) == ["tie_not_allowed"]
    assert codes(ORDER.lacks([["D"], ["A"]], FOUR)) == []
    left = list(STRICT.lacks([["D"], ["A"]], FOUR))
    assert [fault.sentence for fault in left] == [
        "Rank response B as well.",
        "Rank response C as well.",
    ]


def test_one_response_alone_is_no_ranking() -> None:
    assert codes(ORDER.lacks(None, FOUR)) == ["answer_missing"]
    assert codes(ORDER.lacks([["A"]], FOUR)) == ["response_missing"]
    optional = Ranking(id="order", title="Best first", required=False)
    assert codes(optional.lacks(None, FOUR)) == []
    assert codes(optional.lacks([["A"]], FOUR)) == ["response_missing"]


def test_it_is_asked_from_three_responses_on() -> None:
    assert [ORDER.asked(count) for count in (0, 2, 3, 16)] == [False, False, True, True]


def test_a_partial_ranking_with_a_tie_votes_among_those_ranked_only() -> None:
    assert list(ORDER.votes([[4], [1, 3]])) == [
        Vote("order", 1, 3, 0),
        Vote("order", 1, 4, -1),
        Vote("order", 3, 4, -1),
    ]
    assert ORDER.words([["D"], ["A", "C"]]) == "D over A = C"


def test_sixteen_in_order_are_a_hundred_and_twenty_votes() -> None:
    votes = list(ORDER.votes([[n] for n in range(16, 0, -1)]))
    assert [(vote.lo, vote.hi) for vote in votes] == [*combinations(range(1, 17), 2)]
    assert {vote.outcome for vote in votes} == {-1}


def test_places_are_read_as_people_fill_them_in() -> None:
    fields = {"order.A": ["2"], "order.B": [""], "order.C": ["2"], "order.D": ["1"]}
    assert ORDER.from_fields(fields, FOUR) == [["D"], ["A", "C"]]
    gap = {"order.B": ["4"], "order.A": ["2"], "other.C": ["1"]}
    assert ORDER.from_fields(gap, FOUR) == [["A"], ["B"]]
    assert ORDER.from_fields({"order.A": [""]}, FOUR) is None
    shared = ORDER.to_fields([["D"], ["A", "C"], ["B"]], FOUR)
    assert shared == {"order.D": ["1"], "order.A": ["2"], "order.C": ["2"], "order.B": ["4"]}


@pytest.mark.parametrize("place", ["0", "5", "first", "1.5"])
def test_a_place_that_is_not_there_is_refused(place: str) -> None:
    value = ORDER.from_fields({"order.A": [place]}, FOUR)
    assert codes(ORDER.faults(value, FOUR)) == ["wrong_type"]


@given(rankings(ORDER, 16))
def test_any_ranking_survives_its_fields_and_its_votes_tell_it(value: list[list[int]]) -> None:
    every = slots(16)
    named = ORDER.rename(value, {str(n): every[n - 1] for n in range(1, 17)})
    assert list(ORDER.faults(named, every)) == []
    fields = ORDER.to_fields(named, every)
    read = ORDER.from_fields(fields, every) or []
    assert [sorted(tier) for tier in named] == read
    ranked = sum(len(tier) for tier in value)
    votes = list(ORDER.votes(value))
    assert len(votes) == ranked * (ranked - 1) // 2
    better = {n: sum(len(tier) for tier in value[i + 1 :]) for i, t in enumerate(value) for n in t}
    wins = dict.fromkeys(better, 0)
    for vote in votes:
        if vote.outcome:
            wins[vote.lo if vote.outcome > 0 else vote.hi] += 1
    assert wins == better


@given(json_values, st.booleans())
def test_no_json_breaks_the_check(value: object, ties: bool) -> None:
    question = Ranking(id="order", title="Best first", allow_ties=ties)
    if not list(question.faults(value, ("A", "B", "1"))):
        list(question.lacks(value, ("A", "B", "1")))
