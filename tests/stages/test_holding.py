"""The stages that hold pairs for one plain reason each, and those that only mark them."""

from __future__ import annotations

import pytest

from curation.stages.cap_per_prompt import CAP_PER_PROMPT
from curation.stages.contested import CONTESTED
from curation.stages.decided import DECIDED
from curation.stages.degenerate import DEGENERATE
from curation.stages.min_votes import MIN_VOTES
from curation.stages.purpose import PURPOSE
from curation.stages.votes import VOTES
from curation.stages.weights import WEIGHTS
from tests.stages.samples import ballot, pairs_of


def reasons(frame):
    return frame["reason"].fillna("-").tolist()


@pytest.mark.parametrize("purpose", ["evaluation", "gold", "practice"])
def test_only_training_items_go_on(purpose):
    pairs = pairs_of([{"purpose": purpose}, {}])
    found = PURPOSE(pairs, ballot(pairs))
    assert reasons(found) == ["not_for_training", "-"]
    assert found["detail"][0] == f"The item is marked for {purpose}, not for training."


@pytest.mark.parametrize("empty", ["", "  \n\t", "\u200b", "\u202e\u00a0\ufeff"])
def test_a_response_without_a_visible_character_is_empty(empty):
    pairs = pairs_of([{"first": empty}, {"second": empty}, {"first": empty, "second": empty}])
    found = DEGENERATE(pairs, ballot(pairs))
    assert reasons(found) == ["empty_response"] * 3
    assert found["detail"].tolist()[1:] == ["One response is empty.", "Both responses are empty."]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("café", "cafe\u0301", True),
        ("a\r\nb", "a\nb\n", True),
        ("a  \nb", "a\nb", True),
        ("See Roe v. Wade, 410 U.S. 113", "See Roe v. Wade, 410 U.S. 131", False),
        ("if x:\n    y()", "if x:\n  y()", False),
        ("Foo", "foo", False),
        ("true", "True", False),
    ],
)
def test_only_what_a_reader_sees_as_the_same_is_identical(first, second, same):
    pairs = pairs_of([{"first": first, "second": second}])
    assert reasons(DEGENERATE(pairs, ballot(pairs))) == ["identical_responses" if same else "-"]


def test_pairs_with_fewer_votes_than_wanted_wait():
    pairs = pairs_of([{}, {}, {}])
    facts = ballot(pairs, [], [1], [1, 1])
    found = MIN_VOTES(VOTES(pairs, facts), facts)
    assert reasons(found) == ["too_few_votes", "too_few_votes", "-"]
    assert found["detail"].tolist()[:2] == ["0 of 2 wanted votes.", "1 of 2 wanted votes."]
    assert reasons(MIN_VOTES(VOTES(pairs, facts), facts, {"min_votes": 1}))[1] == "-"


def test_pairs_without_a_winner_are_held_with_their_count():
    pairs = pairs_of([{}, {}, {}, {}])
    facts = ballot(pairs, [0, 0, 1], [1, -1], [1, 1, -1], [])
    found = DECIDED(VOTES(pairs, facts), facts)
    assert reasons(found) == ["no_preference", "no_preference", "-", "no_preference"]
    assert found["detail"][0] == "1 for the first, 2 ties, 0 for the second."


def test_the_largest_margins_of_a_prompt_are_kept_then_the_smallest_hash():
    rows = [{"prompt_cluster": 1, "pair": name} for name in ("d", "c", "b", "a")]
    pairs = pairs_of([*rows, {"prompt_cluster": 2, "pair": "e"}])
    facts = ballot(pairs, [2], [-3], [2], [1], [1])
    before = VOTES(pairs, facts)
    assert reasons(CAP_PER_PROMPT(before, facts, {"cap": 2})) == [
        "over_cap",
        "-",
        "-",
        "over_cap",
        "-",
    ]
    assert reasons(CAP_PER_PROMPT(before, facts)) == ["-"] * 5


def test_held_pairs_do_not_use_up_the_cap():
    rows = [{"prompt_cluster": 1, "purpose": "gold"}, {"prompt_cluster": 1}, {"prompt_cluster": 1}]
    pairs = pairs_of(rows)
    facts = ballot(pairs, [3], [2], [1])
    before = VOTES(PURPOSE(pairs, facts), facts)
    found = CAP_PER_PROMPT(before, facts, {"cap": 1})
    assert reasons(found) == ["not_for_training", "-", "over_cap"]


def test_contested_pairs_are_marked_and_kept():
    pairs = pairs_of([{}] * 5)
    facts = ballot(pairs, [1, 3], [1, -1], [1, 0], [0, 0], [])
    found = CONTESTED(VOTES(pairs, facts), facts)
    assert found["contested"].tolist() == [False, True, True, False, False]
    assert not found["held"].any()


def test_pairs_share_the_weight_of_their_prompt_as_their_votes_weigh():
    pairs = pairs_of([{"prompt_cluster": 1}] * 2)
    facts = ballot(pairs, [1], [1, 2])
    facts.votes["weight"] = [1.0, 0.5, 0.5]
    assert WEIGHTS(pairs, facts)["weight"].tolist() == [0.666667, 0.333333]
    assert WEIGHTS(pairs, facts, {"by": "votes"})["weight"].tolist() == [1, 0.5]


def test_every_prompt_cluster_weighs_one():
    rows = [{"prompt_cluster": 1}] * 3 + [{"prompt_cluster": 2}]
    pairs = pairs_of([*rows, {"prompt_cluster": 1, "purpose": "gold"}])
    facts = ballot(pairs)
    found = WEIGHTS(PURPOSE(pairs, facts), facts)
    assert found["weight"].tolist()[:4] == [0.333333, 0.333333, 0.333333, 1]
    assert found["weight"].isna().tolist() == [False] * 4 + [True]
