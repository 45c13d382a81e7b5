"""Times are said as a colleague would say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.policy.pace import duration, left_in_words, median_seconds, roughly


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (41.4, "41 s"),
        (59.6, "1 min"),
        (269, "4 min 29 s"),
        (1000, "16 min 40 s"),
        (3599.7, "1 h"),
        (7800, "2 h 10 min"),
        (86_400, "24 h"),
    ],
)
def test_a_time_is_said_in_its_two_largest_units(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "1 min"),
        (260, "4 min"),
        (2100, "35 min"),
        (3570, "1 h"),
        (7801, "2 h 10 min"),
        (40_000, "11 h"),
    ],
)
def test_a_forecast_is_no_more_exact_than_it_can_be(seconds, words):
    assert roughly(seconds) == words


def test_what_is_left_is_said_at_ones_own_pace():
    # The desk of the mock-ups: 29 items left at a median of 4 min 29 s.
    assert left_in_words(29, [269.0] * 11, usual_minutes=4) == "about 2 h 10 min left at your pace"
    assert left_in_words(11, [327.0] * 4, usual_minutes=8) == "about 1 h left at your pace"


def test_a_newcomer_is_told_the_usual_pace():
    assert left_in_words(30, [20.0, 30.0], usual_minutes=4) == "about 2 h left at the usual pace"
    assert left_in_words(0, [20.0] * 9, usual_minutes=4) == "nothing left"


def test_a_pace_is_the_median_of_the_latest_twenty():
    assert median_seconds([10.0, 20.0]) is None
    assert median_seconds([10.0, 20.0, 600.0]) == 20.0
    assert median_seconds([1.0] * 100 + [50.0] * 20) == 50.0


@given(st.floats(0, 1e7))
def test_any_time_can_be_said(seconds):
    assert duration(seconds)[0].isdigit()
    assert roughly(seconds)[0].isdigit()


@given(st.floats(0, 1e6))
def test_a_forecast_is_within_five_minutes_or_a_tenth(seconds):
    hours, minutes = 0, 0
    for number, unit in zip(*[iter(roughly(seconds).split())] * 2, strict=True):
        hours, minutes = (int(number), minutes) if unit == "h" else (hours, int(number))
    said = hours * 3600 + minutes * 60
    assert abs(said - seconds) <= max(300, 0.1 * seconds)
