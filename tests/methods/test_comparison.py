"""Which method foretells held-out votes best, and that nothing leaks from a vote into its own forecast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.methods.comparison import LEAST_PAIRS, METHODS, bins_of, compare
from curation.methods.labels import distinct
from curation.methods.majority import FIRST, SECOND, TIE, class_counts
from curation.methods.smoothing import fit_classes
from tests.methods.label_sets import label_set

MIRROR = (SECOND, TIE, FIRST)
# A busy machine is no defect.
few = settings(deadline=None, max_examples=25)

votes = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, 2)), max_size=30
).map(lambda rows: np.array(rows, dtype=np.int64).reshape(-1, 3))


def compared(rows, n_units, truth=None, prior="empirical"):
    sizes = {"n_units": n_units, "n_raters": int(rows[:, 1].max(initial=0)) + 1, "n_classes": 3}
    labels = distinct(rows[:, 0], rows[:, 1], rows[:, 2], **sizes)
    return compare(labels, class_prior=prior, mirror=MIRROR, truth=truth)


def by_method(found):
    return {score.method: score for score in found.scores}


def drawn(accuracies, n_units=150, seed=1):
    """Rows of one vote of each rater on each unit, right with the rater's accuracy; and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.choice([FIRST, SECOND], size=n_units)
    rows = [
        (unit, rater, truth[unit] if rng.random() < accuracy else SECOND - truth[unit])
        for unit in range(n_units)
        for rater, accuracy in enumerate(accuracies)
    ]
    return np.array(rows), truth


def as_comparisons(name):
    """A set of two labels as comparisons: first and second in place of 0 and 1."""
    known = label_set(name)
    units, raters, labels = known.columns
    rows = np.column_stack([units, raters, labels * SECOND])
    return rows, known.sizes["n_units"], (known.judged, known.truth * SECOND)


def test_where_raters_differ_em_wins_and_gold_agrees():
    rows, truth = drawn([0.95, 0.95, 0.5, 0.5, 0.5])
    found = compared(rows, 150, truth=(np.arange(150), truth))
    scores = by_method(found)
    assert found.best in {"one_coin", "dawid_skene"}
    assert scores[found.best].beats
    assert scores[found.best].gold.accuracy > scores["majority"].gold.accuracy + 0.05
    assert scores[found.best].gold.n == 150


def test_where_all_are_alike_majority_stays():
    rows, truth = drawn([0.8] * 4)
    found = compared(rows, 150, truth=(np.arange(150), truth))
    assert found.best == "majority"
    assert not any(score.beats for score in found.scores)


def test_on_rte_one_coin_loses_to_majority_and_dawid_skene_wins():
    rows, n_units, truth = as_comparisons("rte")
    found = compared(rows, n_units, truth)
    scores = by_method(found)
    assert found.best == "dawid_skene"
    assert scores["one_coin"].gain_high < 0 < scores["dawid_skene"].gain_low
    assert scores["dawid_skene"].gold.accuracy > scores["majority"].gold.accuracy
    assert all(score.converged for score in found.scores)


def test_on_bluebird_no_method_surely_beats_majority_when_sides_are_chance():
    rows, n_units, truth = as_comparisons("bluebird")
    found = compared(rows, n_units, truth)
    assert found.best == "majority"
    assert by_method(found)["one_coin"].gain_high < 0


def test_votes_at_random_foretell_nothing_so_no_vote_leaks_into_its_own_forecast():
    rng = np.random.default_rng(0)
    rows = np.array([(u, r, rng.choice([FIRST, SECOND])) for u in range(400) for r in range(3)])
    found = compared(rows, 400)
    assert found.best == "majority"
    assert found.held_out == len(rows)
    for score in found.scores:
        assert score.log_loss > np.log(2) - 0.01


def test_a_vote_without_company_is_not_held_out():
    rows = np.array([(0, 0, FIRST), (1, 0, FIRST), (1, 1, SECOND)])
    found = compared(rows, 2)
    assert (found.held_out, found.pairs) == (2, 1)


def test_few_pairs_have_no_interval_and_keep_majority():
    rows, _ = drawn([0.95, 0.95, 0.05], n_units=LEAST_PAIRS - 1)
    found = compared(rows, LEAST_PAIRS - 1)
    assert found.best == "majority"
    assert {score.gain_low for score in found.scores} == {None}
    assert [score.method for score in found.scores] == list(METHODS)


def test_nobody_voting_leaves_nothing_to_compare():
    found = compared(np.zeros((0, 3), dtype=np.int64), 4)
    assert (found.best, found.held_out, found.scores) == ("majority", 0, [])


def test_known_answers_of_pairs_without_votes_do_not_count():
    rows, truth = drawn([0.9] * 3, n_units=40)
    found = compared(rows, 41, truth=(np.array([0, 40]), np.array([truth[0], FIRST])))
    assert by_method(found)["majority"].gold.n == 1
    without = compared(rows, 41, truth=(np.array([40]), np.array([FIRST])))
    assert by_method(without)["majority"].gold is None


# Of eight votes that stand on a ridge, from which the last bit of a sum once decided.
RIDGE = [(0, 1, 0), (0, 1, 1), (3, 1, 0), (5, 0, 0), (5, 1, 0), (5, 3, 2), (6, 0, 0), (6, 3, 1)]


@few
@given(votes)
@example(np.array(RIDGE))
def test_turning_comparisons_round_changes_no_score(rows):
    turned = np.array([1, 0, 1, 1, 0, 0, 1, 0], dtype=bool)
    mirrored = rows.copy()
    at = turned[rows[:, 0]]
    mirrored[at, 2] = 2 - rows[at, 2]
    for one, other in zip(compared(rows, 8).scores, compared(mirrored, 8).scores, strict=True):
        assert other.log_loss == pytest.approx(one.log_loss, abs=5e-6)


@few
@given(votes)
def test_what_comes_out_is_well_formed(rows):
    found = compared(rows, 8)
    for score in found.scores:
        assert score.log_loss >= 0
        assert sum(each.n for each in score.bins) == found.held_out
        for each in score.bins:
            assert each.low - 1e-6 <= each.said <= each.high
            assert each.least <= each.seen <= each.most


def test_bins_turn_every_forecast_to_the_side_it_favours():
    found = bins_of(np.array([0.9, 0.1, 0.08, 0.55]), np.array([1.0, 0.0, 1.0, 0.5]))
    assert [(each.low, each.n, each.seen) for each in found] == [(0.5, 1, 0.5), (0.9, 3, 0.666667)]
    assert found[1].said == pytest.approx((0.9 + 0.9 + 0.92) / 3, abs=1e-6)


def test_smoothed_majority_keeps_the_classes_shares_where_nobody_voted():
    counts = class_counts(np.repeat(np.arange(50), 4), np.tile([FIRST, FIRST, SECOND, TIE], 50), 51)
    chances = fit_classes(counts, MIRROR)
    assert chances.sum(axis=1) == pytest.approx(np.ones(51))
    assert chances[50, FIRST] == pytest.approx(chances[50, SECOND])
    assert chances[50, TIE] == pytest.approx(0.25, abs=0.01)
    assert chances[0, FIRST] > chances[0, SECOND]
