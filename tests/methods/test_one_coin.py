"""One-coin EM on six public label sets with gold, and what must hold on any votes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from curation.methods.labels import accuracy_against
from curation.methods.one_coin import one_coin, vote_weight
from tests.methods.label_sets import label_set

# A busy machine is no defect.
unhurried = settings(deadline=None)

FIGURES = {
    "rte": (0.925, 0.925),
    "bluebird": (0.713, 0.722),
    "music_genre": (0.793, 0.799),
    "sentiment_popularity_amt": (0.944, 0.944),
    "weather_sentiment_amt": (0.857, 0.850),
    "face": (0.615, 0.628),
}

votes = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), max_size=25
).map(lambda rows: np.array(rows, dtype=np.int64).reshape(-1, 3))


def fit(rows, **options):
    options = {"n_units": 6, "n_raters": 4, "n_classes": 3} | options
    return one_coin(rows[:, 0], rows[:, 1], rows[:, 2], **options)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("prior", ["empirical", "uniform"])
def test_accuracy_against_gold_is_the_measured_one(name, prior):
    given = label_set(name)
    found = one_coin(*given.columns, **given.sizes, class_prior=prior)
    assert found.converged
    right = accuracy_against(found.posterior[given.judged], given.truth)
    assert right == pytest.approx(FIGURES[name][prior == "uniform"], abs=0.005)


def test_exact_duplicates_are_reported_and_count_once():
    given = label_set("weather_sentiment_amt")
    assert one_coin(*given.columns, **given.sizes).duplicates == 5
    once = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 2]])
    twice = once[[0, 0, 1, 2, 2]]
    assert fit(twice).duplicates == 2
    assert (fit(twice).posterior == fit(once).posterior).all()
    assert (fit(twice).votes == fit(once).votes).all()


def test_two_agreeing_votes_of_unknown_people_are_as_sure_as_their_prior():
    # MAP accuracy starts at the prior's mode, 7/8, and two agreeing votes move it up.
    found = fit(np.array([[0, 0, 0], [0, 1, 0]]), n_classes=2, class_prior="uniform")
    assert 0.98 < found.posterior[0, 0] < 1


def test_a_rater_who_contradicts_the_others_is_found_out():
    rng = np.random.default_rng(3)
    truth = rng.integers(2, size=60)
    rows = [(u, r, truth[u] if r < 3 else 1 - truth[u]) for u in range(60) for r in range(4)]
    found = fit(np.array(rows), n_units=60, n_classes=2)
    assert found.accuracy[:3].min() > 0.9
    assert found.accuracy[3] < 0.2
    assert found.high[3] < found.low[0]
    assert vote_weight(found.accuracy, 2)[3] == 0


@unhurried
@given(votes, st.sampled_from(["empirical", "uniform"]))
def test_what_comes_out_is_well_formed(rows, prior):
    found = fit(rows, class_prior=prior)
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    assert ((found.accuracy > 0) & (found.accuracy < 1)).all()
    assert ((found.low <= found.accuracy) & (found.accuracy <= found.high)).all()
    assert found.votes.sum() + found.duplicates == len(rows)


@unhurried
@given(votes)
def test_turning_comparisons_round_turns_their_posteriors_and_nothing_else(rows):
    turned = np.array([1, 0, 1, 1, 0, 0], dtype=bool)
    mirrored = rows.copy()
    at = turned[rows[:, 0]]
    mirrored[at, 2] = 2 - rows[at, 2]
    straight, other = fit(rows, mirror=(2, 1, 0)), fit(mirrored, mirror=(2, 1, 0))
    expected = np.where(turned[:, None], straight.posterior[:, ::-1], straight.posterior)
    assert other.posterior == pytest.approx(expected, abs=2e-6)
    assert other.accuracy == pytest.approx(straight.accuracy, abs=2e-6)


@unhurried
@given(votes)
def test_names_of_raters_do_not_matter(rows):
    renamed = rows.copy()
    renamed[:, 1] = 3 - rows[:, 1]
    straight, other = fit(rows), fit(renamed)
    assert other.posterior == pytest.approx(straight.posterior, abs=2e-6)
    assert other.accuracy[::-1] == pytest.approx(straight.accuracy, abs=2e-6)


def test_a_rater_without_votes_has_the_prior():
    found = fit(np.zeros((0, 3), dtype=np.int64))
    assert found.accuracy.tolist() == [0.875] * 4
    assert found.low[0] == pytest.approx(beta.ppf(0.025, 8, 2), abs=1e-6)
    assert found.posterior.tolist() == [[0.333333] * 3] * 6
