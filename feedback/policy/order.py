"""In which order one reviewer sees the responses of one item."""

from __future__ import annotations

from math import factorial

# 16! orders fit a 63-bit draw almost evenly: no order is favoured by more than 2.3e-6 of its chance.
MOST_RESPONSES = 16


def shown_order(count: int, draw: int) -> tuple[int, ...]:
    """Positions 1 … count as they are shown; each order is equally likely when `draw` is a random 63-bit number.

    The draw, reduced to one of the count! orders, is read in the factorial number system (Lehmer's code), so the
    same draw means the same order in every version of every library.
    """
    if not 0 <= count <= MOST_RESPONSES:
        raise ValueError(f"an item has at most {MOST_RESPONSES} responses, not {count}")
    rest, left, order = draw % factorial(count), list(range(1, count + 1)), []
    for remaining in range(count - 1, -1, -1):
        which, rest = divmod(rest, factorial(remaining))
        order.append(left.pop(which))
    return tuple(order)
