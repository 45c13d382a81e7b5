"""Dawid–Skene and majority on six public label sets with gold, and what must hold on any votes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.dawid_skene import bearing, dawid_skene
from curation.methods.labels import accuracy_against, distinct, shares
from tests.methods.label_sets import label_set

# A busy machine is no defect.
unhurried = settings(deadline=None)

# Majority with ties in fractions, Dawid–Skene: computed with crowd-kit on these files.
FIGURES = {
    "rte": (0.8969, 0.9275),
    "bluebird": (0.7593, 0.8889),
    "music_genre": (0.7042, 0.7686),
    "sentiment_popularity_amt": (0.9430, 0.9440),
    "weather_sentiment_amt": (0.8533, 0.8400),
    "face": (0.6367, 0.6404),
}

votes = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), max_size=25
).map(lambda rows: np.array(rows, dtype=np.int64).reshape(-1, 3))


def fit(rows, **options):
    options = {"n_units": 6, "n_raters": 4, "n_classes": 3} | options
    return dawid_skene(rows[:, 0], rows[:, 1], rows[:, 2], **options)


@pytest.mark.parametrize("name", FIGURES)
def test_accuracy_against_gold_is_the_known_one(name):
    known = label_set(name)
    found = dawid_skene(*known.columns, **known.sizes)
    assert found.converged
    right = accuracy_against(found.posterior[known.judged], known.truth)
    assert right == pytest.approx(FIGURES[name][1], abs=0.015)


@pytest.mark.parametrize("name", FIGURES)
def test_majority_against_gold_is_the_known_one(name):
    known = label_set(name)
    most = shares(distinct(*known.columns, **known.sizes))
    right = accuracy_against(most[known.judged], known.truth)
    assert right == pytest.approx(FIGURES[name][0], abs=0.0015)


def test_it_beats_majority_where_raters_err_in_one_direction():
    known = label_set("bluebird")
    found = dawid_skene(*known.columns, **known.sizes)
    most = shares(distinct(*known.columns, **known.sizes))
    gained = accuracy_against(found.posterior[known.judged], known.truth) - accuracy_against(
        most[known.judged], known.truth
    )
    assert gained > 0.1


def test_exact_duplicates_are_reported_and_count_once():
    once = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 2]])
    twice = once[[0, 0, 1, 2, 2]]
    assert fit(twice).duplicates == 2
    assert (fit(twice).posterior == fit(once).posterior).all()
    assert label_set("weather_sentiment_amt").columns[0].size == 6030
    known = label_set("weather_sentiment_amt")
    assert dawid_skene(*known.columns, **known.sizes).duplicates == 5


def test_a_rater_who_always_turns_the_answer_round_is_read_backwards():
    rng = np.random.default_rng(3)
    truth = rng.integers(2, size=80)
    rows = [(u, r, truth[u] if r < 3 else 1 - truth[u]) for u in range(80) for r in range(4)]
    alone = [(80, 3, 0)]  # only the contrary one has judged it
    found = fit(np.array(rows + alone), n_units=81, n_classes=2)
    assert found.accuracy[3] < 0.1
    assert found.high[3] < found.low[0]
    assert found.posterior[80, 1] > 0.9
    assert bearing(found.confusion)[3] > 0.5


def test_a_rater_who_always_says_the_same_bears_nothing():
    rng = np.random.default_rng(5)
    truth = rng.integers(2, size=200)
    rows = [(u, r, truth[u] if r < 3 else 0) for u in range(200) for r in range(4)]
    found = fit(np.array(rows), n_units=200, n_classes=2)
    assert found.confusion[3, 1, 0] > 0.98
    assert bearing(found.confusion)[3] < 0.01 < 0.5 < bearing(found.confusion)[0]


@unhurried
@given(votes, st.sampled_from(["empirical", "uniform"]))
def test_what_comes_out_is_well_formed(rows, prior):
    found = fit(rows, class_prior=prior)
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((4, 3)), abs=1e-5)
    assert ((found.accuracy > 0) & (found.accuracy < 1)).all()
    assert ((found.low <= found.accuracy) & (found.accuracy <= found.high)).all()
    assert found.votes.sum() + found.duplicates == len(rows)


@unhurried
@given(votes)
def test_the_order_of_votes_does_not_matter(rows):
    assert (fit(rows).posterior == fit(rows[::-1]).posterior).all()


@unhurried
@given(votes)
def test_turning_comparisons_round_turns_their_posteriors_and_nothing_else(rows):
    turned = np.array([1, 0, 1, 1, 0, 0], dtype=bool)
    mirrored = rows.copy()
    at = turned[rows[:, 0]]
    mirrored[at, 2] = 2 - rows[at, 2]
    straight, other = fit(rows, mirror=(2, 1, 0)), fit(mirrored, mirror=(2, 1, 0))
    expected = np.where(turned[:, None], straight.posterior[:, ::-1], straight.posterior)
    assert other.posterior == pytest.approx(expected, abs=1e-5)
    assert other.confusion == pytest.approx(straight.confusion, abs=1e-5)


def test_nobody_has_voted():
    found = fit(np.zeros((0, 3), dtype=np.int64))
    assert found.posterior.tolist() == [[0.333333] * 3] * 6
    assert found.confusion[0].tolist() == [
        [0.833333, 0.083333, 0.083333],
        [0.083333, 0.833333, 0.083333],
        [0.083333, 0.083333, 0.833333],
    ]
