"""What groups of different sizes give to a mixture at a temperature, and what caps let through.

Of groups of n_i each has a share p_i ~ n_i^(1/T): at T = 1 as they come, the larger T the more alike. Temperature sampling with a limit on
each set: Raffel et al. 2020, arXiv:1910.10683, § 3.5.2. Nothing is drawn twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from curation.late import np
from curation.methods.arrays import Bools, Ints

DECIMALS = 12


def shares_of(sizes: Mapping[str, int], temperature: float, least: int) -> dict[str, float]:
    """p_i of every group of at least `least`, of 1 together. Smaller ones stay out of it; at T = 1 all do, as nothing is to be changed."""
    if temperature == 1:
        return {}
    powers = {
        group: float(n) ** (1 / temperature) for group, n in sorted(sizes.items()) if n >= least
    }
    total = sum(powers.values())
    return {group: round(power / total, DECIMALS) for group, power in powers.items()}


def taken(sizes: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, int]:
    """How many each group gives: the most that are in proportion to the shares, rounded; all of a group without a share."""
    most = min((sizes[group] / share for group, share in shares.items()), default=0.0)
    given = {group: int(round(most * share, 6) + 0.5) for group, share in shares.items()}
    return {group: min(n, given.get(group, n)) for group, n in sizes.items()}


def over_cap(rows: Ints, members: Sequence[Collection[str]], cap: int) -> Bools:
    """Which of all rows are over the cap: taken in the order of `rows`, one of their members has `cap` already."""
    over = np.zeros(len(members), dtype=bool)
    counts: Counter[str] = Counter()
    for row in rows.tolist():
        if any(counts[name] >= cap for name in members[row]):
            over[row] = True
        else:
            counts.update(members[row])
    return over
