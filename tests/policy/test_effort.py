"""What a desk measured is read as far as it makes sense, and held to the server's clock."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from feedback.policy.effort import Effort, read_effort

SHOWN = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.dictionaries(
        st.sampled_from(["first_input_ms", "typed", "pasted", "reading", "A", "prompt", "x"]), inner
    ),
    max_leaves=8,
)


def test_everything_is_held_to_the_clock() -> None:
    said = Effort(90_000, 80_000, 10, 20, {"A": 70_000, "prompt": 1000})
    held = said.between(SHOWN, SHOWN + MINUTE)
    assert held == Effort(60_000, 60_000, 10, 20, {"A": 60_000, "prompt": 1000})
    assert said.between(SHOWN, SHOWN - MINUTE).active_ms == 0


def test_no_pane_is_read_longer_than_all_of_them() -> None:
    held = Effort(5000, None, None, None, {"A": 9000}).between(SHOWN, SHOWN + MINUTE)
    assert held.reading == {"A": 5000}


def test_letters_become_positions_as_in_a_body() -> None:
    effort = Effort(1, reading={"A": 5, "B": 6, "prompt": 7})
    assert effort.by_position("AB", [2, 1]) == {"2": 5, "1": 6, "prompt": 7}


def test_what_makes_no_sense_is_not_known() -> None:
    said = {"first_input_ms": -1, "typed": True, "pasted": 3, "reading": {"A": 1, "Z": 2, "B": "x"}}
    assert read_effort(said, 10, "AB") == Effort(10, None, None, 3, {"A": 1})
    assert not read_effort("nonsense", None, "AB").is_detailed


@given(ANYTHING)
def test_nothing_that_a_desk_says_breaks_it(said: object) -> None:
    effort = read_effort(said, 1000, "AB").between(SHOWN, SHOWN + MINUTE)
    assert all(0 <= ms <= 1000 for ms in effort.reading.values())
