"""Several reviewers' orders of one item's responses, put together into one: by Schulze's method or ranked pairs.

Read pair by pair, such votes can contradict themselves: A over B, B over C, C over A. An order never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from curation.late import np, pd
from curation.methods.arrays import Bools, Floats, Ints
from curation.methods.lookup import ranks
from curation.methods.majority import FIRST, NO_VOTES, SECOND, TIE
from curation.methods.rankings import cyclic, ranked_pairs, schulze

PAIRS, SCHULZE, RANKED_PAIRS = ORDERS = ("pairs", "schulze", "ranked_pairs")
VERSIONS = {SCHULZE: 1, RANKED_PAIRS: 1}
LEAST_RESPONSES = 3

Above = Callable[[Floats], Bools]


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """Items with three compared responses or more: `at` are places among a question's rows, `winner` what the order says there.

    `items` were ordered, `cyclic` of them contradict themselves pair by pair.
    """

    name: str
    at: Ints
    winner: Ints
    items: int
    cyclic: int

    def over(self, winner: Ints) -> Ints:
        """`winner` of all rows, as the order has it where anybody has voted."""
        ordered = winner.copy()
        ordered[self.at] = np.where(winner[self.at] == NO_VOTES, NO_VOTES, self.winner)
        return ordered

    def report(self, winner: Ints) -> dict[str, Any]:
        """What a run keeps: how many items, how many in a cycle, and on how many pairs the order chooses otherwise."""
        changed = int((self.over(winner) != winner).sum())
        return {"by": self.name, "items": self.items, "cyclic": self.cyclic, "changed": changed}


def sides_of(pairs: pd.DataFrame) -> pd.DataFrame:
    """`item`, `first` and `second` of each pair: numbers of its item and its responses, which rise as their hashes do."""
    both = ranks(pd.concat([pairs["first_hash"], pairs["second_hash"]], ignore_index=True))
    first, second = both[: len(pairs)], both[len(pairs) :]
    return pd.DataFrame({"item": ranks(pairs["item"]), "first": first, "second": second})


def ordered(sides: pd.DataFrame, counts: Ints, name: str) -> Ordered:
    """The orders of one question's pairs (of `sides_of`) with their votes by class, (n, 3); “pairs” as a name means Schulze's, to compare."""
    above = _each(ranked_pairs) if name == RANKED_PAIRS else _schulze
    at, winner, items, contradictory = [], [], 0, 0
    for rows, group, first, second, shape in _sizes(sides):
        tables = np.zeros(shape)
        votes = counts[rows]
        np.add.at(tables, (group, first, second), votes[:, FIRST] + votes[:, TIE] / 2)
        np.add.at(tables, (group, second, first), votes[:, SECOND] + votes[:, TIE] / 2)
        order = above(tables)
        up, down = order[group, first, second], order[group, second, first]
        at.append(rows)
        winner.append(np.where(up, FIRST, np.where(down, SECOND, TIE)))
        items += shape[0]
        contradictory += int(cyclic(tables).sum())
    nothing = np.zeros(0, dtype=np.int64)
    return Ordered(
        name=RANKED_PAIRS if name == RANKED_PAIRS else SCHULZE,
        at=np.concatenate([nothing, *at]),
        winner=np.concatenate([nothing, *winner]),
        items=items,
        cyclic=contradictory,
    )


def _schulze(tables: Floats) -> Bools:
    return schulze(tables).above


def _each(method: Callable[[Floats], Any]) -> Above:
    return lambda tables: np.stack([method(table).above for table in tables])


def _sizes(sides: pd.DataFrame) -> Iterator[tuple[Ints, Ints, Ints, Ints, tuple[int, int, int]]]:
    """For each number K of responses, 3 and more: rows, their item's number among those of K, and both responses' numbers in it."""
    items = np.unique(sides["item"], return_inverse=True)[1]
    hashes = np.concatenate([sides["first"], sides["second"]])
    many = int(hashes.max(initial=0)) + 1
    distinct, places = np.unique(np.tile(items, 2) * many + hashes, return_inverse=True)
    owner = distinct // many
    size = np.bincount(owner, minlength=int(items.max(initial=-1)) + 1)
    start = np.cumsum(size) - size
    local = places - start[owner[places]]
    first, second = local[: len(sides)], local[len(sides) :]
    for k in sorted(set(size[size >= LEAST_RESPONSES].tolist())):
        rows = np.flatnonzero(size[items] == k)
        names, group = np.unique(items[rows], return_inverse=True)
        yield (
            rows.astype(np.int64),
            group.astype(np.int64),
            first[rows].astype(np.int64),
            second[rows].astype(np.int64),
            (len(names), k, k),
        )
