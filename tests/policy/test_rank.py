"""A rank fits a bigint, puts higher priority first and leaves the rest to chance."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.policy.rank import HIGHEST, LOWEST, rank

priorities = st.integers(LOWEST, HIGHEST)
draws = st.integers(0, 2**63 - 1)


@given(priorities, draws)
def test_a_rank_is_a_bigint_behind_every_new_cursor(priority, draw):
    assert 0 <= rank(priority, draw) < 2**63


@given(priorities, priorities, draws, draws)
def test_a_higher_priority_comes_first_whatever_the_draw(one, other, draw, another):
    if one > other:
        assert rank(one, draw) < rank(other, another)


@given(priorities, priorities, draws)
def test_an_item_keeps_its_place_of_chance_when_its_priority_changes(before, after, draw):
    assert rank(after, rank(before, draw)) == rank(after, draw)


def test_a_hundred_thousand_items_of_one_priority_have_ranks_of_their_own():
    draw = random.Random(20)
    ranks = {rank(0, draw.getrandbits(63)) for _ in range(100_000)}
    assert len(ranks) == 100_000


@pytest.mark.parametrize("priority", [LOWEST - 1, HIGHEST + 1])
def test_a_priority_out_of_range_is_refused(priority):
    with pytest.raises(ValueError, match="from -100 to 100"):
        rank(priority, 0)
