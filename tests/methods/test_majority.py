"""Counts, shares, intervals and the smoothing that foretells the next vote."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from curation.methods.majority import (
    FIRST,
    NO_VOTES,
    SECOND,
    TIE,
    class_counts,
    class_of,
    entropy,
    fit_strength,
    jeffreys,
    next_vote,
    plurality,
    smoothed_classes,
    vote_share,
)

# A busy machine is no defect.
unhurried = settings(deadline=None)

counts = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=20
).map(np.array)


def loss_by_hand(table, strength):
    """Leave-one-vote-out log-loss, one vote at a time, and how many votes there were."""
    total, votes = 0.0, 0
    for row in table:
        n = sum(row)
        if n < 2:
            continue
        won = row[0] + row[1] / 2
        for target, many in zip((1.0, 0.5, 0.0), row, strict=True):
            p = (strength + won - target) / (2 * strength + n - 1)
            if many:
                lost = target * np.log(p) + (1 - target) * np.log(1 - p)
                total, votes = total - many * lost, votes + many
    return total, votes


def test_votes_are_counted_by_unit_and_class():
    classes = class_of(np.array([3, -1, 0, 1, -3]))
    assert classes.tolist() == [FIRST, SECOND, TIE, FIRST, SECOND]
    table = class_counts(np.array([0, 0, 0, 2, 2]), classes, 3)
    assert table.tolist() == [[1, 1, 1], [0, 0, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("row", "winner"),
    [
        ((2, 0, 1), FIRST),
        ((0, 1, 2), SECOND),
        ((1, 2, 1), TIE),
        ((2, 0, 2), TIE),  # an equal top names no winner
        ((2, 2, 0), TIE),
        ((1, 1, 1), TIE),
        ((0, 0, 0), NO_VOTES),
    ],
)
def test_the_plurality_wins_and_an_equal_top_is_a_tie(row, winner):
    assert plurality(np.array([row])).tolist() == [winner]


def test_a_share_counts_ties_half_and_is_unknown_without_votes():
    shares = vote_share(np.array([[2, 1, 0], [0, 0, 3], [0, 0, 0]]))
    assert shares.tolist()[:2] == [0.833333, 0.0]
    assert np.isnan(shares[2])


def test_the_jeffreys_interval_is_that_of_its_beta_with_the_ends_closed():
    low, high = jeffreys(np.array([2.5, 0.0, 3.0, 0.0]), np.array([3, 3, 3, 0]))
    assert low[0] == pytest.approx(beta.ppf(0.025, 3, 1), abs=1e-6)
    assert high[0] == pytest.approx(beta.ppf(0.975, 3, 1), abs=1e-6)
    assert (low[1], high[1]) == (0.0, pytest.approx(beta.ppf(0.975, 0.5, 3.5), abs=1e-6))
    assert (low[2], high[2]) == (pytest.approx(beta.ppf(0.025, 3.5, 0.5), abs=1e-6), 1.0)
    assert np.isnan([low[3], high[3]]).all()


@unhurried
@given(counts)
def test_the_interval_holds_its_share(table):
    share = vote_share(table)
    n = table.sum(axis=1)
    low, high = jeffreys(table[:, 0] + table[:, 1] / 2, n)
    voted = n > 0
    assert (low[voted] <= share[voted]).all()
    assert (share[voted] <= high[voted]).all()


@unhurried
@given(counts)
def test_the_fitted_strength_foretells_left_out_votes_best(table):
    fit = fit_strength(table)
    if fit is None:
        assert (table.sum(axis=1) < 2).all()
        return

    def cost(strength):
        return loss_by_hand(table, strength)[0] - 2 * np.log(strength / (2 * strength + 1))

    assert cost(fit.strength) <= min(map(cost, np.geomspace(0.01, 1_000, 60))) + 1e-6
    loss, votes = loss_by_hand(table, fit.strength)
    assert fit.votes == votes
    assert fit.log_loss == pytest.approx(loss / votes, abs=2e-6)


@unhurried
@given(counts)
def test_the_fit_does_not_care_which_response_is_first(table):
    assert fit_strength(table) == fit_strength(table[:, ::-1])


def test_a_few_unanimous_votes_do_not_make_certainty():
    few = fit_strength(np.array([[3, 0, 0]] * 3))
    many = fit_strength(np.array([[3, 0, 0]] * 3000))
    unanimous = np.array([[3, 0, 0]])
    assert next_vote(unanimous, few.strength)[0] < 0.9
    assert next_vote(unanimous, many.strength)[0] > 0.99


def test_votes_at_random_foretell_nothing():
    rng = np.random.default_rng(0)
    first = rng.binomial(5, 0.5, size=2_000)
    fit = fit_strength(np.stack([first, np.zeros_like(first), 5 - first], axis=1))
    assert fit.strength > 20
    assert fit.log_loss == pytest.approx(np.log(2), abs=0.01)


@unhurried
@given(counts, st.floats(0.05, 50))
def test_the_next_vote_mirrors_with_the_pair(table, strength):
    there, back = next_vote(table, strength), next_vote(table[:, ::-1], strength)
    assert there + back == pytest.approx(1, abs=2e-6)


def test_entropy_is_in_bits():
    even = np.full((1, 3), 1 / 3)
    assert entropy(np.vstack([even, [[1, 0, 0]], [[0.5, 0, 0.5]]])).tolist() == [1.584963, 0, 1]
    assert smoothed_classes(np.array([[1, 1, 1]]), 0.7) == pytest.approx(even)
