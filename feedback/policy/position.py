"""Whether somebody picks the response shown first more or less often than chance."""

from __future__ import annotations

import math

ENOUGH = 30
FAR = 3.29  # standard normal: by chance alone once in a thousand reviewers


def leans(first: int, total: int) -> bool:
    """Whether `first` of `total` decided comparisons went to the response shown first far from half of the time."""
    if total < ENOUGH:
        return False
    return abs(first - total / 2) / math.sqrt(total / 4) > FAR
