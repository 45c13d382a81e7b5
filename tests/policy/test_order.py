"""Every order of responses is shown equally often, and one draw means one order for ever."""

from __future__ import annotations

from collections import Counter
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.policy.order import shown_order

draws = st.integers(0, 2**63 - 1)


@given(st.integers(0, 16), draws)
def test_an_order_shows_every_response_once(count, draw):
    assert sorted(shown_order(count, draw)) == [*range(1, count + 1)]


@pytest.mark.parametrize("count", range(7))
def test_each_order_belongs_to_equally_many_draws(count):
    orders = Counter(shown_order(count, draw) for draw in range(2 * factorial(count)))
    assert len(orders) == factorial(count)
    assert set(orders.values()) == {2}


def test_a_draw_never_means_another_order():
    # Stored orders stand in reviews; that a draw still gives them is how a run can be checked.
    assert shown_order(2, 0) == (1, 2)
    assert shown_order(2, 1) == (2, 1)
    assert shown_order(4, 2**62 + 17) == (2, 3, 4, 1)
    assert shown_order(16, 2**63 - 1) == (16, 10, 3, 11, 4, 8, 15, 2, 13, 7, 9, 1, 6, 5, 14, 12)


def test_more_than_sixteen_responses_have_no_order():
    with pytest.raises(ValueError, match="at most 16"):
        shown_order(17, 0)
