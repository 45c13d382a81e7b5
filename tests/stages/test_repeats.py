"""Which pairs repeat another, who stays, and where the votes go."""

from __future__ import annotations

import pytest

from curation.stages.base import Facts
from curation.stages.degenerate import DEGENERATE
from curation.stages.repeats import REPEATS
from curation.stages.votes import VOTES
from tests.stages.samples import ballot, hexed, pairs_of, votes_of


def two(**second):
    """Two pairs on one prompt whose responses lie in the same two groups."""
    first = {"prompt_cluster": 0, "response_group_first": 1, "response_group_second": 2}
    return pairs_of([{**first, "pair": "a1"}, {**first, "pair": "b2", **second}])


def test_the_pair_with_the_smallest_hash_stays_and_takes_the_votes():
    pairs = two()
    facts = Facts(votes=votes_of([("a1", "ann", 1), ("b2", "ben", 2), ("b2", "cleo", 0)]))
    found = VOTES(REPEATS(pairs, facts), facts)
    assert found["reason"].tolist()[1] == "repeat_pair"
    assert found["held"].tolist() == [False, True]
    assert found["pooled_into"].tolist()[1] == "a1"
    assert found["n_votes"].tolist() == [3, 2]
    assert found[["n_first", "n_tie", "n_second"]].iloc[0].tolist() == [2, 1, 0]
    assert found["detail"][1].startswith("Repeats pair a1:")


def test_a_pair_the_other_way_round_repeats_too_and_its_votes_are_turned():
    pairs = two(response_group_first=2, response_group_second=1)
    facts = Facts(votes=votes_of([("a1", "ann", 1), ("b2", "ben", -3)]))
    found = VOTES(REPEATS(pairs, facts), facts)
    assert found["pooled_turned"].tolist() == [False, True]
    assert found["n_first"].tolist() == [2, 0]
    assert found["margin"].tolist()[0] == 2


def test_opposite_winners_hold_every_pair_of_the_group_for_a_person():
    first = {"prompt_cluster": 0, "response_group_first": 1, "response_group_second": 2}
    pairs = pairs_of([first, first, first])
    found = REPEATS(pairs, ballot(pairs, [2], [-1], []))
    assert found["reason"].tolist() == ["conflict"] * 3
    assert found["pooled_into"].isna().all()


@pytest.mark.parametrize("outcome", [-1, 1])
def test_the_same_winner_the_other_way_round_is_no_conflict(outcome):
    pairs = two(response_group_first=2, response_group_second=1)
    facts = Facts(votes=votes_of([("a1", "ann", outcome), ("b2", "ben", -outcome)]))
    assert REPEATS(pairs, facts)["reason"].dropna().tolist() == ["repeat_pair"]
    facts = Facts(votes=votes_of([("a1", "ann", outcome), ("b2", "ben", outcome)]))
    assert REPEATS(pairs, facts)["reason"].tolist() == ["conflict", "conflict"]


def test_both_unacceptable_wins_for_nobody():
    pairs = two()
    facts = Facts(votes=votes_of([("a1", "ann", 2), ("b2", "ben", -2, True)]))
    found = VOTES(REPEATS(pairs, facts), facts)
    assert found["reason"].dropna().tolist() == ["repeat_pair"]
    assert found["n_tie"].tolist()[0] == 1


@pytest.mark.parametrize(
    "other",
    [{"question": "accuracy"}, {"prompt_cluster": 9}, {"response_group_second": 7}],
    ids=["another question", "another prompt", "another response"],
)
def test_pairs_that_differ_in_any_of_these_do_not_repeat(other):
    pairs = two(**other)
    assert not REPEATS(pairs, ballot(pairs, [1], [1]))["held"].any()


def test_where_both_responses_are_near_equal_only_the_same_texts_repeat():
    # One brief with two different planted errors: all three texts are near-equal.
    near = {"prompt_cluster": 0, "response_group_first": 5, "response_group_second": 5}
    pairs = pairs_of(
        [
            {**near, "pair": "a", "first": "brief", "second": "error 1"},
            {**near, "pair": "b", "first": "brief", "second": "error 2"},
            {**near, "pair": "c", "first": "error 1", "second": "brief"},
        ]
    )
    found = REPEATS(pairs, ballot(pairs, [1], [1], [-1]))
    assert found["held"].tolist() == [False, False, True]
    assert found["pooled_into"].tolist()[2] == "a"
    assert found["pooled_turned"].tolist()[2]


def test_in_a_cluster_that_waits_for_a_person_only_the_same_prompt_counts():
    pairs = two(prompt="another prompt")
    votes = votes_of([])
    assert REPEATS(pairs, Facts(votes=votes))["held"].tolist() == [False, True]
    waits = Facts(votes=votes, unconfirmed=frozenset([hexed("cluster", 0)]))
    assert not REPEATS(pairs, waits)["held"].any()
    assert REPEATS(two(), waits)["held"].tolist() == [False, True]


def test_held_pairs_neither_stay_for_others_nor_make_conflicts():
    pairs = two(second="One.", first="One.")
    pairs.loc[1, "pair"] = "00"
    facts = Facts(votes=votes_of([("a1", "ann", 1), ("00", "ben", -1)]))
    found = REPEATS(DEGENERATE(pairs, facts), facts)
    assert found["reason"].tolist()[1] == "identical_responses"
    assert found["held"].tolist() == [False, True]


def test_an_equal_vote_of_one_rater_on_a_repeated_pair_counts_once():
    pairs = two()
    facts = Facts(votes=votes_of([("a1", "ann", 1), ("b2", "ann", 1), ("b2", "ben", 1)]))
    found = VOTES(REPEATS(pairs, facts), facts)
    assert found["n_votes"].tolist()[0] == 2
