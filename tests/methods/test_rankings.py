"""Schulze and ranked pairs on published elections, and what must hold in any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.methods.rankings import cyclic, ranked_pairs, schulze

# Schulze 2011, section 3.1 as Wikipedia's "Schulze method" tells it: 45 voters, E A C B D.
SCHULZE = {
    "ACBED": 5,
    "ADECB": 5,
    "BEDAC": 8,
    "CABED": 3,
    "CAEBD": 7,
    "CBADE": 2,
    "DCEBA": 7,
    "EBADC": 8,
}
# The capital of Tennessee, as Wikipedia's "Ranked pairs" tells it: Nashville, Chattanooga, Knoxville, Memphis.
TENNESSEE = {"MNCK": 42, "NCKM": 26, "CKNM": 15, "KCNM": 17}


def tables_of(n):
    """Tables of so many candidates."""
    cells = st.lists(st.integers(0, 4), min_size=n * n, max_size=n * n)
    return cells.map(lambda row: np.array(row, dtype=float).reshape(n, n))


tables = st.integers(1, 6).flatmap(tables_of)
both = pytest.mark.parametrize("method", [schulze, ranked_pairs])


def table_of(ballots, names):
    table = np.zeros((len(names), len(names)))
    for ballot, voters in ballots.items():
        for place, better in enumerate(ballot):
            for worse in ballot[place + 1 :]:
                table[names.index(better), names.index(worse)] += voters
    return table


def told(order, names):
    return "".join(names[at] for at in np.argsort(order.rank, kind="stable"))


def test_schulzes_own_election():
    order = schulze(table_of(SCHULZE, "ABCDE"))
    assert told(order, "ABCDE") == "EACBD"
    assert sorted(order.rank) == [1, 2, 3, 4, 5]


@both
def test_the_capital_of_tennessee(method):
    assert told(method(table_of(TENNESSEE, "CKMN")), "CKMN") == "NCKM"


def test_ranked_pairs_gives_up_the_least_clear_majority_of_a_cycle():
    # A over B by 7:2, B over C by 6:3, C over A by 5:4.
    table = np.array([[0, 7, 4], [2, 0, 6], [5, 3, 0]])
    assert cyclic(table)
    assert ranked_pairs(table).rank.tolist() == [1, 2, 3]
    assert schulze(table).rank.tolist() == [1, 2, 3]


@given(st.lists(tables_of(3), min_size=1, max_size=4))
def test_many_tables_at_once_are_each_ordered_by_themselves(many):
    stack = np.stack(many)
    assert (schulze(stack).above == np.stack([schulze(table).above for table in many])).all()
    assert cyclic(stack).tolist() == [bool(cyclic(table)) for table in many]


@both
def test_a_perfect_cycle_leaves_everybody_equal(method):
    table = np.array([[0, 2, 1], [1, 0, 2], [2, 1, 0]])
    assert method(table).rank.tolist() == [1, 1, 1]


@both
@given(tables)
def test_the_order_is_one(method, table):
    above = method(table).above
    assert not np.diag(above).any()
    assert not (above & above.T).any()
    through = (above[:, :, None] & above[None, :, :]).any(axis=1)
    assert not (through & ~above).any()


@both
@given(tables)
def test_majorities_without_a_cycle_are_all_kept(method, table):
    if not cyclic(table):
        assert (method(table).above >= (table > table.T)).all()


@both
@given(tables, st.randoms())
def test_numbers_of_candidates_do_not_matter(method, table, random):
    mixed = list(range(len(table)))
    random.shuffle(mixed)
    there = method(table).above[np.ix_(mixed, mixed)]
    assert (method(table[np.ix_(mixed, mixed)]).above == there).all()
