"""Evidence on how reviews came about: planted haste and one-sidedness are found, honest reviewers are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from curation.methods.integrity import hasty, one_sided, pasted, repeated


def times(seed=1, count=400):
    """Honest times: longer texts take longer, people differ by a factor of two."""
    chance = np.random.default_rng(seed)
    characters = chance.integers(200, 8000, count)
    return characters * 20.0 * np.exp(chance.normal(0, 0.5, count)), characters


def test_a_review_in_a_second_is_hasty_for_any_length_and_hardly_any_honest_one_is():
    honest, characters = times()
    assert hasty(honest, characters).sum() <= 4
    planted = honest.copy()
    planted[:20] = 1000
    found = hasty(planted, characters)
    long_ones = characters[:20] > 1000
    assert found[:20][long_ones].all()
    assert found[20:].sum() <= 4


def test_unknown_times_and_few_reviews_say_nothing():
    honest, characters = times(count=19)
    assert not hasty(honest, characters).any()
    unknown = np.full(50, np.nan)
    assert not hasty(unknown, np.full(50, 100)).any()
    assert not hasty(np.full(50, 7.0), np.full(50, 100)).any()


def test_pasted_texts_are_told_from_typed_ones():
    typed = np.array([0.0, 300.0, 40.0, np.nan, 0.0])
    put = np.array([500.0, 500.0, 200.0, 900.0, np.nan])
    assert pasted(typed, put).tolist() == [True, False, True, True, False]


def test_a_rater_who_always_takes_the_first_is_named_and_chance_is_not():
    chance = np.random.default_rng(2)
    raters = np.repeat(np.arange(40), 50)
    won = chance.random(len(raters)) < 0.5
    assert not one_sided(raters, won).any()
    won[raters == 7] = True
    won[raters == 9] = np.arange(50) % 5 == 0
    assert set(raters[one_sided(raters, won)]) == {7, 9}


@pytest.mark.parametrize("votes", [0, 5, 19])
def test_too_few_votes_name_nobody(votes):
    assert not one_sided(np.zeros(votes, dtype=np.int64), np.ones(votes, dtype=bool)).any()


def test_a_reason_that_its_rater_gives_again_is_named_and_one_that_two_people_give_is_not():
    reason = "The first answer names the statute and its exception, the second one names neither of the two."
    nearly = reason.replace("The first", "The other")
    texts = [
        reason,
        nearly,
        reason,
        "A wholly different reason: " + "because " * 10,
        "Good.",
        "Good.",
    ]
    raters, items = np.array([1, 1, 2, 1, 3, 3]), np.arange(6)
    assert repeated(raters, items, texts).tolist() == [True, True, False, False, False, False]
    assert not repeated(raters, np.zeros(6, dtype=np.int64), texts).any()
    assert not repeated(raters[:0], items[:0], []).any()


def test_a_reason_given_hundreds_of_times_is_named_everywhere():
    texts = [
        f"It cites the statute that governs the question and explains each step of it, case {n}."
        for n in range(400)
    ]
    assert repeated(np.zeros(400, dtype=np.int64), np.arange(400), texts).mean() > 0.9
