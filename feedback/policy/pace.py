"""How long things take, in words: one's median, and what is left at one's pace."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

RECENT = 20  # a pace is what one does now, not what one did last week
ENOUGH = 3  # fewer reviews of one's own say nothing yet
MINUTE, HOUR = 60, 3600


def median_seconds(active: Sequence[float]) -> float | None:
    """The median active time of the latest 20 reviews (seconds, latest last), or None below 3."""
    recent = active[-RECENT:]
    return median(recent) if len(recent) >= ENOUGH else None


def left_in_words(left: int, active: Sequence[float], usual_minutes: int) -> str:
    """What is still to do, as in "about 2 h 10 min left at your pace"; at the usual pace while one has none."""
    if left <= 0:
        return "nothing left"
    own = median_seconds(active)
    if own is None:
        return f"about {roughly(left * usual_minutes * MINUTE)} left at the usual pace"
    return f"about {roughly(left * own)} left at your pace"


def duration(seconds: float) -> str:
    """An exact time: "41 s", "4 min 29 s", "2 h 10 min"."""
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return _joined(whole // MINUTE, "min", whole % MINUTE, "s")
    minutes = round(whole / MINUTE)
    return _joined(minutes // 60, "h", minutes % 60, "min")


def roughly(seconds: float) -> str:
    """A forecast: to the minute up to ten minutes, to five minutes up to ten hours, then to the hour."""
    minutes = seconds / MINUTE
    if minutes <= 10:
        return f"{max(1, round(minutes))} min"
    if minutes < 600:
        whole = 5 * round(minutes / 5)
        return _joined(whole // 60, "h", whole % 60, "min")
    return f"{round(minutes / 60)} h"


def _joined(large: int, larger: str, small: int, smaller: str) -> str:
    parts = [f"{number} {unit}" for number, unit in ((large, larger), (small, smaller)) if number]
    return " ".join(parts)
