"""When a project will be done if it goes on as in the last days, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

# Student's t, two-sided 80 %, by degrees of freedom (any table of the distribution).
_T80 = {2: 1.886, 3: 1.638, 4: 1.533, 5: 1.476, 6: 1.440}
FEWEST, MOST = min(_T80) + 1, max(_T80) + 1
FURTHEST = 1000  # days; what lies beyond is not a date anybody can plan with


@dataclass(frozen=True, slots=True)
class Forecast:
    """Reviews a day, and after how many days the rest is done: most likely, and the 80 % interval (None: no end in sight)."""

    pace: float
    days: int
    soonest: int
    latest: int | None


def forecast(left: int, daily: Sequence[int]) -> Forecast | None:
    """The forecast from the counts of 3 to 7 whole days, or None where nothing is left or nothing moves."""
    if left <= 0 or not FEWEST <= len(daily) <= MOST or sum(daily) == 0:
        return None
    pace = mean(daily)
    spread = _T80[len(daily) - 1] * stdev(daily) / math.sqrt(len(daily))
    days = _days(left, pace)
    if days is None:
        return None
    return Forecast(pace, days, _days(left, pace + spread) or days, _days(left, pace - spread))


def _days(left: int, pace: float) -> int | None:
    if pace * FURTHEST < left:
        return None
    return math.ceil(left / pace)
