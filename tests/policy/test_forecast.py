"""Forecasts: from a few days' pace to a date, with an interval that says how sure that is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.policy.forecast import FURTHEST, forecast
from feedback.policy.position import ENOUGH, leans


def test_a_steady_pace_has_one_date() -> None:
    ahead = forecast(100, [10, 10, 10, 10, 10, 10, 10])
    assert ahead is not None
    assert (ahead.pace, ahead.days, ahead.soonest, ahead.latest) == (10, 10, 10, 10)


def test_an_unsteady_pace_widens_the_interval() -> None:
    # Mean 10, sum of squares 600, hence s = 10; t = 1.440 for six degrees of freedom.
    ahead = forecast(100, [0, 20, 0, 20, 10, 0, 20])
    assert ahead is not None
    spread = 1.440 * 10 / math.sqrt(7)
    assert ahead.days == math.ceil(100 / 10)
    assert ahead.soonest == math.ceil(100 / (10 + spread))
    assert ahead.latest == math.ceil(100 / (10 - spread))


@pytest.mark.parametrize(
    ("left", "daily"),
    [(0, [5] * 7), (9, [0] * 7), (9, [5, 5]), (9, []), (9, [1] * 8), (10**9, [1] * 7)],
)
def test_there_is_no_forecast_without_work_or_pace_or_days(left: int, daily: list[int]) -> None:
    assert forecast(left, daily) is None


def test_a_pace_that_may_be_nothing_has_no_latest_date() -> None:
    ahead = forecast(100, [0, 0, 70])
    assert ahead is not None
    assert ahead.latest is None


@given(st.integers(1, 10_000), st.lists(st.integers(0, 500), min_size=3, max_size=7))
def test_the_interval_holds_the_likely_day(left: int, daily: list[int]) -> None:
    ahead = forecast(left, daily)
    if ahead is not None:
        assert 1 <= ahead.soonest <= ahead.days <= FURTHEST
        assert ahead.latest is None or ahead.days <= ahead.latest <= FURTHEST


def test_chance_leans_to_no_side() -> None:
    assert not leans(15, 30)
    assert not leans(22, 30)
    assert not leans(ENOUGH - 1, ENOUGH - 1)


def test_a_habit_leans() -> None:
    assert leans(30, 30)
    assert leans(0, 30)
    assert leans(625, 1000)
    assert not leans(540, 1000)
