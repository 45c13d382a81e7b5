"""Where an item stands in the queue: priority first, chance within a priority, in one bigint."""

from __future__ import annotations

LOWEST, HIGHEST = -100, 100
CHANCE_BITS = 55  # with 8 bits of priority the rank stays under 2^63; a million items collide with chance 1.4e-5
CHANCE = (1 << CHANCE_BITS) - 1


def rank(priority: int, draw: int) -> int:
    """A number from 0 to 2^63 − 1, lower is earlier: higher priority first, then by the low 55 bits of `draw`.

    An item whose priority changes keeps its place of chance when its old rank is given as the draw.
    """
    if not LOWEST <= priority <= HIGHEST:
        raise ValueError(f"a priority is from {LOWEST} to {HIGHEST}, not {priority}")
    return (HIGHEST - priority) << CHANCE_BITS | (draw & CHANCE)
