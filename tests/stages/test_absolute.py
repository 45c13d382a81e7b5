"""Labels of single responses for KTO and SFT."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.stages.absolute import RATING_COLUMNS, VOTE_COLUMNS, response_labels
from curation.stages.recipes import DECIDED_ONLY, curate
from tests.stages.samples import hexed, pandalm

# A busy machine is no defect.
unhurried = settings(deadline=None)


def votes(*rows):
    """(first, second, outcome[, both_unacceptable[, item]]) on one prompt."""
    full = [(*row, *(False, "item")[len(row) - 3 :]) for row in rows]
    table = [("p", item, a, b, outcome, neither) for a, b, outcome, neither, item in full]
    return pd.DataFrame(table, columns=list(VOTE_COLUMNS)).astype(
        {"outcome": "int64", "both_unacceptable": "bool"}
    )


def ratings(*rows):
    """(response, rater, value, acceptable_from) on one prompt."""
    table = [("p", "item", response, rater, value, least) for response, rater, value, least in rows]
    return pd.DataFrame(table, columns=list(RATING_COLUMNS)).astype(
        {"value": "float64", "acceptable_from": "float64"}
    )


def one(frame, response):
    row = frame.set_index("response_hash").loc[response]
    label = None if pd.isna(row["label"]) else bool(row["label"])
    return label, row["basis"], row["n"], bool(row["acceptable"])


def test_a_response_that_mostly_wins_is_true_and_one_that_mostly_loses_false():
    found = response_labels(
        votes(("a", "b", 1), ("a", "c", 3), ("b", "c", 0), ("c", "a", 0)), ratings()
    )
    assert one(found, "a") == (True, "win_share", 3, False)
    assert one(found, "b") == (False, "win_share", 2, False)
    assert one(found, "c") == (None, "win_share", 3, False)
    assert found["win_share"].tolist() == [0.833333, 0.25, 0.333333]


@pytest.mark.parametrize(("wins", "label"), [(3, True), (2, None), (1, False)])
def test_the_bounds_are_three_quarters_and_one_quarter(wins, label):
    cast = [("a", "b", 1)] * wins + [("a", "b", -1)] * (4 - wins)
    assert one(response_labels(votes(*cast), ratings()), "a")[0] is label


def test_votes_on_one_prompt_in_two_items_are_pooled():
    cast = votes(("a", "b", 1, False, "item 2"), ("c", "a", -1, False, "item 1"))
    found = response_labels(cast, ratings())
    assert one(found, "a") == (True, "win_share", 2, False)
    assert found["item"].tolist() == ["item 1", "item 2", "item 1"]


def test_both_unacceptable_by_more_than_half_is_false_for_both():
    cast = votes(("a", "b", 3, True), ("a", "b", 0, True), ("a", "b", 3))
    found = response_labels(cast, ratings())
    assert one(found, "a") == (False, "both_unacceptable", 3, False)
    assert one(found, "b") == (False, "both_unacceptable", 3, False)
    assert found["win_share"].tolist() == [0.666667, 0.333333]
    half = response_labels(votes(("a", "b", 0, True), ("a", "b", 3)), ratings())
    assert one(half, "a") == (True, "win_share", 2, False)


def test_ratings_at_the_anchor_decide_before_wins():
    found = response_labels(
        votes(("a", "b", -3), ("a", "b", -3)),
        ratings(("a", "ann", 4, 4), ("a", "ben", 5, 4), ("a", "cleo", 1, 4), ("b", "ann", 3, 4)),
    )
    assert one(found, "a") == (True, "rating", 3, True)
    assert one(found, "b") == (False, "rating", 1, False)


def test_a_rater_must_reach_every_anchor_and_raters_who_halve_leave_it_open():
    found = response_labels(
        votes(),
        ratings(
            ("a", "ann", 5, 4), ("a", "ann", 2, 3), ("b", "ann", 5, 4), ("b", "ben", 1, 4),
            ("c", "ann", 5, np.nan),
        ),
    )  # fmt: skip
    assert one(found, "a") == (False, "rating", 1, False)
    assert one(found, "b") == (None, "rating", 2, False)
    assert found["label"].isna().tolist() == [False, True, True]
    assert found["basis"].isna().tolist() == [False, False, True]
    assert found["win_share"].isna().all()


def test_nothing_said_gives_an_empty_frame_of_the_same_columns():
    empty = response_labels(votes(), ratings())
    usual = response_labels(votes(("a", "b", 1)), ratings())
    assert len(empty) == 0
    assert list(empty.columns) == list(usual.columns)
    assert empty["label"].dtype == usual["label"].dtype == "boolean"


def test_pandalm_has_no_response_that_is_both_true_and_false():
    pairs, facts = pandalm()
    kept = curate(DECIDED_ONLY, pairs, facts).pairs.query("not held")
    won = kept["chosen"] == "first"
    chosen = set(zip(kept["prompt"], kept["first"].where(won, kept["second"]), strict=True))
    rejected = set(zip(kept["prompt"], kept["second"].where(won, kept["first"]), strict=True))
    assert len(chosen & rejected) == 146
    cast = facts.votes.merge(pairs, on="pair")
    found = response_labels(
        cast.assign(prompt=[hexed(prompt) for prompt in cast["prompt"]]), ratings()
    )
    assert not found.duplicated(["prompt", "response_hash"]).any()
    assert found["label"].notna().sum() < len(found)
    sides = found[found["label"].notna()].groupby(["prompt", "response_hash"])["label"].nunique()
    assert sides.eq(1).all()


names = st.sampled_from(["a", "b", "c", "Ω"])


@unhurried
@given(
    st.lists(st.tuples(names, names, st.integers(-3, 3), st.booleans()), max_size=12),
    st.lists(
        st.tuples(names, names, st.integers(1, 5), st.sampled_from([3, 4, np.nan])), max_size=8
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_and_sides_does_not_matter(cast, rated, random):
    straight = response_labels(votes(*cast), ratings(*rated))
    turned = [(b, a, -outcome, neither) for a, b, outcome, neither in cast]
    random.shuffle(turned)
    random.shuffle(rated)
    pd.testing.assert_frame_equal(response_labels(votes(*turned), ratings(*rated)), straight)
