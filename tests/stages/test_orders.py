"""Orders of three responses and more: contradictions are counted, and resolved where a recipe asks."""

from __future__ import annotations

import pandas as pd
import pytest

from curation.stages.judging import judge
from curation.stages.votes import VOTES
from tests.stages.samples import ballot, hexed, pairs_of

# A over B by 7 to 2, B over C by 6 to 3, C over A by 5 to 4; and an item of two responses.
CYCLE = ([1] * 7 + [-1] * 2, [1] * 6 + [-1] * 3, [-1] * 5 + [1] * 4, [1, 1, -1])


def ranked():
    rows = [
        {"item": hexed("ranked"), "first": first, "second": second}
        for first, second in (("A", "B"), ("B", "C"), ("A", "C"))
    ]
    pairs = pairs_of([*rows, {}])
    return pairs, ballot(pairs, *CYCLE)


def report(**params):
    pairs, facts = ranked()
    params = {**VOTES.defaults, **params}
    return judge(pairs, facts, params).reports(params)[0]["orders"]


@pytest.mark.parametrize("order", ["schulze", "ranked_pairs"])
def test_the_least_clear_majority_of_a_cycle_is_given_up(order):
    pairs, facts = ranked()
    plain, put = VOTES(pairs, facts), VOTES(pairs, facts, {"order": order})
    assert plain["chosen"].tolist() == ["first", "first", "second", "first"]
    assert put["chosen"].tolist() == ["first", "first", "first", "first"]
    assert put["method"].tolist() == [f"{order}/1"] * 3 + ["majority/1"]
    assert put["vote_share"].iloc[2] == pytest.approx(4 / 9, abs=1e-6)
    assert report(order=order) == {"by": order, "items": 1, "cyclic": 1, "changed": 1}


def test_contradictions_are_counted_though_no_order_is_asked_for():
    assert report() == {"by": "schulze", "items": 1, "cyclic": 1, "changed": 1}


def test_items_of_two_responses_have_no_order():
    pairs = pairs_of([{}] * 3)
    facts = ballot(pairs, [1], [1], [-1])
    (entry,) = judge(pairs, facts, VOTES.defaults).reports(VOTES.defaults)
    assert entry["orders"] is None


def test_a_pair_nobody_voted_on_stays_without_a_chosen_side():
    pairs, _ = ranked()
    facts = ballot(pairs, [1, 1], [1, 1], [], [1])
    found = VOTES(pairs, facts, {"order": "schulze"})
    assert found["chosen"].fillna("-").tolist() == ["first", "first", "-", "first"]


def test_the_order_of_rows_does_not_matter():
    pairs, facts = ranked()
    turned = VOTES(pairs.iloc[::-1], facts, {"order": "ranked_pairs"})
    straight = VOTES(pairs, facts, {"order": "ranked_pairs"})
    pd.testing.assert_frame_equal(turned.iloc[::-1], straight)
